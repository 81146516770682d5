"""The settings of the ways into a shop."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_magento.settings.validation import METHODS


def text(
    name: str, title: str, description: str, *, secret: bool = False, default: str | None = None
) -> th.Property[Any]:
    """Declare a setting that is a text.

    Args:
        name: Its name.
        title: What a form calls it.
        description: What it is for, in whole sentences.
        secret: Whether it must never be shown.
        default: What it is if it is not given.

    Returns:
        The declaration.
    """
    return th.Property(
        name, th.StringType(nullable=False), secret=secret, title=title, description=description, default=default
    )


#: Who the tap is to the shop.
ACCESS = (
    th.Property(
        "auth_method",
        th.StringType(nullable=False, allowed_values=list(METHODS)),
        title="Way in",
        description=(
            "How the tap logs in: `token`, `password`, `oauth1` or `ims`. "
            "Needed only where the settings given would do for several."
        ),
    ),
    text(
        "access_token",
        "Access token",
        "`token`: access token of an administrator, or of an integration. `oauth1`: access token of the integration.",
        secret=True,
    ),
    text("username", "Username", "`password`: name of an administrator's account made for this tap."),
    text(
        "password",
        "Password",
        "`password`: password of that account. Tokens are requested with it and renewed before they expire.",
        secret=True,
    ),
    text(
        "totp_secret",
        "Secret of the one-time codes",
        "`password`: the text behind the QR code of the account's Google Authenticator, in base 32.",
        secret=True,
    ),
    text("consumer_key", "Consumer key", "`oauth1`: consumer key of the integration.", secret=True),
    text("consumer_secret", "Consumer secret", "`oauth1`: consumer secret of the integration.", secret=True),
    text(
        "access_token_secret",
        "Access token secret",
        "`oauth1`: access token secret of the integration.",
        secret=True,
    ),
    text("client_id", "Client id", "`ims`: client id of the server-to-server credential, also the API key."),
    text("client_secret", "Client secret", "`ims`: client secret of that credential.", secret=True),
    text("ims_org_id", "Organisation", "`ims`: id of the organisation, ending in `@AdobeOrg`."),
    text(
        "ims_token_url",
        "Token endpoint",
        "`ims`: where tokens are issued.",
        default="https://ims-na1.adobelogin.com/ims/token/v3",
    ),
    text(
        "ims_scopes",
        "Scopes",
        "`ims`: what the token is for, with commas between.",
        default=(
            "openid,AdobeID,email,profile,additional_info.roles,additional_info.projectedProductContext,commerce.accs"
        ),
    ),
    th.Property(
        "on_missing_access",
        th.StringType(nullable=False, allowed_values=["fail", "skip"]),
        default="fail",
        title="On missing access",
        description=(
            "What to do with a selected stream that these credentials may not read, or that the shop does not have: "
            "all others are read either way; then `fail` ends with exit code 1, `skip` with a warning."
        ),
    ),
)
