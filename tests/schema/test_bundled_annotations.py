"""What the bundled schemas note of their fields: whose data they hold, which 0 means none, what is never read."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from tap_magento.schema.annotations import EXCLUDED, PERSONAL, ZERO_IS_NULL, PersonalData, annotated
from tests.support.bundled import BUNDLED, KEYS, leaves, paths, raw_rows

# The names of what is somebody's wherever it is, but for a warehouse's address.
PERSONAL_NAMES = {
    *("city", "comment", "company", "customer_dob", "customer_email", "customer_firstname", "customer_lastname"),
    *("customer_middlename", "customer_note", "customer_prefix", "customer_suffix", "customer_taxvat", "dob", "email"),
    *("fax", "firstname", "lastname", "middlename", "postcode", "prefix", "remote_ip", "street", "suffix", "taxvat"),
    *("telephone", "vat_id", "x_forwarded_for", "additional_information", "cc_last4", "cc_owner", "last_trans_id"),
    *("txn_id", "giftcard_recipient_email", "giftcard_recipient_name", "giftcard_sender_email"),
    *("giftcard_sender_name", "giftcard_message", "company_email", "vat_tax_id", "job_title", "protect_code"),
}
NOT_PERSONAL = {f"inventory_sources.{name}" for name in ("city", "postcode", "street")}


def test_names_of_personal_data_are_marked_wherever_they_occur() -> None:
    seen = set()
    for stream, schema in BUNDLED.items():
        marked = annotated(schema, PERSONAL)
        for path in paths(schema):
            if path[-1] in PERSONAL_NAMES:
                seen.add(path[-1])
                is_marked = any(path[: len(each)] == each for each in marked)
                assert is_marked == (f"{stream}.{path[-1]}" not in NOT_PERSONAL), (stream, path)
    assert seen == PERSONAL_NAMES


def test_personal_data_is_of_a_known_kind_and_joins_and_places_stay() -> None:
    kinds = set(get_args(PersonalData))
    for stream, schema in BUNDLED.items():
        for path, kind in annotated(schema, PERSONAL).items():
            assert kind in kinds, (stream, path)
            assert path[-1] not in {"country_id", "region", "region_code", "region_id", "customer_id"}, (stream, path)
            assert path not in {(key,) for key in KEYS[stream]}, (stream, path)


@pytest.mark.parametrize(
    "stream",
    ["products", "categories", "product_attributes", "sales_rules", "coupons", "store_views", "tax_rates", "cms_pages"],
)
def test_streams_of_things_hold_nothing_personal(stream: str) -> None:
    assert not annotated(BUNDLED[stream], PERSONAL)


def test_customers_own_attributes_are_personal() -> None:
    marked = annotated(BUNDLED["customers"], PERSONAL)
    assert marked["custom_attributes",] == marked["addresses", "custom_attributes"] == "text"
    assert marked["addresses", "street"] == "address"


def test_zero_is_none_only_of_ids_that_no_row_has() -> None:
    found = {(stream, *path) for stream, schema in BUNDLED.items() for path in annotated(schema, ZERO_IS_NULL)}
    assert {
        ("categories", "parent_id"),
        ("customers", "addresses", "region_id"),
        ("order_items", "parent_item_id"),
        ("orders", "billing_address", "region_id"),
        ("orders", "items", "parent_item_id"),
        ("store_groups", "root_category_id"),
    } <= found
    # Rows of these have the key 0: the group of guests, the views and websites of the admin.
    zero = {"customer_group_id", "group_id", "store_id", "website_id", "default_group_id", "default_store_id"}
    assert not {path[-1] for path in found} & zero
    for stream, *path in found:
        assert path[-1] not in KEYS[stream]


def test_files_and_codes_that_are_money_are_excluded() -> None:
    found = {(stream, path[-1]) for stream, schema in BUNDLED.items() for path in annotated(schema, EXCLUDED)}
    assert found == {
        ("carts", "base64_encoded_data"),
        ("carts", "giftcard_created_codes"),
        ("gift_card_accounts", "code"),
        ("gift_wrappings", "image_base64_content"),
        ("order_items", "base64_encoded_data"),
        ("order_items", "giftcard_created_codes"),
        ("orders", "base64_encoded_data"),
        ("orders", "code"),
        ("orders", "giftcard_created_codes"),
        ("shipments", "shipping_label"),
    }


@pytest.mark.parametrize("stream", ["orders", "order_items", "products", "customers", "categories"])
def test_no_recorded_row_has_a_value_in_a_field_that_is_excluded(stream: str) -> None:
    for row in raw_rows(stream):
        held = {re.sub(r"\[\d+\]", "", path) for path, value in leaves(row) if value is not None}
        assert not held & {"." + ".".join(path) for path in annotated(BUNDLED[stream], EXCLUDED)}
