"""The SDK's own tests of a tap, and its command line, against the sample store."""

from __future__ import annotations

import atexit
import json
import socket
from contextlib import ExitStack
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner
from singer_sdk import Stream
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from typing_extensions import override

from sample_store import Shop, serve
from tap_magento.tap import TapMagento

# The sample store does not fill every field that a shop may have.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records"),
    pytest.mark.filterwarnings("ignore:No records were available to test"),
]

_SHOP = Shop.generate(orders=30)
# The suite is made when tests are collected, and asks the shop for its schema then already.
_running = ExitStack()
atexit.register(_running.close)
CONFIG: dict[str, Any] = {
    "store_url": _running.enter_context(serve(_SHOP)).url,
    "username": _SHOP.username,
    "password": _SHOP.password,
}


#: Streams of which the sample shop has no rows, and those that a first run writes none of.
EMPTY = {"credit_memo_comments", "deletions", "product_stock_items"}


class EveryStreamTap(TapMagento):
    """The tap with all streams that have rows selected: the suite reads those too that are not by default."""

    @override
    def discover_streams(self) -> list[Stream]:
        streams = [stream for stream in super().discover_streams() if stream.name not in EMPTY]
        for stream in streams:
            stream.selected_by_default = True
        return streams


TestTapMagento = get_tap_test_class(EveryStreamTap, config=CONFIG, suite_config=SuiteConfig(max_records_limit=150))


def test_discovery_needs_no_network_and_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("discovery asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    result = CliRunner().invoke(TapMagento.cli, ["--discover"])
    assert result.exit_code == 0, result.output
    catalog = json.loads(result.stdout)
    assert {"orders", "order_items", "products"} <= {stream["tap_stream_id"] for stream in catalog["streams"]}
    assert all(stream["key_properties"] for stream in catalog["streams"])


def test_about_tells_every_setting() -> None:
    result = CliRunner().invoke(TapMagento.cli, ["--about", "--format=json"])
    assert result.exit_code == 0, result.output
    about = json.loads(result.stdout)
    assert TapMagento.config_jsonschema["properties"].keys() <= about["settings"]["properties"].keys()


def test_the_connection_can_be_tested(tmp_path: Any) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    result = CliRunner().invoke(TapMagento.cli, ["--config", str(config), "--test"])
    assert result.exit_code == 0, result.output
