"""Invents values for those of a shop and its customers, keeping their shape.

A value is replaced by a nonsense word for each of its words, so it has as many words, capitals, signs and digits as
before. The same value always becomes the same one, in each field and file, so references stay intact.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Fields whose values are Magento's own: codes, enumerations, PHP classes; and those that name currencies or zones.
KEPT = _names(
    """
    address_type aggregator_type allowed_countries apply_to attribute_code attribute_name available_currency_codes
    backend_model backend_type base_currency_code carrier_code class_type condition_type country_id coupon_type
    currency_to default_display_currency_code display_currency_code entity_name frontend_class frontend_input
    global_currency_code hold_before_state hold_before_status id input_type iso2_code iso3_code key link_type
    linked_product_type locale media_type method operator order_currency_code page_layout price_type product_type
    quote_currency_code region_id resources sample_type scope simple_action source_model state status
    store_currency_code taxable_item_type timezone txn_type type type_id types weight_unit
    """
)
#: Fields that are replaced although they may hold digits alone; other numbers and moments tell nothing of a person.
PERSONAL = _names(
    """
    cc_last4 company customer_dob customer_taxvat dob fax increment_id order_increment_id parent_txn_id postcode
    protect_code remote_ip reserved_order_id sku street tax_postcode taxvat telephone track_number txn_id vat_id
    x_forwarded_for
    """
)
LONGEST = 160

_TRIES = 500

_NEUTRAL = re.compile(r"[\W\d_]*|null|true|false")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)( [\d:]+)?")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{6,}")
_RUN = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"(?:[jqvxz][aeiou]){1,4}[é字]?", re.IGNORECASE)  # no word of any language that a shop speaks
_HOST = re.compile(r"https?://[^/\s]+")


class Inventor:
    """Replaces the values of a recording.

    Args:
        kept: Values that stay, such as the codes of store views.
    """

    def __init__(self, kept: Iterable[str] = ()) -> None:
        self._kept = frozenset(kept)
        self._invented: dict[str, str] = {}
        self._taken: set[str] = set()

    def value(self, value: Any, field: str = "") -> Any:
        """Replace what is below a value.

        Args:
            value: A decoded JSON value.
            field: The name of the field that holds it.

        Returns:
            A value of the same shape.
        """
        if isinstance(value, dict):
            return {name: self.value(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, field) for inner in value]
        if not isinstance(value, str) or field in KEPT or value in self._kept:
            return value
        if field not in PERSONAL and _NEUTRAL.fullmatch(value):
            return value
        return self.text(value)

    def text(self, value: str) -> str:
        """Replace a text, by one that no other text was replaced by as long as there are such (few are as short)."""
        if not _RUN.search(value):
            return value
        if not value.startswith(("{", "[")):
            value = value[:LONGEST]
        if value not in self._invented:
            ways = (_invented(value, salt) for salt in range(_TRIES))
            found = next((text for text in ways if text not in self._taken), _invented(value, 0))
            self._invented[value] = found
            self._taken.add(found)
        return self._invented[value]


def is_invented(value: str) -> bool:
    """Tell whether a text has no word but invented ones."""
    rest = value.removesuffix("@example.com").replace("https://shop.example", "")
    if _HEX.fullmatch(rest) or _NEUTRAL.fullmatch(rest):
        return True
    return all(run.isdigit() or _WORD.fullmatch(run) for run in _RUN.findall(rest))


def _invented(value: str, salt: int) -> str:
    if day := _DAY.fullmatch(value):
        year, month, date = _bytes(value, salt)[:3]
        return f"{1950 + year % 50}-{1 + month % 12:02}-{1 + date % 28:02}{day[4] or ''}"
    if _ADDRESS.fullmatch(value):
        return f"192.0.2.{1 + _bytes(value, salt)[0] % 254}"
    if _HEX.fullmatch(value):
        return hashlib.blake2b(f"{salt}:{value}".encode(), digest_size=32).hexdigest()[: len(value)]
    if re.fullmatch(r"[^\s@]+@[^\s@]+", value):
        return f"{_words(value.partition('@')[0], salt)}@example.com"
    parts = re.split(rf"({_HOST.pattern})", value)
    return "".join("https://shop.example" if _HOST.fullmatch(part) else _words(part, salt) for part in parts)


def _words(text: str, salt: int) -> str:
    return _RUN.sub(lambda run: _digits(run[0], salt) if run[0].isdigit() else _word(run[0], salt), text)


def _digits(run: str, salt: int) -> str:
    digits = [str(byte % 10) for byte in (_bytes(run, salt) * (1 + len(run) // 16))[: len(run)]]
    digits[0] = "0" if run[0] == "0" and len(run) > 1 else str(1 + int(digits[0]) % 9)
    found = "".join(digits)
    return found if found != run else found[:-1] + str(1 + int(found[-1]) % 9)


def _word(run: str, salt: int) -> str:
    drawn = _bytes(run.lower(), salt)
    pairs = zip(drawn[::2], drawn[1::2], strict=True)
    syllables = ["jqvxz"[one % 5] + "aeiou"[other % 5] for one, other in pairs]
    found = "".join(syllables[: min(4, (len(run) + 1) // 2)])
    if not run.isascii():
        found += "字" if max(run) > "\u2fff" else "é"
    if run.isupper() and len(run) > 1:
        return found.upper()
    return found.capitalize() if run[0].isupper() else found


def _bytes(text: str, salt: int) -> bytes:
    return hashlib.blake2b(f"{salt}:{text}".encode(), digest_size=16).digest()
