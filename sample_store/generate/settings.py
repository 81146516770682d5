"""The small lists every shop has: customer groups, pages and checkout agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sample_store.php import Row
    from sample_store.shop import Shop

_GROUPS = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")
_PAGES = ("no-route", "home", "about-us", "customer-service")
_BLOCKS = ("footer-links", "sale-left")


def add_settings(shop: Shop, at: Callable[[float], str]) -> None:
    """Put them all.

    Args:
        shop: The shop.
        at: Writes a time that many days ago.
    """
    groups = [
        {"id": key, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"}
        for key, code in enumerate(_GROUPS)
    ]
    pages = [
        _page(key, name, at) | {"page_layout": "1column", "content_heading": name.title(), "sort_order": "0"}
        for key, name in enumerate(_PAGES, start=1)
    ]
    shop.put_all("customer_groups", groups)
    shop.put_all("cms_pages", pages)
    shop.put_all("cms_blocks", [_page(key, name, at) for key, name in enumerate(_BLOCKS, start=1)])
    shop.put_all(
        "checkout_agreements", [_agreement(1, "Terms", is_html=True), _agreement(2, "Widerruf", is_html=False)]
    )


def _page(key: int, identifier: str, at: Callable[[float], str]) -> Row:
    return {
        "id": key,
        "identifier": identifier,
        "title": identifier.replace("-", " ").title(),
        "content": f"<p>{identifier}</p>",
        "creation_time": at(300 - key),
        "update_time": at(20 * key),
        "active": key % 4 > 0,
    }


def _agreement(key: int, name: str, *, is_html: bool) -> Row:
    return {
        "agreement_id": key,
        "name": name,
        "content": f"<p>{name} für alle</p>" if is_html else f"{name} für alle",
        "checkbox_text": f"I accept: {name}",
        "is_active": True,
        "is_html": is_html,
        "mode": key - 1,
    }
