"""`make airbyte`: Airbyte's own programs against the sample store.

The CDK's standard tests, then PyAirbyte (`registries.airbyte.reads`). Both come in virtual environments of their own:
their packages contradict the tap's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.places import cluster_of
from demo.postgres import running
from registries.airbyte.forwarding import listening
from registries.airbyte.pyairbyte import HERE, HOME, PROGRAM, PyAirbyte, config_for
from registries.airbyte.reads import read_after_kills, read_in_vain, read_twice
from sample_store import Shop, serve

CONNECTOR = HERE / "source-magento"
# PyAirbyte does not install on Python 3.13.
PACKAGES = {"cdk": ["airbyte-cdk==7.39.1", "pytest"], "pyairbyte": ["airbyte==0.71.3"]}
ORDERS = 300


def main() -> None:
    """Install, then run the tests and the reads; fail with the first that fails."""
    with _timed("installed"):
        for name, packages in PACKAGES.items():
            _install(name, packages)
    with _timed("standard tests"):
        _run_standard_tests()
    caches = HOME / "caches"
    shutil.rmtree(caches, ignore_errors=True)
    with running(cluster_of(HOME), fresh=True) as database, listening(database.folder / ".s.PGSQL.5432") as port:
        for prove in (read_twice, read_after_kills, read_in_vain):
            name = prove.__name__
            with _timed(name.replace("_", " ")):
                duckdb = PyAirbyte("DuckDB", f"{caches / name}.duckdb", caches / name)
                postgres = PyAirbyte("PostgreSQL", f"127.0.0.1,{port},{name}", caches / name)
                prove(duckdb, postgres)


def _install(name: str, packages: list[str]) -> None:
    python = HOME / name / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, HOME / name], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)


def _run_standard_tests() -> None:
    options = [
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={CONNECTOR}",
        "-m",
        "not image_tests",
    ]
    options += ["-W", "error::airbyte_cdk.test.standard_tests.DiscoveredCatalogWarning"]
    with serve(Shop.generate(ORDERS, module=True)) as server:
        (CONNECTOR / "secrets").mkdir(exist_ok=True)
        wrong = config_for(server, password="not-the-password")
        for name, content in (("config", config_for(server)), ("wrong_password", wrong)):
            (CONNECTOR / "secrets" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        subprocess.run(
            [HOME / "cdk" / "bin" / "python", "-m", "pytest", *options, CONNECTOR / "tests"],
            cwd=CONNECTOR,
            env={**os.environ, "SOURCE_MAGENTO": str(PROGRAM)},
            check=True,
        )


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
