"""Taxes and cart price rules: who pays how much more, and how much less."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sample_store.php import Row
    from sample_store.shop import Shop

_CONDITION = "Magento\\SalesRule\\Model\\Rule\\Condition\\"


def add_rules(shop: Shop, at: Callable[[float], str]) -> None:
    """Put tax classes, rates and rules, cart price rules and coupons.

    Args:
        shop: The shop.
        at: Writes a time that many days ago.
    """
    lists: dict[str, list[Row]] = {
        "tax_classes": [
            {"class_id": 2, "class_name": "Taxable Goods", "class_type": "PRODUCT"},
            {"class_id": 3, "class_name": "Retail Customer", "class_type": "CUSTOMER"},
        ],
        "tax_rates": [
            _rate(1, "DE", 19, "DE-*") | {"titles": [{"store_id": "3", "value": "Mehrwertsteuer"}]},
            _rate(2, "US", 8.25, "US-MI-*") | {"tax_region_id": 33, "region_name": "MI"},
            _rate(3, "US", 8.375, "US-NY-*") | {"tax_region_id": 43, "region_name": "NY"},
        ],
        "tax_rules": [_tax_rule(1, "Sales tax", [2, 3]), _tax_rule(4, "VAT", [1])],
        "sales_rules": [
            _rule(1, "Welcome", 10, labels={0: "Welcome", 3: "Willkommen"}) | {"coupon_type": "SPECIFIC_COUPON"},
            _rule(2, "Summer sale", 20) | {"coupon_type": "SPECIFIC_COUPON", "from_date": at(90)[:10]},
            _rule(4, "Buy three", 0, conditions=_tree()) | {"simple_action": "buy_x_get_y", "discount_step": 3},
        ],
        "coupons": [_coupon(1, 1, "WELCOME", at(150)), _coupon(2, 2, "SUMMER", at(90)), _coupon(5, 2, "SUN-1", at(9))],
    }
    for name, rows in lists.items():
        shop.put_all(name, rows)


def _rate(key: int, country: str, rate: float, code: str) -> Row:
    return {
        "id": key,
        "tax_country_id": country,
        "tax_region_id": 0,
        "tax_postcode": "*",
        "rate": rate,
        "code": code,
        "titles": [],
    }


def _tax_rule(key: int, code: str, rates: list[int]) -> Row:
    return {
        "id": key,
        "code": code,
        "priority": 0,
        "position": 0,
        "customer_tax_class_ids": [3],
        "product_tax_class_ids": [2],
        "tax_rate_ids": rates,
        "calculate_subtotal": False,
    }


def _rule(
    key: int, name: str, percent: int, labels: dict[int, str] | None = None, conditions: Sequence[Row] = ()
) -> Row:
    return {
        "rule_id": key,
        "name": name,
        "store_labels": [{"store_id": store, "store_label": label} for store, label in (labels or {}).items()],
        "description": "",
        "website_ids": [1, 2],
        "customer_group_ids": [0, 1, 2, 3],
        "uses_per_customer": 0,
        "is_active": True,
        "condition": _all_of("Combine", conditions),
        "action_condition": _all_of("Product\\Combine"),
        "stop_rules_processing": False,
        "is_advanced": True,
        "sort_order": key,
        "simple_action": "by_percent",
        "discount_amount": percent,
        "discount_step": 0,
        "apply_to_shipping": False,
        "times_used": 0,
        "is_rss": False,
        "coupon_type": "NO_COUPON",
        "use_auto_generation": False,
        "uses_per_coupon": 0,
        "simple_free_shipping": "0",
    }


def _all_of(kind: str, conditions: Sequence[Row] = ()) -> Row:
    """Write a node of a condition tree; one without conditions has no list of them."""
    node: Row = {"condition_type": f"{_CONDITION}{kind}"}
    if conditions:
        node["conditions"] = [*conditions]
    return node | {"aggregator_type": "all", "operator": None, "value": "1"}


def _tree() -> list[Row]:
    """Write conditions as deep as the shop's own form allows: three pieces, one of them a bag."""
    bag = {
        "condition_type": f"{_CONDITION}Product",
        "operator": "==",
        "attribute_name": "category_ids",
        "value": "3",
    }
    pieces = {"condition_type": f"{_CONDITION}Address", "operator": ">=", "attribute_name": "total_qty", "value": 3}
    return [pieces, _all_of("Product\\Found", [bag])]


def _coupon(key: int, rule: int, code: str, created: str) -> Row:
    return {
        "coupon_id": key,
        "rule_id": rule,
        "code": code,
        "usage_limit": 0,
        "usage_per_customer": 0,
        "times_used": 0,
        "is_primary": key == rule,
        "created_at": created,
        "type": int(key != rule),
    }
