"""What a third-party module adds: extension attributes of sales, attributes of everything else.

Magento lets a module add to the sales entities by extension attributes only: the fields beside them
are the getters of an interface that is not the module's own (extension_attributes.xml). The vendor,
Acme, is made up; its definitions are named as Magento names those of any namespace but its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store.attributes import Attribute, Option

if TYPE_CHECKING:
    from sample_store.php import Row
    from sample_store.sale import Sale
    from sample_store.swagger import Definitions

DEFINITIONS: Definitions = {
    "sales-data-order-extension-interface": {
        "acme_delivery_on": "string",
        "acme_gift_wrap_fee": "number",
        "acme_is_express": "boolean",
        "acme_loyalty_points": "integer",
        "acme_slot": "acme-delivery-data-slot-interface",
        "acme_surcharges": "acme-delivery-data-surcharge-interface[]",
        "acme_tags": "string[]",
    },
    "sales-data-order-item-extension-interface": {
        "acme_engraving": "string",
        "acme_is_fragile": "boolean",
        "acme_lot": "acme-delivery-data-lot-interface",
        "acme_margin": "number",
        "acme_serials": "acme-delivery-data-serial-interface[]",
        "acme_warehouse_id": "integer",
    },
    "sales-data-invoice-extension-interface": {
        "acme_exported_at": "string",
        "acme_late_fee": "number",
        "acme_ledger_id": "integer",
    },
    "acme-delivery-data-slot-interface": {
        "slot_id": "*integer",
        "label": "string",
        "starts_at": "*string",
        "is_evening": "boolean",
        "depot": "acme-delivery-data-depot-interface",
    },
    "acme-delivery-data-depot-interface": {"code": "*string", "latitude": "number", "longitude": "number"},
    "acme-delivery-data-surcharge-interface": {"code": "*string", "amount": "*number", "is_taxable": "boolean"},
    "acme-delivery-data-lot-interface": {"number": "*string", "expires_on": "string"},
    "acme-delivery-data-serial-interface": {"serial": "*string", "scanned_at": "string", "attempts": "integer"},
}
"""What the shop's schema says of the module."""

PRODUCT_ATTRIBUTES = {
    300: Attribute("acme_deposit", "price", scope="website", user_defined=True),
    301: Attribute("acme_net_weight", "weight", user_defined=True),
    302: Attribute("acme_rating", "text", "decimal", "store", user_defined=True),
    303: Attribute("acme_shelf_days", "text", "int", user_defined=True),
    304: Attribute("acme_is_vegan", "boolean", scope="store", user_defined=True),
    305: Attribute("acme_harvested_on", "date", user_defined=True),
    306: Attribute("acme_restocked_at", "datetime", scope="website", user_defined=True),
    307: Attribute(
        "acme_origin",
        "select",
        options=(
            Option("3001", "Germany", {"deutsch": "Deutschland"}),
            Option("3002", "Italy", {"deutsch": "Italien", "outlet": "Italy & San Marino"}),
            Option("3003", "Côte d'Ivoire", {"deutsch": "Elfenbeinküste"}),
        ),
        user_defined=True,
        labels={3: "Herkunft"},
    ),
    308: Attribute(
        "acme_grade",
        "select",
        "varchar",
        "store",
        options=(Option("a", "Best"), Option("b", "Good"), Option("b-2", "Fair")),
        user_defined=True,
    ),
    309: Attribute(
        "acme_allergens",
        "multiselect",
        scope="store",
        options=(
            Option("3011", "Nuts", {"deutsch": "Nüsse"}),
            Option("3012", "Milk", {"deutsch": "Milch"}),
            Option("3013", "Egg", {"deutsch": "Ei"}),
        ),
        user_defined=True,
    ),
    310: Attribute("acme_batch", "text", user_defined=True),
    311: Attribute("acme_story", "textarea", scope="store", user_defined=True),
    312: Attribute("acme_label_image", "media_image", scope="store", user_defined=True),
    # A swatch answers as a select: the recorded `color` is one.
    313: Attribute(
        "acme_finish",
        "select",
        options=(Option("3021", "Matt", {"deutsch": "Matt lackiert"}), Option("3022", "Gloss", {"deutsch": "Glanz"})),
        user_defined=True,
    ),
}
"""By id: one of every kind, of every scope."""

CATEGORY_ATTRIBUTES = {
    330: Attribute("acme_banner", "image", scope="store", user_defined=True),
    331: Attribute("acme_commission", "text", "decimal", user_defined=True),
    332: Attribute("acme_teaser", "textarea", scope="store", user_defined=True),
}

CUSTOMER_ATTRIBUTES = (
    Attribute("acme_credit", "text", "decimal", user_defined=True),
    Attribute("acme_is_member", "boolean", user_defined=True),
    Attribute("acme_member_since", "date", user_defined=True),
    Attribute("acme_tier", "select", options=(Option("3101", "Silver"), Option("3102", "Gold")), user_defined=True),
)
ADDRESS_ATTRIBUTES = (Attribute("acme_floor", "text", "int", user_defined=True),)

