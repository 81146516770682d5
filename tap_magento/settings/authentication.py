"""The settings of the authentication methods."""

from __future__ import annotations

from tap_magento.settings.declare import choice, text
from tap_magento.settings.validation import METHODS

AUTHENTICATION = (
    choice(
        "auth_method",
        "Authentication method",
        (
            "How the tap authenticates: `token`, `password`, `oauth1` or `ims`. Needed only if the credentials given "
            "fit several methods."
        ),
        values=list(METHODS),
    ),
    text(
        "access_token",
        "Access token",
        "`token`: access token of an integration or an administrator. `oauth1`: access token of the integration.",
        secret=True,
    ),
    text("username", "Username", "`password`: user name of an administrator account created for this tap."),
    text(
        "password",
        "Password",
        "`password`: password of that account. The tap requests tokens with it and renews them before they expire.",
        secret=True,
    ),
    text(
        "totp_secret",
        "TOTP secret",
        (
            "`password`: shared secret (base 32) of the account's two-factor authentication: the text behind the QR "
            "code for Google Authenticator."
        ),
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
    text("client_id", "Client ID", "`ims`: client ID of the OAuth server-to-server credential; also the API key."),
    text("client_secret", "Client secret", "`ims`: client secret of that credential.", secret=True),
    text("ims_org_id", "IMS organization ID", "`ims`: ID of the organization, ending in `@AdobeOrg`."),
    text(
        "ims_token_url",
        "IMS token endpoint",
        "`ims`: URL of the token endpoint.",
        default="https://ims-na1.adobelogin.com/ims/token/v3",
    ),
    text(
        "ims_scopes",
        "IMS scopes",
        "`ims`: scopes to request, separated by commas.",
        default=(
            "openid,AdobeID,email,profile,additional_info.roles,additional_info.projectedProductContext,commerce.accs"
        ),
    ),
    choice(
        "on_missing_access",
        "On missing access",
        (
            "When a selected stream cannot be read, because the account lacks the permission or the shop lacks the "
            "module: `fail` exits with code 1, `skip` warns. Other streams are synced either way."
        ),
        values=["fail", "skip"],
        default="fail",
    ),
)
