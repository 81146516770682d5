"""Who buys: customers, guests and their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_store import module
from sample_store.generate.details import custom
from sample_store.generate.stores import STORES, Store

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from sample_store.php import Row
    from sample_store.shop import Shop

_FIRST = ("Veronica", "Zoë", "李", "Jürgen", "Ana", "Øyvind", "Ada", "Grace", "Mehmet", "Łucja")
_LAST = ("Costello", "Müller", "王", "O'Brien", "García", "Nowak", "Smith", "Şahin", "Ωμέγα")
_SECOND = 1_000_000
"""From where on the ids of second addresses are."""
_PLACES = {
    "USD": ("US", "Michigan", "MI", 33, "Calder", "49628", "Honey Bluff Parkway"),
    "EUR": ("DE", "Berlin", "BER", 82, "Berlin", "10115", "Große Straße"),
}


def address(chance: random.Random, store: Store, number: int) -> Row:
    """Make the address of somebody, as orders write it, without ids.

    Args:
        chance: What decides.
        store: Where they buy, which tells the country.
        number: Makes the e-mail address unique.

    Returns:
        The address.
    """
    country, region, code, region_id, city, postcode, street = _PLACES[store.currency]
    found: Row = {
        "city": city,
        "country_id": country,
        "email": f"someone{number}@example.com",
        "firstname": chance.choice(_FIRST),
        "lastname": chance.choice(_LAST),
        "postcode": postcode,
        "region": region,
        "region_code": code,
        "region_id": region_id,
        "street": [f"{chance.randrange(1, 200)} {street}"],
        "telephone": f"555-{number % 10000:04d}",
    }
    if chance.random() < 0.2:  # noqa: PLR2004 - one in five buys for a company
        found |= {"company": "Sample & Söhne", "vat_id": "DE123456789"}
    return found


def add_customers(shop: Shop, chance: random.Random, at: Callable[[float], str], count: int) -> list[Row]:
    """Put customers.

    Args:
        shop: The shop.
        chance: What decides.
        at: Writes a time that many days ago.
        count: How many.

    Returns:
        Their rows.
    """
    rows = [_customer(chance, at, key) for key in range(1, count + 1)]
    stamp = at(45.25)
    for row in rows[count // 3 : count // 2]:
        row["updated_at"] = stamp
    if shop.module:
        for row in rows:
            _extend(row, module.customer_values(row))
            for home in row["addresses"]:
                _extend(home, module.address_values(home))
    shop.put_all("customers", rows)
    return rows


def _extend(row: Row, values: Mapping[str, str]) -> None:
    """Add attributes; without any, customers and addresses have no list of them."""
    if values:
        row["custom_attributes"] = custom(values)


def address_of(customer: Row) -> Row:
    """Take a customer's address for an order."""
    home = customer["addresses"][0]
    names = ("city", "country_id", "firstname", "lastname", "postcode", "street", "telephone")
    return {
        **{name: home[name] for name in names},
        **home["region"],
        "email": customer["email"],
        "customer_address_id": home["id"],
    }


def _customer(chance: random.Random, at: Callable[[float], str], key: int) -> Row:
    store = chance.choice(STORES)
    home = address(chance, store, key)
    region = {name: home.pop(name) for name in ("region_code", "region", "region_id")}
    email = home.pop("email")
    home.pop("vat_id", None)
    created = chance.uniform(100, 400)
    own = {"customer_id": key, "region": region, "region_id": region["region_id"]}
    addresses = [{**home, **own, "id": key, "default_shipping": True, "default_billing": True}]
    if key % 6 == 0:
        addresses.append({**home, **own, "id": _SECOND + key, "street": ["Second Street 2", "Backyard"], "fax": "555"})
    return {
        "id": key,
        "group_id": chance.choice((1, 1, 1, 2, 3)),
        "default_billing": str(key),
        "default_shipping": str(key),
        "created_at": at(created),
        "updated_at": at(chance.uniform(1, created)),
        "created_in": store.name,
        "dob": f"19{chance.randrange(50, 99)}-{chance.randrange(1, 13):02d}-15",
        "email": email,
        "firstname": home["firstname"],
        "lastname": home["lastname"],
        "gender": chance.choice((1, 2, 3)),
        "store_id": store.key,
        "website_id": store.website,
        "addresses": addresses,
        "disable_auto_group_change": 0,
        "extension_attributes": {"is_subscribed": chance.random() < 0.5},  # noqa: PLR2004 - half
    }