_MISFITS = {
    2: {"acme_is_vegan": "maybe", "acme_origin": "someone"},
    3: {"acme_deposit": "abc", "acme_net_weight": "1,5 kg"},
    5: {"acme_shelf_days": "12 days", "acme_rating": ""},
    7: {"acme_harvested_on": "0000-00-00 00:00:00", "acme_restocked_at": "soon"},
    9: {"acme_shelf_days": "7.5", "acme_harvested_on": "2026-02-31 00:00:00"},
}
"""By product: values that are none of their attribute's type, as imports leave them behind."""


def extend_order(sale: Sale) -> None:
    """Add what the module knows of an order and its items. Not every order has all of it."""
    order = sale.order
    key = order["entity_id"]
    extension = {
        "acme_delivery_on": order["created_at"][:10],
        "acme_gift_wrap_fee": (0, 2.5, 4)[key % 3],
        "acme_is_express": key % 2 == 0,
        "acme_loyalty_points": key * 7 % 500,
        "acme_slot": _slot(key),
        "acme_surcharges": [
            {"code": code, "amount": amount, "is_taxable": code == "ISLAND"}
            for code, amount in (("ISLAND", 12), ("BULKY", 7.95))[: key % 3]
        ],
        "acme_tags": ["gift", "für Zoë"][: key % 3],
    }
    if key % 4 == 0:
        del extension["acme_delivery_on"], extension["acme_gift_wrap_fee"]
    order["extension_attributes"] |= extension
    for item in sale.items:
        item["extension_attributes"] |= _of_item(item)


def extend_invoice(document: Row) -> None:
    """Add what the module knows of an invoice."""
    key = document["entity_id"]
    extension: Row = {"acme_exported_at": document["created_at"], "acme_ledger_id": 9000 + key}
    if key % 2:
        extension["acme_late_fee"] = 1.25 * key
    document["extension_attributes"] = extension


def product_values(product: Row) -> dict[str, str]:
    """Tell the values that a product has of the module's attributes, by code, as the API writes them.

    Args:
        product: The product; every fourth one knows nothing of the module.

    Returns:
        Texts all of them (docs/MAGENTO.md, Attributes).
    """
    key = product["id"]
    if key % 4 == 0:
        return {}
    made = product["created_at"]
    values = {
        "acme_deposit": f"{key % 5}.250000",
        "acme_net_weight": f"0.{key:04d}00",
        "acme_rating": f"{key % 5}.5000",
        "acme_shelf_days": str(key * 10),
        "acme_is_vegan": str(key % 2),
        "acme_harvested_on": f"{made[:10]} 00:00:00",
        "acme_restocked_at": made,
        "acme_origin": str(3001 + key % 3),
        "acme_grade": ("a", "b", "b-2")[key % 3],
        "acme_allergens": ("3011", "3011,3013", "3012,3013")[key % 3],
        "acme_batch": f"{key:06d}",
        "acme_story": f"Harvested by hand.\n<b>No. {key}</b> \u2014 \U0001f33e",
        "acme_label_image": f"/l/a/label-{key}.png",
        "acme_finish": str(3021 + key % 2),
    }
    return values | _MISFITS.get(key, {})


def category_values(category: Row) -> dict[str, str]:
    """Tell the values that a category has of the module's attributes, as `product_values` does."""
    key = category["id"]
    if key % 3 == 0:
        return {}
    return {
        "acme_banner": f"/media/catalog/category/banner-{key}.jpg",
        "acme_commission": f"{key}.5000",
        "acme_teaser": f"All of {category['name']}",
    }


def customer_values(customer: Row) -> dict[str, str]:
    """Tell the values that a customer has of the module's attributes, as `product_values` does."""
    key = customer["id"]
    if key % 5 == 0:
        return {}
    return {
        "acme_credit": f"{key}.7500",
        "acme_is_member": str(key % 2),
        "acme_member_since": f"{customer['created_at'][:10]} 00:00:00",
        "acme_tier": str(3101 + key % 2),
    }


def address_values(address: Row) -> dict[str, str]:
    """Tell the values that an address has of the module's attributes, as `product_values` does."""
    key = address["id"]
    return {"acme_floor": str(key % 9)} if key % 2 else {}


def _slot(key: int) -> Row:
    """Write a delivery slot; one in six has none, which PHP writes as an empty array."""
    if key % 6 == 0:
        return {}
    slot: Row = {"slot_id": key % 9, "label": f"{8 + key % 9}\u2013{10 + key % 9} h", "starts_at": f"{8 + key % 9}:00"}
    if key % 2:
        slot |= {"is_evening": key % 9 in {6, 7}, "depot": {"code": "BER-1", "latitude": 52.5, "longitude": 13}}
    return slot


def _of_item(item: Row) -> Row:
    key = item["item_id"]
    found: Row = {
        "acme_is_fragile": key % 3 == 0,
        "acme_lot": {"number": f"L{key:05d}", "expires_on": "2027-01-31"},
        "acme_margin": (0, 0.25, 0.3333)[key % 3],
        "acme_serials": [
            {"serial": f"SN-{key}-{number}", "scanned_at": item["created_at"], "attempts": number}
            for number in range(key % 3)
        ],
        "acme_warehouse_id": key % 4,
    }
    if key % 5 == 0:
        found["acme_engraving"] = "Für Łucja \u2764"
    return found
