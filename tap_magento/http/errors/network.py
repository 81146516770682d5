"""What is wrong when there is no response.

Nothing that came over the wire is quoted: it may be a part of a body, or a header, with customers' data or a token.
"""

from __future__ import annotations

import http.client
import re
import ssl
from urllib.parse import urlsplit

import requests
from requests import exceptions
from urllib3.exceptions import InvalidHeader, ReadTimeoutError

from tap_magento.exceptions import (
    MagentoError,
    PageFailedError,
    ShopUnavailableError,
    UnverifiedHostError,
)
from tap_magento.http.errors.body import one_line
from tap_magento.http.transport import ResponseTooLargeError

_NO_TLS = r"wrong.version.number|record layer failure|packet length too long|unknown.protocol|http request"
_CLIENT_CERTIFICATE = "certificate required|handshake failure|bad certificate|unknown ca"


def connection_error(  # noqa: PLR0911  one return for each cause
    error: requests.RequestException, url: str, about: str = ""
) -> MagentoError | ShopUnavailableError:
    """Tell what is wrong when there is no response.

    Args:
        error: What `requests` raised.
        url: The address of the request.
        about: What was requested, as a person calls it: a stream's name.

    Returns:
        The error to raise instead.
    """
    host = _host_of(url)
    before = f"{about}: " if about else ""
    if isinstance(error, ResponseTooLargeError):
        return PageFailedError(
            f"{before}the response of {host} is larger than `max_response_bytes` ({error.maximum:,}): lower `page_size`"
        )
    chain = _chain(error)
    if isinstance(error, exceptions.SSLError):
        return _tls_error(_reason(chain), host, before)
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)):
        return MagentoError(f"{before}{host or 'the address'} is not a valid address: correct `store_url`")
    if isinstance(error, exceptions.InvalidHeader) and not any(isinstance(each, InvalidHeader) for each in chain):
        return MagentoError(f"{before}a header cannot be sent: remove the line breaks in `headers` and `user_agent`")
    if isinstance(error, exceptions.ProxyError):
        return _proxy_error(chain, host, before)
    if isinstance(error, exceptions.ConnectTimeout):
        return UnverifiedHostError(
            f"{before}{host} cannot be reached (no connection in time): check `store_url`, the network and the firewall"
        )
    if isinstance(error, exceptions.Timeout) or any(isinstance(each, ReadTimeoutError) for each in chain):
        return PageFailedError(f"{before}{host} did not respond in time: raise `request_timeout` or lower `page_size`")
    if isinstance(error, _BROKEN):
        return PageFailedError(f"{before}the response of {host} broke off or is malformed ({_reason(chain)})")
    return UnverifiedHostError(
        f"{before}{host} cannot be reached ({_reason(chain)}): check `store_url`, the network and the firewall"
    )


# What `requests` raises while it reads a response; an invalid header is one of the response here.
_BROKEN = (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError, exceptions.InvalidHeader)


def _tls_error(reason: str, host: str, before: str) -> MagentoError | ShopUnavailableError:
    if re.search(_CLIENT_CERTIFICATE, reason, re.IGNORECASE):
        return MagentoError(
            f"{before}{host} refused the TLS connection ({reason}): it wants a certificate of this client; "
            "give one it knows in `client_cert`"
        )
    if re.search(_NO_TLS, reason, re.IGNORECASE):
        return UnverifiedHostError(
            f"{before}{host} does not speak TLS at this port: correct the port in `store_url`, or begin it with http"
        )
    if "CERTIFICATE_VERIFY_FAILED" in reason or "doesn't match" in reason:
        return MagentoError(
            f"{before}the certificate of {host} cannot be verified ({reason}): renew it, or point `ca_bundle` "
            "to the authority that signed it"
        )
    return ShopUnavailableError(f"{before}the TLS connection to {host} broke ({reason})")


def _proxy_error(chain: list[BaseException], host: str, before: str) -> MagentoError | ShopUnavailableError:
    """Explain what a proxy did; of its response only the status is told."""
    refused = next((match for each in chain if (match := _TUNNEL_REFUSED.search(str(each)))), None)
    if refused is not None and refused[1] == "407":
        return MagentoError(f"{before}the proxy wants a name and a password: put them into `proxy`")
    reason = f"it responded with {refused[1]}" if refused else _reason(chain)
    return UnverifiedHostError(f"{before}the proxy before {host} cannot be used ({reason}): check `proxy`")


_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")


def _chain(error: BaseException) -> list[BaseException]:
    """List an error and its causes: `requests` wraps urllib3's errors, which wrap the socket's."""
    chain = [error]
    while len(chain) < 10:  # noqa: PLR2004  a bound, should causes go round in a circle
        last = chain[-1]
        reason = getattr(last, "reason", None)
        inner = reason if isinstance(reason, BaseException) else None
        inner = inner or next((arg for arg in last.args if isinstance(arg, BaseException)), None) or last.__cause__
        if inner is None:
            break
        chain.append(inner)
    return chain


def _reason(chain: list[BaseException]) -> str:
    """Give the innermost reason, in words of this machine: of others, the kind of the error alone."""
    last = chain[-1]
    if isinstance(last, http.client.RemoteDisconnected):
        return "it closed the connection without a response"
    if isinstance(last, http.client.HTTPException):
        return f"it sent no valid HTTP, {type(last).__name__}"
    if isinstance(last, (ssl.SSLError, ssl.CertificateError)):
        return one_line(re.sub(r" \(_ssl\.c:\d+\)", "", str(last.args[-1]) if last.args else type(last).__name__))
    if isinstance(last, OSError) and last.strerror:
        return one_line(last.strerror)
    return type(last).__name__


def _host_of(url: str) -> str:
    """Give host and port of an address, without the name and password it may hold."""
    try:
        return one_line(urlsplit(url).netloc.rpartition("@")[2])
    except ValueError:
        return ""
