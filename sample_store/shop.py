"""The shop: its rows, its people and its clock, behind one object."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from sample_store import deliveries, module
from sample_store.adding import add_attribute, numbered
from sample_store.attributes import Attribute
from sample_store.auth import Accounts
from sample_store.bulk import fill
from sample_store.documents import DOCUMENTS
from sample_store.entities import BY_NAME
from sample_store.generate import Further, generate
from sample_store.live import Changes, live
from sample_store.php import Row, encode
from sample_store.recorded import load
from sample_store.swagger import Spec, generated
from sample_store.tables import Key, Record, Tables
from sample_store.unseen import unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sample_store.entities import Entity
    from sample_store.generate.catalog import Offer

_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_ATTRIBUTES = {"products": "product_attributes", "categories": "category_attributes"}
_ATTRIBUTED = {attributes: name for name, attributes in _ATTRIBUTES.items()}
_SECRET = "the sample store signs its tokens with a secret that is none"  # noqa: S105 - made up


def _now() -> datetime:
    return datetime.now(timezone.utc)


class Shop:
    """A Magento shop without Magento: put rows in, read lists out, change it while it is read.

    Make one with `generate`, `recorded` or `empty`.

    Args:
        clock: The shop's time, in UTC; the machine's where none is given.

    Attributes:
        clock: The shop's time.
        username: Name of an administrator who may read everything.
        password: The administrator's password.
        accounts: All administrators and integrations, their roles and tokens.
        tables: The rows.
        documents: Answers of the addresses without search criteria, by address.
        views: Codes of the store views; the first one is the default.
        offers: What can be ordered.
        customers: Who may order it.
        module: Whether a third-party module is at work in it.
        read_schema: Where its schema comes from, should anybody ask for it.
        deleted: What `unseen` deleted, oldest first, each with the names of its rows' lists; it may restore them.
        writing: Held by who reads, changes and writes back rows.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or _now
        self.username = "admin"
        self.password = "sample-store-1"  # noqa: S105 - made up, and good for this store only
        self.accounts = Accounts(self.clock, _SECRET)
        self.accounts.add(self.username, self.password)
        self.tables = Tables()
        self.documents: dict[str, bytes] = dict.fromkeys(DOCUMENTS, b"[]")
        self.views: tuple[str, ...] = ("default",)
        self.offers: tuple[Offer, ...] = ()
        self.customers: tuple[Row, ...] = ()
        self.module = False
        self.deleted: list[list[tuple[str, Row]]] = []
        self.writing = threading.RLock()
        self.read_schema: Callable[[], Spec] = self._own_schema
        self._attributes: dict[str, frozenset[str]] = {}

    @classmethod
    def generate(  # noqa: PLR0913 - a shop is many things, all but one by keyword
        cls,
        orders: int = 200,
        seed: int = 1,
        clock: Callable[[], datetime] | None = None,
        *,
        module: bool = False,
        attributes: int = 0,
        options: int = 0,
    ) -> Shop:
        """Make a believable shop: two websites, three store views, all product types.

        Args:
            orders: How many orders; customers grow with them.
            seed: The same seed and clock make the same shop.
            clock: The shop's time, in UTC; all its past is dated relative to it.
            module: Whether a third-party module is at work in it, with extension attributes on
                orders, items and invoices and attributes on products and categories.
            attributes: How many product attributes there are beyond the believable ones.
            options: How many options these have between them.

        Returns:
            The shop.
        """
        shop = cls(clock)
        shop.module = module
        generate(shop, orders, seed, Further(attributes, options))
        return shop

    @classmethod
    def recorded(cls, folder: Path, clock: Callable[[], datetime] | None = None) -> Shop:
        """Serve the rows recorded from a real shop.

        Args:
            folder: Where `index.json` and the rows lie.
            clock: The shop's time, in UTC.

        Returns:
            The shop.
        """
        shop = cls(clock)
        load(shop, folder)
        return shop

    @classmethod
    def empty(cls, clock: Callable[[], datetime] | None = None) -> Shop:
        """Make a shop whose lists have no rows."""
        return cls(clock)

    @property
    def roles(self) -> dict[str, frozenset[str] | None]:
        """ACL resources granted by user name, None for all; change them as you like."""
        return self.accounts.roles

    def token(self) -> str:
        """Make an administrator's token that is good for a year."""
        return self.accounts.issue(self.username, timedelta(days=365))

    def now(self) -> str:
        """Tell the shop's time as it stands in rows: `YYYY-MM-DD HH:MM:SS`, UTC."""
        return self.write_time(self.clock())

    @staticmethod
    def write_time(moment: datetime) -> str:
        """Write a moment as it stands in rows."""
        return moment.astimezone(timezone.utc).strftime(_TIME_FORMAT)

    def next_key(self, name: str) -> int:
        """Tell the key that the next new row of a list gets."""
        return self.tables.last_key(BY_NAME[name]) + 1

    def put(self, name: str, row: Row) -> None:
        """Insert a row, or replace the row of the same key.

        Args:
            name: Name of the list, such as `orders`.
            row: The row as the API answers it. Keys that the API hides (`source_item_id`) are
                given in it all the same, and left out of the answers.
        """
        self.put_all(name, (row,))

    def put_all(self, name: str, rows: Iterable[Row]) -> None:
        """Insert or replace many rows of one list at once."""
        entity = BY_NAME[name]
        self._attributes.pop(_ATTRIBUTED.get(name, ""), None)
        self.tables.put(entity, (Record.of(entity, row) for row in rows))

    def put_view(self, name: str, view: str, row: Row) -> None:
        """Say what a row looks like in the scope of a store view."""
        entity = BY_NAME[name]
        record = Record.of(entity, row)
        self.tables.put_view(entity, view, [(record.key, encode(row))])

    def bulk(self, name: str, count: int, bytes_per_row: int, updated_at: Callable[[int], str]) -> None:
        """Make many rows quickly, for benchmarks: keys 1 to `count`, alike but for key and times.

        Args:
            name: Name of the list; one with `updated_at` and `created_at`.
            count: How many rows.
            bytes_per_row: About how long each row's JSON is.
            updated_at: The time of the row with a key, as `YYYY-MM-DD HH:MM:SS`.
        """
        fill(self.tables, BY_NAME[name], count, bytes_per_row, updated_at)

    def attributes(self, entity: Entity) -> frozenset[str]:
        """Tell the attribute codes that an entity may be filtered by beside its own columns."""
        source = _ATTRIBUTES.get(entity.name)
        if source is None:
            return frozenset()
        if entity.name not in self._attributes:
            codes = (row["attribute_code"] for row in self.rows(source))
            self._attributes[entity.name] = frozenset(code for code in codes if code.isidentifier())
        return self._attributes[entity.name]

    def add_attribute(  # noqa: PLR0913 - what an attribute is made of
        self,
        code: str,
        shown: str = "text",
        *,
        stored: str = "",
        scope: str = "global",
        options: Sequence[str] = (),
        values: Mapping[int, str] | None = None,
    ) -> None:
        """Add a product attribute to the running shop, and values of it to products.

        Args:
            code: Its code.
            shown: Its `frontend_input`.
            stored: Its `backend_type`; the usual one for the input if empty.
            scope: `global`, `website` or `store`.
            options: Labels of what there is to choose.
            values: Values by product id, as the API writes them; where None, every other product
                gets one that fits. The `updated_at` of these products moves.

        Raises:
            ValueError: For a product that does not exist.
        """
        made = numbered(1000 * self.next_key("product_attributes"), options)
        attribute = Attribute(code, shown, stored, scope, options=made, user_defined=True)
        add_attribute(self, attribute, values)

    @cached_property
    def swagger(self) -> Spec:
        """All that `/rest/<store>/schema` could say."""
        return self.read_schema()

    def _own_schema(self) -> Spec:
        if not self.module:
            return generated({}, {})
        return generated({**module.DEFINITIONS, **deliveries.DEFINITIONS}, deliveries.ROUTES)

    def delete(self, name: str, key: Key) -> None:
        """Remove a row without a trace."""
        self.tables.delete(BY_NAME[name], key)

    def delete_range(self, name: str, first: int, last: int) -> int:
        """Remove the rows of a range of keys, both ends included, and tell how many there were."""
        return self.tables.delete_range(BY_NAME[name], first, last)

    def row(self, name: str, key: Key, view: str = "all") -> Row | None:
        """Read one row by its key as it is in a scope, None when there is none."""
        body = self.tables.get(BY_NAME[name], key, view)
        if body is None:
            return None
        row: Row = json.loads(body)
        return row

    def keys(self, name: str) -> list[Key]:
        """Read the keys of all rows of a list, in order."""
        return self.tables.keys(BY_NAME[name])

    def rows(self, name: str) -> list[Row]:
        """Read the truth: all rows of a list in key order, as the API answers them in `all`."""
        return [json.loads(body) for body in self.tables.bodies(BY_NAME[name])]

    def revenue_by_day(self) -> dict[str, Decimal]:
        """Sum up what was sold, by UTC day.

        Returns:
            Day (`YYYY-MM-DD`) to the sum of the totals of the orders created on it that are not cancelled, in the
            shop's global currency. The same in SQL is
            `SELECT created_at::date, sum(base_grand_total * base_to_global_rate) FROM orders
            WHERE state IS DISTINCT FROM 'canceled' GROUP BY 1`.
        """
        days: dict[str, Decimal] = {}
        for order in self.rows("orders"):
            if order.get("state") == "canceled":
                continue
            day = order["created_at"][:10]
            total = Decimal(str(order.get("base_grand_total") or 0))
            rate = Decimal(str(order.get("base_to_global_rate") or 1))
            days[day] = days.get(day, Decimal(0)) + total * rate
        return dict(sorted(days.items()))

    def live(self, seed: int = 1) -> Changes:
        """Let the shop live on for a moment: orders placed, changed, shipped, refunded, deleted.

        Args:
            seed: The same seed does the same to the same shop.

        Returns:
            What was done, counted by kind.
        """
        return live(self, seed)

    def unseen(self, seed: int = 1, *kinds: str) -> dict[str, int]:
        """Change the shop in ways that `updated_at` does not tell; see `sample_store.unseen`."""
        return unseen(self, seed, kinds)
