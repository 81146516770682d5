"""The small lists every shop has: customer groups, taxes, rules, stocks and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.shop import Shop


def add_settings(shop: Shop) -> None:
    """Put them all."""
    now = shop.now()
    lists: dict[str, list[Row]] = {
        "customer_groups": [
            {"id": key, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"}
            for key, code in enumerate(("NOT LOGGED IN", "General", "Wholesale", "Retailer"))
        ],
        "tax_classes": [
            {"class_id": 2, "class_name": "Taxable Goods", "class_type": "PRODUCT"},
            {"class_id": 3, "class_name": "Retail Customer", "class_type": "CUSTOMER"},
        ],
        "tax_rates": [
            _rate(1, "DE", 0, 19, "DE-*"),
            _rate(2, "US", 33, 8.25, "US-MI-*"),
        ],
        "tax_rules": [
            {
                "id": 1,
                "code": "Sales tax",
                "priority": 0,
                "position": 0,
                "customer_tax_class_ids": [3],
                "product_tax_class_ids": [2],
                "tax_rate_ids": [1, 2],
                "calculate_subtotal": False,
            }
        ],
        "sales_rules": [_rule(1, "Welcome", 10), _rule(2, "Summer sale", 20)],
        "coupons": [
            {
                "coupon_id": key,
                "rule_id": key,
                "code": code,
                "usage_limit": 0,
                "usage_per_customer": 0,
                "times_used": 0,
                "is_primary": True,
                "created_at": now,
                "type": 0,
            }
            for key, code in enumerate(("WELCOME", "SUMMER"), start=1)
        ],
        "sources": [
            {
                "source_code": code,
                "name": name,
                "enabled": True,
                "country_id": country,
                "postcode": "00000",
                "use_default_carrier_config": True,
                "carrier_links": [],
                "extension_attributes": {"is_pickup_location_active": False, "frontend_name": ""},
            }
            for code, name, country in (
                ("default", "Default Source", "US"),
                ("berlin", "Lager Berlin", "DE"),
            )
        ],
        "stocks": [
            {
                "stock_id": 1,
                "name": "Default Stock",
                "extension_attributes": {"sales_channels": [{"type": "website", "code": "base"}]},
            }
        ],
        "stock_source_links": [
            {"link_id": key, "stock_id": 1, "source_code": code, "priority": key}
            for key, code in enumerate(("default", "berlin"), start=1)
        ],
        "cms_pages": [
            _page(key, name, now) | {"page_layout": "1column", "content_heading": name.title(), "sort_order": "0"}
            for key, name in enumerate(("no-route", "home", "about-us"), start=1)
        ],
        "cms_blocks": [_page(key, name, now) for key, name in enumerate(("footer-links", "sale-left"), start=1)],
    }
    for name, rows in lists.items():
        shop.put_all(name, rows)


def _rate(key: int, country: str, region: int, rate: float, code: str) -> Row:
    return {
        "id": key,
        "tax_country_id": country,
        "tax_region_id": region,
        "tax_postcode": "*",
        "rate": rate,
        "code": code,
        "titles": [],
    }


def _rule(key: int, name: str, percent: int) -> Row:
    condition = "Magento\\SalesRule\\Model\\Rule\\Condition\\Combine"
    return {
        "rule_id": key,
        "name": name,
        "store_labels": [],
        "description": "",
        "website_ids": [1, 2],
        "customer_group_ids": [0, 1, 2, 3],
        "uses_per_customer": 0,
        "is_active": True,
        "condition": {
            "condition_type": condition,
            "aggregator_type": "all",
            "operator": None,
            "value": "1",
        },
        "stop_rules_processing": False,
        "is_advanced": True,
        "sort_order": key,
        "simple_action": "by_percent",
        "discount_amount": percent,
        "discount_step": 0,
        "apply_to_shipping": False,
        "times_used": 0,
        "is_rss": False,
        "coupon_type": "SPECIFIC_COUPON",
        "use_auto_generation": False,
        "uses_per_coupon": 0,
        "simple_free_shipping": "0",
    }


def _page(key: int, identifier: str, now: str) -> Row:
    return {
        "id": key,
        "identifier": identifier,
        "title": identifier.replace("-", " ").title(),
        "content": f"<p>{identifier}</p>",
        "creation_time": now,
        "update_time": now,
        "active": True,
    }
