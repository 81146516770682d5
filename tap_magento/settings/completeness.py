"""The settings of what incremental reads cannot see: deletions, hidden changes, stock computed now."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_magento.settings.declare import choice

COMPLETENESS = (
    choice(
        "audit",
        "Audit",
        (
            "`auto` compares the rows known of each list with the shop's counts after each sync, and finds deleted and "
            "missed rows by it, at one or two requests a list; `off` does not."
        ),
        values=["auto", "off"],
        default="auto",
    ),
    th.Property(
        "reread",
        th.ObjectType(
            additional_properties=th.ObjectType(
                th.Property("every_days", th.IntegerType(nullable=False, minimum=1, maximum=3_650)),
                th.Property("recent_days", th.IntegerType(nullable=False, minimum=1, maximum=3_650)),
                additional_properties=False,
                nullable=False,
            ),
            nullable=False,
        ),
        title="Re-read",
        description=(
            "Streams whose rows are read again although `updated_at` has not changed, to catch changes that it does "
            "not show. `every_days`: read all rows again this often. `recent_days`: read the rows created in this many "
            "days again in each sync."
        ),
        examples=[{"orders": {"recent_days": 3, "every_days": 30}}],
    ),
    choice(
        "salable_quantities",
        "Salable quantities",
        (
            "`index` reads `inventory_salable_quantities` as of the shop's last reindex, `exact` has the shop compute "
            "them now, which takes about 5 ms a SKU."
        ),
        values=["index", "exact"],
        default="index",
    ),
)
