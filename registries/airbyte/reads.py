"""PyAirbyte reads the sample store: twice, after kills, and in vain."""

from __future__ import annotations

from registries.airbyte.pyairbyte import PyAirbyte, config_for, log_of
from registries.airbyte.tables import Singer, Tables, check_truth, truths, with_texts_of
from sample_store import Shop, serve

_ORDERS = 300
_FEW_ORDERS = 60
_FEW = ("orders", "order_items", "order_addresses", "invoices", "products", "deletions")
_INVOICES = ("orders", "invoices")
# When SIGKILL comes and whom it ends, as `read_pyairbyte.py` has it: while the source's rows arrive, and when tables
# are there but not the state of the last one. They come in another order with each seed.
_KILLS = (("record 100 source", 0), ("record 10 pyairbyte", 0), ("state 2 pyairbyte", 1), ("state 4 pyairbyte", 2))


def read_twice(*places: PyAirbyte) -> None:
    """Compare all tables, after each of two reads, with the shop and with what the Singer tap emits.

    Args:
        *places: Where PyAirbyte puts its rows.

    Raises:
        AssertionError: If something differs.
    """
    with serve(Shop.generate(_ORDERS, module=True)) as server:
        singer = Singer(places[0].folder)
        first: dict[str, int] = {}
        before: Tables = {}
        for lives in (False, True):
            if lives:
                server.shop.live(1)
            singer.run(server)
            for place in places:
                rows, tables = place.read(config_for(server))
                if place.is_by_pandas:
                    tables, columns = with_texts_of(singer.rows, tables)
                    print(f"{place.name}: texts of {', '.join(columns)} were taken for numbers by pandas")
                singer.check(tables)
                known = check_truth(tables, server.shop, before)
                print(
                    f"{place.name}: {rows:,} rows; {len(tables)} tables as the Singer tap's, {known} as the shop",
                    flush=True,
                )
                assert not lives or 0 < rows < first[place.name]
                first[place.name] = rows
            before = truths(server.shop, [*singer.tables])


def read_after_kills(*places: PyAirbyte) -> None:
    """Kill reads; after each the shop lives on, and the next read makes the tables the shop.

    Args:
        *places: Where PyAirbyte puts its rows.

    Raises:
        AssertionError: If something differs.
    """
    for place in places:
        with serve(Shop.generate(_FEW_ORDERS, module=True)) as server:
            for number, (killing, seed) in enumerate(_KILLS):
                place.kill(config_for(server), _FEW, killing, seed)
                before = truths(server.shop, _FEW)
                server.shop.live(number)
                _, tables = place.read(config_for(server), _FEW)
                if place.is_by_pandas:
                    tables, _ = with_texts_of(truths(server.shop, _FEW), tables)
                check_truth(tables, server.shop, before, deletions=False)  # docs/AIRBYTE.md, What to know
                print(f"{place.name}: the shop after a kill at {killing}", flush=True)


def read_in_vain(*places: PyAirbyte) -> None:
    """See what a person is told where the password, the name of a stream or a right is wrong.

    Args:
        *places: Where PyAirbyte would put its rows; the first is taken.

    Raises:
        AssertionError: If it is something else.
    """
    place = places[0]
    with serve(Shop.generate(_FEW_ORDERS)) as server:
        error, text = place.fail(config_for(server, password="not-the-password"), ["orders"])
        assert error == "AirbyteConnectorCheckFailedError", error
        assert "the shop refused `username` and `password`" in text, text
        assert "not-the-password" not in text + log_of(text)
        assert sum("/token" in request.path for request in server.requests) == 1

        error, text = place.fail(config_for(server), ["ordres"])
        assert error == "AirbyteStreamNotFoundError", error
        assert "'ordres'" in text, text

        # A clerk loses a right once the streams are chosen: before, the stream would not be there to choose.
        server.shop.accounts.add("clerk", "clerk-password-1", None)
        config = config_for(server, username="clerk", password="clerk-password-1")
        rights = {"clerk": frozenset({"Magento_Sales::actions_view"})}
        error, text = place.fail(config, _INVOICES, lambda: server.shop.roles.update(rights))
        assert error == "AirbyteConnectorFailedError", error
        # PyAirbyte itself tells no more than where the source's log is.
        assert "lacks Magento_Sales::sales_invoice (Sales > Operations > Invoices)" in log_of(text), text
        server.shop.roles["clerk"] = None
        skipping = {**config, "on_missing_access": "skip"}
        _, tables = place.read(skipping, _INVOICES, lambda: server.shop.roles.update(rights))
        assert {name: len(rows) for name, rows in tables.items()} == {"orders": _FEW_ORDERS, "invoices": 0}
