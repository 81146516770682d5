"""The commands of README, run as they stand in an empty directory beside a checkout: `make readme`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo.places import ROOT
from demo.postgres import Database
from sample_store import Server, Shop, serve
from tests.support.ways_in import way_in

BLOCKS: list[tuple[str, str]] = re.findall(
    r"(?ms)^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8")
)
COMMANDS: list[str] = [text for language, text in BLOCKS if language == "sh"]
PROJECT = next(text for language, text in BLOCKS if language == "yaml" and "extractors:" in text)
VARIABLES = [line.partition("=")[0] for language, text in BLOCKS if language == "dotenv" for line in text.split()]
PIPELINE = "meltano run tap-magento target-postgres"


def block(part: str) -> str:
    """The one block of commands that a text is part of."""
    (found,) = (text for text in COMMANDS if part in text)
    return found


MELTANO = (
    "meltano init shop",
    "meltano invoke tap-magento --test",
    "--from-ref",
    "--refresh-catalog",
    "kill -INT",
    "state clear",
    "schedule run",
)
PLAIN = ("-m venv tap", "pipefail")
DEMO = ("make demo     #", "demo sql", "MAGENTO_URL")


def test_every_command_of_the_readme_is_run() -> None:
    assert sorted(map(block, MELTANO + PLAIN + DEMO)) == sorted(COMMANDS)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=300)) as server:
        yield server


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a shell has that knows nothing of this project; the checkout lies in the directory."""
    (tmp_path / "tap-magento").symlink_to(ROOT)
    prefixes = ("TAP_MAGENTO_", "TARGET_", "MELTANO_", "VIRTUAL_ENV")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**inherited, "MELTANO_CLI_DISABLE_VERSION_CHECK": "1"}


@pytest.mark.readme
def test_a_meltano_project(tmp_path: Path, server: Server, database: Database, environment: dict[str, str]) -> None:
    own = replace(database, schema="magento")
    project = tmp_path / "shop"
    run(block("meltano init shop"), tmp_path, environment)
    with (project / "meltano.yml").open("a") as file:
        file.write(PROJECT)
    values = {f"TAP_MAGENTO_{name.upper()}": value for name, value in way_in(server, "oauth1").items()}
    values["TARGET_POSTGRES_SQLALCHEMY_URL"] = database.sqlalchemy_url
    assert set(values) == set(VARIABLES)
    write_environment(project, values)

    function, _, _ = block("invoke tap-magento --test").partition("\n")
    output = run(block("invoke tap-magento --test"), project, environment)
    assert re.search(r"orders +yes", output)
    assert output.count("Block run completed") == 2
    assert json.loads(output.splitlines()[-1])["singer_state"]["bookmarks"]["orders"]["replication_key_value"]
    assert loaded(own) == {row["entity_id"] for row in server.shop.rows("orders")}
    assert "[info     ] tap-magento  METRIC" not in output

    for each in ("--refresh-catalog", "schedule run"):
        assert "Block run completed" in run(f"{function}\n{block(each)}", project, environment)

    # A setting by environment alone takes effect, as all are declared.
    refused = run(PIPELINE, project, {**environment, "TAP_MAGENTO_STORE_CODE": "nope"}, function, code=1)
    assert "nope" in refused
    assert "Traceback" not in refused

    # Stopped by README's command in the middle of a refresh, the next run resumes.
    clear, again = block("state clear").splitlines()
    run(clear, project, environment, function)
    write_environment(project, {**values, "TAP_MAGENTO_PAGE_SIZE": "10", "TAP_MAGENTO_REQUESTS_PER_MINUTE": "60"})
    stopped = stop_by(block("kill -INT"), again, project, environment, function)
    assert "[warning  ] tap-magento  Stopped by a signal in" in stopped
    write_environment(project, values)
    resumed = run(again, project, environment, function)
    assert re.search("resuming after|bookmark value: 2026", resumed)
    assert loaded(own) == {row["entity_id"] for row in server.shop.rows("orders")}


@pytest.mark.readme
def test_the_definition_added_by_reference(tmp_path: Path, server: Server, environment: dict[str, str]) -> None:
    run(block("meltano init shop"), tmp_path, environment)
    function, _, _ = block("invoke tap-magento --test").partition("\n")
    run(block("--from-ref"), tmp_path / "shop", environment, function)
    values = {f"TAP_MAGENTO_{name.upper()}": value for name, value in way_in(server, "oauth1").items()}
    write_environment(tmp_path / "shop", values)
    selected = run("meltano select tap-magento --list", tmp_path / "shop", environment, function)
    assert "orders" in selected
    assert "products" not in selected
    assert "valid" in run("meltano config test tap-magento", tmp_path / "shop", environment, function)


@pytest.mark.readme
def test_without_meltano(tmp_path: Path, server: Server, environment: dict[str, str]) -> None:
    sample = json.loads((ROOT / "sample_config.json").read_text())
    config = {**sample, **way_in(server, "oauth1")}
    assert config.keys() == sample.keys()
    install, fill_in, rest = block("-m venv tap").partition("cp tap-magento/sample_config.json config.json")
    (tmp_path / "config.json").write_text(json.dumps(config))
    run(install + rest.partition("\n")[2], tmp_path, environment)
    assert fill_in

    sync = block("pipefail")
    (tmp_path / "config.json").write_text(json.dumps({**config, "access_token_secret": "wrong"}))
    assert "Traceback" not in run(sync, tmp_path, environment, code=1)
    (tmp_path / "config.json").write_text(json.dumps(config))
    first = run(sync, tmp_path, environment)
    second = run(sync, tmp_path, environment)
    assert records_in(first) > 10 * records_in(second)


@pytest.mark.readme
def test_the_demonstration(server: Server) -> None:
    demo, _, tests = block("make demo     #").partition("make test")
    assert tests
    assert "Equal to the cent" in run(demo, ROOT, os.environ)
    query, serve_it = block("demo sql").splitlines()
    assert "increment_id" in run(query, ROOT, os.environ)
    command = serve_it.partition("#")[0].split()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("psql 'host=" in line for line in iter(process.stdout.readline, ""))
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM
    url = ("https://shop.example.com", server.url)
    with_token, with_password = block("MAGENTO_URL").replace(*url).splitlines()
    run(with_token.replace("...", server.shop.token()), ROOT, os.environ)
    own = with_password.replace("=tap", f"={server.shop.username}").replace("...", server.shop.password)
    assert "Rows loaded" in run(own, ROOT, os.environ)


def run(script: str, folder: Path, environment: Mapping[str, str], function: str = "", code: int = 0) -> str:
    """Run commands as a person does in a shell, each if those before it were right."""
    done = subprocess.run(
        ["bash", "-ec", f"{function}\n{script}"],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout[-6000:]
    return done.stdout


def stop_by(stop: str, script: str, folder: Path, environment: Mapping[str, str], function: str) -> str:
    """Run commands, and others in the middle that stop them."""
    command = ["bash", "-ec", f"{function}\n{script}"]
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Beginning sync of 'order_items'" in line:
                time.sleep(3)
                subprocess.run(["bash", "-ec", stop], cwd=folder, check=True)
    return "".join(lines)


def write_environment(project: Path, values: Mapping[str, Any]) -> None:
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def loaded(database: Database) -> set[int]:
    return {key for (key,) in database.query("SELECT entity_id FROM orders")}


def records_in(log: str) -> int:
    """The rows of the table that ends a run."""
    table = log.partition("Done:\n")[2].splitlines()[1:]
    counts = (re.match(r"\S+ +([\d,]+) ", line) for line in table)
    return sum(int(found[1].replace(",", "")) for found in counts if found)
