"""The settings of what incremental reads cannot see: deletions, hidden changes, stock computed now."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_magento.settings.declare import choice

COMPLETENESS = (
    choice(
        "audit",
        "Audit",
        (
            "`auto` compares the rows known of each list with the shop's counts after each sync, which finds deletions "
            "and rows that no `updated_at` tells of, at one or two requests a list; `off` does not."
        ),
        values=["auto", "off"],
        default="auto",
    ),
    th.Property(
        "reread",
        th.ObjectType(
            additional_properties=th.ObjectType(
                th.Property("every_days", th.IntegerType(nullable=False, minimum=1)),
                th.Property("recent_days", th.IntegerType(nullable=False, minimum=1)),
                additional_properties=False,
                nullable=False,
            ),
            nullable=False,
        ),
        title="Read again",
        description=(
            "Stream name to `every_days` (all rows are read again when the last complete read is older) and/or "
            "`recent_days` (rows created in the last days are read again in each run): for changes that move no "
            "`updated_at`, such as comments, tracks and addresses."
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
