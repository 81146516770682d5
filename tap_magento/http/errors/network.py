"""What is wrong when there is no answer."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import requests
from requests import exceptions

from tap_magento.exceptions import MagentoError, ShopUnavailableError, UnverifiedHostError
from tap_magento.http.errors.body import one_line


def connection_error(  # noqa: PLR0911  one return for each cause
    error: requests.RequestException, url: str, about: str = ""
) -> MagentoError | ShopUnavailableError:
    """Tell what is wrong when there is no answer.

    Args:
        error: What `requests` raised.
        url: The address asked.
        about: What was asked for, as a person calls it: a stream's name.

    Returns:
        The error to raise instead.
    """
    host = urlsplit(url).netloc
    before = f"{about}: " if about else ""
    reason = _innermost(error)
    if isinstance(error, exceptions.SSLError):
        if re.search(r"certificate required|handshake failure|bad certificate|unknown ca", reason, re.IGNORECASE):
            return MagentoError(
                f"{before}{host} refused the TLS connection ({reason}): it wants a certificate of this client; "
                "give one it knows in `client_cert`"
            )
        if "CERTIFICATE_VERIFY_FAILED" not in reason and "doesn't match" not in reason:
            return ShopUnavailableError(f"{before}the TLS connection to {host} broke ({reason})")
        return MagentoError(
            f"{before}the certificate of {host} cannot be verified ({reason}): mend it, or point `ca_bundle` "
            "to the authority that signed it"
        )
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)):
        return MagentoError(f"{before}{host or 'the address'} is no address of a shop: correct `store_url`")
    if isinstance(error, exceptions.InvalidHeader):
        return MagentoError(f"{before}a header cannot be sent: see the line breaks in `headers` and `user_agent`")
    if isinstance(error, exceptions.ProxyError):
        if "407" in reason:
            return MagentoError(f"{before}the proxy wants a name and a password: put them into `proxy`")
        return UnverifiedHostError(f"{before}the proxy before {host} cannot be used ({reason}): check `proxy`")
    if isinstance(error, exceptions.Timeout):
        return ShopUnavailableError(
            f"{before}{host} did not answer in time: raise `request_timeout` or lower `page_size`"
        )
    if isinstance(error, (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError)):
        return ShopUnavailableError(f"{before}the answer of {host} broke off ({reason})")
    return UnverifiedHostError(
        f"{before}{host} cannot be reached ({reason}): check `store_url`, the network and the firewall"
    )


def _innermost(error: BaseException) -> str:
    """Give the last reason of a chain: `requests` wraps urllib3's errors, which wrap the socket's."""
    while True:
        reason = getattr(error, "reason", None) or next(
            (arg for arg in error.args if isinstance(arg, BaseException)), None
        )
        if not isinstance(reason, BaseException):
            break
        error = reason
    # What is no text may be the part of the answer that came: it can hold customers' data, or a token.
    text = str(error.args[-1]) if error.args and isinstance(error.args[-1], str) else type(error).__name__
    return one_line(re.sub(r"<[^>]*>:? ?", "", text) or type(error).__name__)
