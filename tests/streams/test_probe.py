"""What a person learns of what may be read: from `--test` before, and from a run."""

from __future__ import annotations

import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sample_store import Fault, Server, ServerOptions, Shop, serve
from tap_magento.http.acl import PATHS, place_of
from tap_magento.settings import schema as settings
from tap_magento.settings import validation as checks
from tap_magento.streams import STREAMS
from tap_magento.streams import probe as access
from tap_magento.streams.probe import Finding
from tap_magento.streams.sales import Invoices
from tap_magento.streams.shop import describe
from tap_magento.tap import TapMagento
from tests.support.ways_in import WAYS, way_in

#: By the bundled schemas all streams are offered: a discovery offers what the credentials may read.
BUNDLED = {"schema_source": "bundled"}
SALES = frozenset({"Magento_Sales::actions_view", "Magento_Backend::store", "Magento_Backend::admin"})
INVOICES = (
    "the role of this user lacks Magento_Sales::sales_invoice (Sales > Operations > Invoices): grant it in the admin "
    "under System > Permissions > User Roles"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=12)) as server:
        yield server


def check(folder: Path, config: dict[str, Any], *options: str) -> Result:
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return CliRunner().invoke(TapMagento.cli, [*options, "--test", "--config", str(path)])


def selecting(folder: Path, *names: str) -> tuple[str, str]:
    """Write a catalog that selects some streams and deselects the others."""
    catalog = TapMagento(config={"store_url": "x", "access_token": "x", "schema_source": "bundled"}).catalog_dict
    for stream in catalog["streams"]:
        (top,) = [each for each in stream["metadata"] if not each["breadcrumb"]]
        top["metadata"]["selected"] = stream["tap_stream_id"] in names
    path = folder / "catalog.json"
    path.write_text(json.dumps(catalog), encoding="utf-8")
    return "--catalog", str(path)


def test_an_owner_sees_what_can_be_read(server: Server, tmp_path: Path) -> None:
    config = {**way_in(server, "password", SALES), **BUNDLED}
    offered = {name for name, stream in TapMagento(config=config).streams.items() if stream.selected}
    result = check(tmp_path, config)
    head, columns, *lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert head == f"{server.url} (Magento Open Source 2.4, 4 modules, 0 of them not Magento's)"
    assert columns.split() == ["stream", "read", "rows", "s/page", "audit", "what", "to", "do"]
    assert sorted(line.split()[0] for line in lines) == sorted(offered)
    by_name = {line.split()[0]: line for line in lines}
    assert by_name["orders"].split()[1:3] == ["yes", "12"]
    assert by_name["store_views"].split()[1] == "yes"
    assert " NO " in by_name["invoices"]
    assert by_name["invoices"].endswith(INVOICES)


def test_all_is_well(server: Server, tmp_path: Path) -> None:
    result = check(tmp_path, way_in(server, "password"))
    assert result.exit_code == 0, result.output
    assert " NO " not in result.stdout
    assert sum(each.method == "POST" for each in server.requests) == 1


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_can_be_checked(way: str, server: Server, tmp_path: Path) -> None:
    result = check(tmp_path, way_in(server, way))
    assert result.exit_code == 0, result.output
    assert "modules" in result.stdout.splitlines()[0]


def test_only_what_is_selected_counts(server: Server, tmp_path: Path) -> None:
    config = way_in(server, "password", SALES)
    result = check(tmp_path, config, *selecting(tmp_path, "orders"))
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()[2:]] == ["orders"]


def test_a_wrong_password_is_one_line_and_one_attempt(server: Server, tmp_path: Path) -> None:
    result = check(tmp_path, {**way_in(server, "password"), "password": "wrong-one"})
    assert result.exit_code == 1
    assert result.stdout == ""
    assert [each.path.rpartition("/")[2] for each in server.requests] == ["token"]


def test_a_module_that_the_shop_lacks(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Invoices, "path", "/V1/rmas")
    result = check(tmp_path, {**way_in(server, "token"), **BUNDLED})
    assert result.exit_code == 1
    assert "the shop has no such endpoint; its edition or version lacks the module: deselect" in result.stdout


def test_a_limit_of_the_page_size_is_a_remark(tmp_path: Path) -> None:
    with serve(Shop.generate(orders=12), options=ServerOptions(max_page_size=7)) as server:
        result = check(tmp_path, way_in(server, "token"), *selecting(tmp_path, "orders"))
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith("the shop serves at most 7 rows a page")


def test_a_shop_that_hides_its_version_and_its_modules(server: Server) -> None:
    client = TapMagento(config=way_in(server, "password", frozenset({"Magento_Sales::actions_view"}))).client
    server.faults.add(Fault("maintenance", path="magento_version"))
    assert describe(client) == server.url


def test_the_table_lines_up() -> None:
    findings = [
        Finding("orders", 1_234_567, 1.5, audit_requests=2),
        Finding("cms", problem="no right"),
        Finding("x", 1, 0.25, remark="r"),
    ]
    assert access.table(findings) == (
        "stream  read       rows  s/page  audit       what to do\n"
        "orders  yes   1,234,567    1.50  2 requests\n"
        "cms     NO                                   no right\n"
        "x       yes           1    0.25              r"
    )


