"""The settings of how rows are read and what they look like."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_magento.settings.declare import choice, flag, number, text

READING = (
    th.Property(
        "start_date",
        th.DateTimeType(nullable=False),
        title="Start date",
        description=(
            "Sync only rows updated (not created) since this time, in streams that have `updated_at`. Applies to the "
            "first sync; later runs use the bookmark. Without it, everything is read."
        ),
        examples=["2024-01-01T00:00:00Z"],
    ),
    number(
        "lookback_seconds",
        "Lookback",
        (
            "Overlap: each incremental sync re-reads this many seconds before the bookmark, to catch transactions "
            "that were committed late."
        ),
        within=(0, 31_536_000),
        default=300,
    ),
    number(
        "page_size",
        "Page size",
        "Maximum rows per request; reduced automatically under load. 100 to 300 suits most shops.",
        within=(1, 10_000),
        default=200,
    ),
    number(
        "max_concurrency",
        "Maximum concurrency",
        "Maximum parallel requests; reduced automatically under load. 1 is sequential.",
        within=(1, 64),
        default=4,
    ),
    number(
        "requests_per_minute",
        "Requests per minute",
        "Maximum requests per minute. Without it, there is no such limit.",
        within=(1, 1_000_000),
    ),
    number(
        "retry_timeout",
        "Retry timeout",
        "How long to keep retrying an unavailable shop before failing, in seconds. The next run resumes.",
        within=(0, 31_536_000),
        default=900,
    ),
    choice(
        "on_bad_row",
        "On unreadable row",
        (
            "What to do with a row that makes the shop fail: `skip` quarantines it (skipped, reported, retried in the "
            "next run), `fail` ends the run."
        ),
        values=["skip", "fail"],
        default="skip",
    ),
    text(
        "shard",
        "Shard",
        (
            "Part of a first sync to read, as number/count: with `1/8` to `8/8`, eight runs, on several machines if "
            "need be, read a large shop together. Their states are merged afterwards. `0/8` reads nothing and writes "
            "the SCHEMA messages alone, so that the loader's tables exist before the shards start."
        ),
    ),
    flag(
        "emit_activate_version_messages",
        "Emit ACTIVATE_VERSION messages",
        (
            "After a full-table sync, tell the loader that rows not seen have been deleted. For streams without "
            "`updated_at`."
        ),
        default=False,
    ),
)

SCHEMA = (
    choice(
        "schema_source",
        "Schema source",
        (
            "`live` discovers the shop's own fields and attributes, and falls back to the bundled Magento 2.4.7 "
            "schemas; `bundled` uses only these."
        ),
        values=["live", "bundled"],
        default="live",
    ),
    choice(
        "custom_attributes",
        "Custom attributes",
        (
            "Form of the attributes of products and categories: `object` is an object of typed values by attribute "
            "code, `list` is Magento's list of codes and texts."
        ),
        values=["object", "list"],
        default="object",
    ),
    choice(
        "array_items",
        "Array items",
        (
            "Arrays in SCHEMA messages: `described` lists the fields of their items, `open` leaves these out, so that "
            "loaders store each array as one JSON value: target-postgres takes `jsonb` in place of `jsonb[]`, and is "
            "half as fast again. The records are the same."
        ),
        values=["described", "open"],
        default="described",
    ),
    flag(
        "option_labels",
        "Option labels",
        (
            "Add `custom_attribute_labels`: the labels of select and multiselect attributes, in the store view that "
            "is read."
        ),
        default=False,
    ),
    th.Property(
        "store_views",
        th.ArrayType(th.StringType(nullable=False), nullable=False),
        title="Store views",
        description=(
            "Codes of the store views whose values `product_store_values` and `category_store_values` contain. "
            "Without it, these streams are not available."
        ),
        examples=[["default", "german"]],
    ),
    flag(
        "include_nested_duplicates",
        "Include nested duplicates",
        (
            "Keep Magento's redundant nested copies of order items: each child item contains its parent, each "
            "shipping assignment contains all items. They are half of an order's size."
        ),
        default=False,
    ),
)
