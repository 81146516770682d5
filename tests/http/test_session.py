from __future__ import annotations

import pytest
import requests

from sample_store import ServerOptions, Shop, serve
from tap_magento.http.session import session_for


@pytest.mark.parametrize("compress", [True, False])
def test_bodies_are_read_in_large_pieces_and_are_the_same(compress: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    shop = Shop.generate(orders=20)
    asked: list[int | None] = []
    original = requests.Response.iter_content

    def iter_content(self: requests.Response, chunk_size: int | None = 1, decode_unicode: bool = False) -> object:  # noqa: FBT001, FBT002
        asked.append(chunk_size)
        return original(self, chunk_size, decode_unicode)

    with serve(shop, options=ServerOptions(compress=compress)) as server:
        url = f"{server.url}/rest/all/V1/orders?searchCriteria[pageSize]=20"
        headers = {"Authorization": f"Bearer {shop.token()}"}
        usual = requests.get(url, headers=headers, timeout=10)
        monkeypatch.setattr(requests.Response, "iter_content", iter_content)
        ours = session_for({"store_url": server.url, "verify_ssl": True}, headers, connections=1).get(url, timeout=10)
    assert ours.json()["items"] == usual.json()["items"]
    assert [piece for piece in asked if piece is not None and piece < 2**16] == []