@dataclass
class Output:
    """What a run wrote."""

    code: int
    messages: list[dict[str, Any]]
    records: dict[str, list[dict[str, Any]]]
    state: dict[str, Any]


def run(folder: Path, config: dict[str, Any]) -> Output:
    path = folder / "config.json"
    path.write_text(json.dumps({**config, **BUNDLED}), encoding="utf-8")
    result = CliRunner().invoke(TapMagento.cli, ["--config", str(path)])
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in messages:
        if each["type"] == "RECORD":
            records[each["stream"]].append(each["record"])
    states = [each["value"] for each in messages if each["type"] == "STATE"]
    return Output(result.exit_code, messages, records, states[-1] if states else {})


def told(caplog: pytest.LogCaptureFixture, level: int = logging.ERROR) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


def test_a_stream_without_its_right_fails_by_name_and_drags_no_other_down(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop = server.shop
    config = way_in(server, "password", frozenset(PATHS) - {"Magento_Sales::sales_invoice"})
    output = run(tmp_path, config)
    assert output.code == 1
    assert told(caplog) == [f"invoices: {INVOICES}"]
    assert len(output.records["orders"]) == len(shop.rows("orders"))
    assert len(output.records["products"]) == len(shop.rows("products"))
    assert output.records["websites"]
    assert not output.records["invoices"]
    bookmarks = output.state["bookmarks"]
    assert "replication_key_value" in bookmarks["orders"]
    assert "replication_key_value" not in bookmarks.get("invoices", {})


def test_it_may_be_skipped(server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = way_in(server, "password", frozenset(PATHS) - {"Magento_Sales::sales_invoice"})
    output = run(tmp_path, {**config, "on_missing_access": "skip"})
    assert output.code == 0
    assert told(caplog) == []
    assert told(caplog, logging.WARNING) == [f"invoices: {INVOICES}; left out, as `on_missing_access` is `skip`"]


def test_the_rows_of_a_stream_that_is_skipped_do_not_count_as_gone(server: Server, tmp_path: Path) -> None:
    config = way_in(server, "password", frozenset(PATHS) - {"Magento_Backend::store"})
    output = run(tmp_path, {**config, "on_missing_access": "skip", "emit_activate_version_messages": True})
    activated = {each["stream"] for each in output.messages if each["type"] == "ACTIVATE_VERSION"}
    assert {"attribute_options", "product_attributes", "countries", "regions"} <= activated
    assert not {"store_configs", "store_groups", "store_views", "websites"} & activated
    last = max(number for number, each in enumerate(output.messages) if each.get("stream") == "product_attributes")
    assert output.messages[last]["type"] == "ACTIVATE_VERSION"
    versions = {each.get("version") for each in output.messages if each.get("stream") == "product_attributes"}
    assert len(versions - {None}) == 1


def test_a_token_that_opens_nothing_is_told_once(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = way_in(server, "bearer")
    server.shop.accounts.integrations.as_bearer = False
    output = run(tmp_path, {**config, "on_missing_access": "skip"})
    assert output.code == 1
    (line,) = told(caplog)
    assert "enable_integration_as_bearer" in line
    assert output.records.keys() == {"countries", "regions", "currencies"}, "what everybody may read"


def test_streams_that_lack_the_same_are_told_together(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = way_in(server, "password", frozenset(PATHS) - {"Magento_Backend::store"})
    assert run(tmp_path, config).code == 1
    (line,) = told(caplog)
    assert line.startswith("store_configs, store_groups, store_views, websites: the role of this user lacks ")


def test_every_streams_right_has_its_place_in_the_admin() -> None:
    own = [stream for stream in STREAMS if stream.parent_stream_type is None and not stream.is_commerce]
    # Modules are for roles that may everything, which no box stands for.
    assert {stream.acl_resource for stream in own} - PATHS.keys() == {"anonymous", "Magento_Backend::admin"}


def test_places() -> None:
    assert place_of("Magento_Sales::actions_view") == (
        "Magento_Sales::actions_view (Sales > Operations > Orders > Actions > View)"
    )
    assert place_of("Acme_Shop::all") == "Acme_Shop::all"
    assert place_of("Magento_Cms::page,Acme_Shop::all") == (
        "Magento_Cms::page (Content > Elements > Pages), Acme_Shop::all"
    )


DOCUMENT = (Path(__file__).parents[2] / "docs" / "ACCESS.md").read_text(encoding="utf-8")


def test_the_document_says_where_each_right_is_given() -> None:
    needed = {stream.acl_resource for stream in STREAMS if stream.parent_stream_type is None}
    for resource in PATHS.keys() & needed:
        assert f"| {PATHS[resource]} | `{resource}` |" in DOCUMENT


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
def test_the_documents_examples_are_settings(example: str) -> None:
    config = settings.defaults() | json.loads(example)
    assert checks.problems(config, settings.CONFIG_SCHEMA) == []
