"""What can be wrong with the settings, and which way into the shop they say."""

from __future__ import annotations

import base64
import binascii
import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator

from tap_magento.settings.urls import address_problem
from tap_magento.timestamps import from_rfc3339

#: The ways in, and the settings that each needs.
METHODS: Mapping[str, tuple[str, ...]] = {
    "token": ("access_token",),
    "password": ("username", "password"),
    "oauth1": ("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    "ims": ("client_id", "client_secret", "ims_org_id"),
}

# The settings that are given for one way in only; an access token goes with two.
_OWN = {
    "password": ("username", "password", "totp_secret"),
    "oauth1": ("consumer_key", "consumer_secret", "access_token_secret"),
    "ims": ("client_id", "client_secret", "ims_org_id"),
}

# Headers that are the tap's to set.
_TAKEN = {"authorization", "host", "content-length", "accept-encoding", "cookie"}

# What goes into a header as it is, so must be one printable word.
_WORDS = ("access_token", "consumer_key", "client_id", "ims_org_id")


def auth_method(config: Mapping[str, Any]) -> str | None:
    """Tell which way into the shop the settings say.

    Args:
        config: The settings.

    Returns:
        `auth_method`, or the way in that the settings given belong to; None if they belong to none or several.
    """
    if config.get("auth_method"):
        return str(config["auth_method"])
    begun = _begun(config)
    return begun[0] if len(begun) == 1 else None


def problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with the settings.

    Args:
        config: The settings as given.
        schema: `settings.CONFIG_SCHEMA`, with what the SDK adds to it.

    Returns:
        A sentence for each problem; none repeats a value, as it may be a secret.
    """
    wrong = list(_schema_problems(config, schema))
    # What has the wrong type cannot be looked at more closely.
    return wrong or [*_access_problems(config), *_contradictions(config)]


def _schema_problems(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name in config:
        if name not in schema["properties"]:
            close = difflib.get_close_matches(name, schema["properties"], n=1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            yield f"`{name}` is not a setting of tap-magento{hint}"
    for error in Draft7Validator(schema).iter_errors(dict(config)):
        if error.validator == "required":
            missing = [name for name in schema["required"] if name not in config]
            yield f"`{missing[0]}` is missing"
        elif error.validator != "additionalProperties":
            rule = f"{error.validator} {error.validator_value}".replace("['", "").replace("']", "")
            yield f"`{'.'.join(str(part) for part in error.path)}` must have {rule}"


def _access_problems(config: Mapping[str, Any]) -> Iterator[str]:
    method = auth_method(config)
    if method is None:
        begun = _begun(config)
        if begun:
            yield f"several ways into the shop are given ({', '.join(begun)}): give one, or say which in `auth_method`"
        else:
            yield (
                "no way into the shop is given: set `access_token`, or `username` and `password`, or an integration's "
                "four values, or `client_id`, `client_secret` and `ims_org_id`"
            )
        return
    missing = [f"`{name}`" for name in METHODS[method] if not config.get(name)]
    if missing:
        given = [f"`{name}`" for name in METHODS[method] if config.get(name)] or [f"`auth_method: {method}`"]
        yield f"{given[0]} needs {' and '.join(missing)}"
    for name in _WORDS:
        if config.get(name) and not (config[name].isascii() and config[name].isprintable() and " " not in config[name]):
            yield f"`{name}` holds a space, a line break or a letter that no such value has"
    if config.get("totp_secret") and not _is_base32(config["totp_secret"]):
        yield "`totp_secret` is not in base 32: give the text behind the QR code, not a one-time code"


def _contradictions(config: Mapping[str, Any]) -> Iterator[str]:
    allow_http = bool(config.get("allow_http"))
    for name in ("store_url", "ims_token_url"):
        problem = address_problem(name, config[name], allow_http=allow_http) if config.get(name) else None
        if problem:
            yield problem
    for header, value in (config.get("headers") or {}).items():
        if header.lower() in _TAKEN:
            yield f"`headers` must not hold `{header}`, which is the tap's to set"
        elif not (header.isascii() and header.isprintable() and " " not in header and _is_one_line(value)):
            yield "`headers` holds a line break, or a letter that no header can hold"
    if config.get("user_agent") and not _is_one_line(config["user_agent"]):
        yield "`user_agent` holds a line break, or a letter that no header can hold"
    if config.get("ca_bundle") and config.get("verify_ssl") is False:
        yield "`ca_bundle` has no use while `verify_ssl` is false; remove one of them"
    if config.get("client_key") and not config.get("client_cert"):
        yield "`client_key` needs `client_cert`"
    if config.get("start_date") and not _is_moment(config["start_date"]):
        yield "`start_date` must be a date or a timestamp such as 2024-01-01T00:00:00Z"


def _begun(config: Mapping[str, Any]) -> list[str]:
    begun = [method for method, names in _OWN.items() if any(config.get(name) for name in names)]
    return ["token", *begun] if config.get("access_token") and "oauth1" not in begun else begun


def _is_base32(text: str) -> bool:
    letters = text.replace(" ", "").upper().rstrip("=")
    try:
        return bool(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    except binascii.Error:
        return False


def _is_one_line(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return text.isprintable() and text == text.strip()


def _is_moment(text: object) -> bool:
    try:
        from_rfc3339(str(text))
    except ValueError:
        return False
    return True
