"""No secret comes out: every byte that the tap prints through all faults is searched for them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import pytest

from sample_store import Shop, serve
from sample_store.faults import Kind
from tap_magento.settings.schema import secrets_in
from tests.support.in_process import discover, selecting
from tests.support.ways_in import WAYS, way_in

pytestmark = pytest.mark.slow

FAULTS = [
    {"kind": kind, "path": "V1/", "times": None, "location": "https://elsewhere.example.com/login", "seconds": 1.5}
    for kind in get_args(Kind)
    if kind not in {"bad_row", "token_expired"}
]
EXPIRED = {"kind": "token_expired", "path": "V1/orders"}
TEMPER = {"retry_timeout": 0, "request_timeout": 1, "headers": {"X-Key": "opens the firewall"}}


CUSTOMER = "a.customer@example.com"


def scan(output: bytes, secrets: list[str]) -> None:
    spellings = {
        spelling for secret in secrets for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    for spelling in spellings:
        assert spelling.encode() not in output, spelling
    token = re.search(rb"eyJ[\w-]+\.eyJ", output)
    assert token is None, output[max(0, token.start() - 200) : token.end()]


def _shop() -> Shop:
    shop = Shop.empty()
    moment = "2026-01-01 00:00:00"
    shop.put("orders", {"entity_id": 1, "updated_at": moment, "created_at": moment, "customer_email": CUSTOMER})
    return shop


def wrong(config: dict[str, Any]) -> dict[str, Any]:
    """Give the same settings with other secrets."""
    changed = {"password": "wrong pass/word", "client_secret": "wrong-client-secret", "consumer_secret": "y" * 32}
    return {name: changed.get(name, value) for name, value in config.items()}


def test_nothing_that_is_printed_holds_a_secret(tmp_path: Path) -> None:
    # With a catalog, faults strike the reading; without one the discovery, which most of them end.
    few = tmp_path / "catalog.json"
    names = ["orders", "websites"]
    catalog = selecting(discover({"store_url": "https://shop.example.com"}, validate_config=False), names)
    catalog["streams"] = [entry for entry in catalog["streams"] if entry["tap_stream_id"] in names]
    few.write_text(json.dumps(catalog), encoding="utf-8")
    runs: list[dict[str, Any]] = []
    secrets: list[str] = []
    with ExitStack() as stack:
        clouds = []
        for way in WAYS:
            server = stack.enter_context(serve(_shop()))
            config = {**way_in(server, way), **TEMPER}
            clouds.append(server.shop.accounts.cloud)
            faults = FAULTS if way in {"password", "oauth1"} else FAULTS[:2]
            options = [] if way == "password" else ["--catalog", str(few)]
            run = {"server": server.url, "config": config, "faults": [], "options": [options]}
            runs += [
                {**run, "options": [[], ["--test"], ["--about"], ["--discover"]]},
                {**run, "config": wrong(config)},
                {**run, "config": {**config, "page_size": "many"}},
                {**run, "broken": True},
                {**run, "faults": [EXPIRED]},
                *({**run, "faults": [fault]} for fault in faults),
            ]
            secrets += [*secrets_in(config), *secrets_in(wrong(config))]
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.talkative"],
            input=json.dumps(runs).encode(),
            capture_output=True,
            env={**os.environ, "TAP_MAGENTO_LOGLEVEL": "DEBUG"},
            check=False,
        )
        secrets += [token for cloud in clouds if cloud for token in cloud._tokens]
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    output = done.stdout + done.stderr
    # The search is worth something: all runs came to their ends, talked, and had something struck out.
    ends = re.findall(rb"(?m)^exit (\w+)$", done.stderr)
    assert len(ends) == sum(len(run["options"]) for run in runs)
    assert {b"0", b"1"} <= set(ends)
    assert b"oauth_signature" in output
    assert b"RuntimeError" in output
    assert output.count(b"(redacted)") > 50
    assert len(secrets) > 20
    scan(output, secrets)
    # Nor do the logs repeat what a shop answers.
    assert CUSTOMER.encode() in done.stdout
    assert CUSTOMER.encode() not in done.stderr


@pytest.mark.parametrize("secret", ["in plain sight", "50% off&more"])
def test_the_search_finds_what_it_is_for(secret: str) -> None:
    with pytest.raises(AssertionError):
        scan(f"before {quote(secret, safe='')} after".encode(), [secret])
