"""What can be wrong with the settings, and which authentication method they select."""

from __future__ import annotations

import base64
import binascii
import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.validators import extend

from tap_magento.settings.nesting import is_deeper
from tap_magento.settings.own_streams import own_stream_problems
from tap_magento.settings.personal_data import personal_data_problems
from tap_magento.settings.shards import shard_problems
from tap_magento.settings.stream_maps import stream_map_problems
from tap_magento.settings.urls import address_problem, cleartext_proxy_problem, proxy_problem, shop_root
from tap_magento.settings.wording import expected, type_of
from tap_magento.timestamps import from_rfc3339

#: The authentication methods, and the settings that each needs.
METHODS: Mapping[str, tuple[str, ...]] = {
    "token": ("access_token",),
    "password": ("username", "password"),
    "oauth1": ("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    "ims": ("client_id", "client_secret", "ims_org_id"),
}

# The settings that belong to one method only; an access token belongs to two.
_OWN = {
    "password": ("username", "password", "totp_secret"),
    "oauth1": ("consumer_key", "consumer_secret", "access_token_secret"),
    "ims": ("client_id", "client_secret", "ims_org_id"),
}

# Headers that are the tap's to set.
_TAKEN = {"authorization", "host", "content-length", "accept-encoding", "cookie"}

# What goes into a header as it is, so must be one printable word.
_WORDS = ("access_token", "consumer_key", "client_id", "ims_org_id")

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_STORE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# How deep a setting that is an object may be; more would exhaust Python's stack somewhere.
_DEEPEST = 20

# JSON Schema takes 200.0 for an integer, which is no page size that a shop reads.
_Validator = extend(  # type: ignore[no-untyped-call]
    Draft7Validator,
    type_checker=Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def auth_method(config: Mapping[str, Any]) -> str | None:
    """Tell which authentication method the settings select.

    Args:
        config: The settings.

    Returns:
        `auth_method`, or the method that the credentials given belong to; None if they belong to none or several.
    """
    if config.get("auth_method"):
        return str(config["auth_method"])
    begun = _begun(config)
    return begun[0] if len(begun) == 1 else None


def problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with the settings, or missing.

    Args:
        config: The settings as given, normalized.
        schema: `settings.CONFIG_SCHEMA`, with what the SDK adds to it.

    Returns:
        A sentence for each problem; none repeats a value, as it may be a secret.
    """
    return mistakes(config, schema) or missing(config, schema)


def mistakes(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with the settings that are given.

    Args:
        config: The settings as given, normalized.
        schema: `settings.CONFIG_SCHEMA`, with what the SDK adds to it.

    Returns:
        A sentence for each problem; none repeats a value, as it may be a secret.
    """
    wrong = list(_type_problems(config, schema["properties"]))
    # What has the wrong type cannot be looked at more closely.
    return wrong or list(dict.fromkeys(problem for check in _CHECKS for problem in check(config)))


def missing(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Find what is missing to reach a shop; a catalog of the bundled schemas needs none of it.

    Args:
        config: The settings as given, normalized.
        schema: `settings.CONFIG_SCHEMA`, with what the SDK adds to it.

    Returns:
        A sentence for each problem.
    """
    found = [f"`{name}` is missing" for name in schema.get("required", ()) if name not in config]
    if not config.get("auth_method") and not _begun(config):
        found.append(
            "no credentials are given: set `access_token`; or `username` and `password`; or `consumer_key`, "
            "`consumer_secret`, `access_token` and `access_token_secret`; or `client_id`, `client_secret` and "
            "`ims_org_id`"
        )
    return found


def _type_problems(config: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        if name not in properties:
            close = difflib.get_close_matches(name, properties, n=1, cutoff=0.75)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            yield f"`{name}` is not a setting of tap-magento{hint}"
        elif is_deeper(value, _DEEPEST):
            yield f"`{name}` is nested deeper than {_DEEPEST} levels"
        elif not _Validator(_checked(properties[name])).is_valid(value):
            yield f"`{name}` must be {expected(properties[name])}"
        elif not _is_text(value):
            yield f"`{name}` contains a control character, or bytes that are not UTF-8"


def _checked(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what of a setting's schema is checked: within its own objects the SDK checks, when it uses them."""
    return {"type": schema["type"]} if type_of(schema) == "object" and schema.get("properties") else schema


def _access_problems(config: Mapping[str, Any]) -> Iterator[str]:
    begun, method = _begun(config), auth_method(config)
    if method is None:
        if begun:
            yield (
                f"credentials for several authentication methods are given ({', '.join(begun)}): give one, or select "
                "it by `auth_method`"
            )
        return
    lacking = [f"`{name}`" for name in METHODS[method] if not config.get(name)]
    if lacking:
        given = [f"`{name}`" for name in _OWN.get(method, ()) if config.get(name)] or [f"`auth_method: {method}`"]
        yield f"{given[0]} needs {' and '.join(lacking)}"
    for name in _WORDS:
        if config.get(name) and not (config[name].isascii() and config[name].isprintable() and " " not in config[name]):
            yield f"`{name}` contains a space, a line break or a non-ASCII character; copy it again"
    if config.get("totp_secret") and not _is_base32(config["totp_secret"]):
        yield "`totp_secret` is not base 32: give the text behind the QR code, not a one-time code"


def _contradictions(config: Mapping[str, Any]) -> Iterator[str]:
    if config.get("ca_bundle") and config.get("verify_ssl") is False:
        yield "`ca_bundle` has no effect while `verify_ssl` is false; remove one of them"
    if config.get("client_key") and not config.get("client_cert"):
        yield "`client_key` needs `client_cert`"
    if config.get("start_date") and not _is_timestamp(config["start_date"]):
        yield "`start_date` must be a date or a timestamp such as 2024-01-01T00:00:00Z"
    for name in ("store_code", "store_views"):
        codes = config.get(name, ())
        if not all(_STORE_CODE.fullmatch(code) for code in ([codes] if isinstance(codes, str) else codes)):
            yield f"`{name}`: the code of a store view has only letters, digits and underscores, a letter first"


def _header_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for header, value in config.get("headers", {}).items():
        if header.lower() in _TAKEN:
            yield f"`headers` must not contain `{header}`, which the tap sets itself"
        elif not (_HEADER.fullmatch(header) and _is_header_value(value)):
            yield "`headers` contains a line break, or a character that a header cannot have"
    if config.get("user_agent") and not _is_header_value(config["user_agent"]):
        yield "`user_agent` contains a line break, or a character that a header cannot have"


def _address_problems(config: Mapping[str, Any]) -> Iterator[str]:
    allow_http, proxy = bool(config.get("allow_http")), config.get("proxy")
    wrong_proxy = proxy_problem("proxy", proxy) if proxy else None
    if wrong_proxy:
        yield wrong_proxy
    for name in ("store_url", "ims_token_url"):
        if name in config:
            url = config[name]
            problem = address_problem(name, url, allow_http=allow_http)
            problem = problem or cleartext_proxy_problem(name, shop_root(url), proxy, allow_http=allow_http)
            if problem:
                yield problem


def _begun(config: Mapping[str, Any]) -> list[str]:
    begun = [method for method, names in _OWN.items() if any(config.get(name) for name in names)]
    return ["token", *begun] if config.get("access_token") and "oauth1" not in begun else begun


def _is_base32(text: str) -> bool:
    letters = text.replace(" ", "").upper().rstrip("=")
    try:
        return bool(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    except binascii.Error:
        return False


def _is_text(value: object) -> bool:
    """Tell whether a text can be sent and shown: no control characters, nor halves of characters."""
    if isinstance(value, list):
        return all(map(_is_text, value))
    return not isinstance(value, str) or not _UNSENDABLE.search(value)


def _is_header_value(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return text.isprintable() and text == text.strip()


def _is_timestamp(text: str) -> bool:
    try:
        from_rfc3339(text)
    except (ValueError, OverflowError):
        return False
    return True


# What settings of the right types are checked for.
_CHECKS = (
    _access_problems,
    _address_problems,
    _header_problems,
    _contradictions,
    stream_map_problems,
    own_stream_problems,
    shard_problems,
    personal_data_problems,
)
