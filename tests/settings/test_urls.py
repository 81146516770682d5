from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.settings.urls import address_problem, cleartext_proxy_problem, proxy_for, shop_root


@pytest.mark.parametrize(
    ("store_url", "root"),
    [
        ("shop.example.com", "https://shop.example.com"),
        (" https://shop.example.com/ ", "https://shop.example.com"),
        ("shop.example.com:8443", "https://shop.example.com:8443"),
        ("shop.example.com/outlet/", "https://shop.example.com/outlet"),
        ("https://shop.example.com/index.php", "https://shop.example.com/index.php"),
        ("https://shop.example.com/index.php/rest/V1/orders", "https://shop.example.com/index.php"),
        ("https://shop.example.com/rest", "https://shop.example.com"),
        ("https://shop.example.com/rest/default/V1/orders?searchCriteria=", "https://shop.example.com"),
        ("https://shop.example.com/?utm=1#top", "https://shop.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://na1.api.commerce.adobe.com/Tenant1", "https://na1.api.commerce.adobe.com/Tenant1"),
        ("https://na1.api.commerce.adobe.com/Tenant1/V1/orders", "https://na1.api.commerce.adobe.com/Tenant1"),
        ("https://shop.example.com/restaurant", "https://shop.example.com/restaurant"),
    ],
)
def test_any_form_of_the_address_will_do(store_url: str, root: str) -> None:
    assert shop_root(store_url) == root


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example\\.localhost",
        "http://evil.example%5c.localhost",
        "http://evil.example\t.localhost",
        "http://evil.example\n.localhost",
        "http://evil.example\u200b.localhost",
        "http://evil .localhost",
        "http://\ud800.localhost",
        "http://a..localhost",
        "http://.localhost",
        f"http://{'a' * 64}.localhost",
        "http://localhost:99999",
        "http://localhost:port",
        "http://[::1",
        "https://",
        "https:///localhost",
        "ftp://localhost",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_two_parsers_may_read_differently_are_none(url: str) -> None:
    assert address_problem("store_url", url, allow_http=True) == "`store_url` is not a valid http or https URL"


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("http://localhost:8080", False),
        ("http://shop.localhost", False),
        ("http://LOCALHOST", False),
        ("http://127.8.8.8/shop", False),
        ("http://[::1]:8080", False),
        ("http://evil.example#.localhost", True),
        ("http://evil.example?.localhost", True),
        ("http://localhost.evil.example", True),
        ("http://localhost%2eevil.example", True),
        ("http://notlocalhost", True),
        ("http://0.0.0.0", True),
        ("http://[::2]", True),
        ("HTTP://evil.example", True),
    ],
)
def test_only_this_machine_is_reached_without_encryption(url: str, *, is_refused: bool) -> None:
    assert bool(address_problem("store_url", url, allow_http=False)) is is_refused
    assert address_problem("store_url", url, allow_http=True) is None


@given(
    st.text(max_size=20), st.sampled_from(["", "http://", "http://evil.example", "https://a@"]), st.text(max_size=10)
)
def test_what_is_let_through_goes_where_the_check_looked(start: str, middle: str, end: str) -> None:
    url = f"{middle}{start}.localhost{end}"
    if address_problem("store_url", url, allow_http=False) is None:
        sent = requests.Request("GET", f"{shop_root(url)}/rest").prepare().url or ""
        host = (urlsplit(sent).hostname or "").strip(".")
        assert sent.startswith("https://") or host == "localhost" or host.endswith(".localhost")


@pytest.mark.parametrize(
    ("url", "proxy", "allow_http", "is_refused"),
    [
        ("http://127.0.0.1:8080", None, False, False),
        ("http://127.0.0.1:8080", "http://127.0.0.1:3128", False, False),
        ("http://127.0.0.1:8080", "localhost:3128", False, False),
        ("http://127.0.0.1:8080", "http://proxy.example.com:3128", False, True),
        ("http://127.0.0.1:8080", "proxy.example.com:3128", False, True),
        ("http://127.0.0.1:8080", "http://proxy.example.com\\.localhost", False, True),
        ("http://127.0.0.1:8080", "http://proxy.example.com:3128", True, False),
        ("https://shop.example.com", "http://proxy.example.com:3128", False, False),
    ],
)
def test_no_other_machine_s_proxy_sees_credentials(
    url: str, proxy: str | None, *, allow_http: bool, is_refused: bool
) -> None:
    assert bool(cleartext_proxy_problem("store_url", url, proxy, allow_http=allow_http)) is is_refused


def test_the_proxy_is_the_setting_or_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example.com:1")
    monkeypatch.setenv("no_proxy", "localhost")
    assert proxy_for("http://shop.example.com", "http://mine:2") == "http://mine:2"
    assert proxy_for("http://shop.example.com", None) == "http://proxy.example.com:1"
    assert proxy_for("http://localhost", None) is None
