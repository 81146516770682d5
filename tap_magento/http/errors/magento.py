"""What a shop's own web server, PHP and Magento answer when all is not well.

Magento's answers are those of MEASURED.md (a), (b2), (g), (h) and SOURCE_FACTS.md 4.6.
"""

from __future__ import annotations

from tap_magento.exceptions import MagentoError, MissingModuleError, ShopFailedError, ShopUnavailableError
from tap_magento.http.errors.rule import ErrorRule

#: Web servers and PHP, where Magento does not speak.
SERVERS: tuple[ErrorRule, ...] = (
    ErrorRule(
        MagentoError,
        "a web server before the shop wants a name and a password of its own (HTTP Basic), which leaves no room for "
        "the tap's: let `/rest` through without",
        (401,),
        ("WWW-Authenticate", "^basic"),
    ),
    ErrorRule(
        ShopFailedError,
        "PHP ran out of memory: lower `page_size`, or raise `memory_limit` at the shop",
        (200, 500),
        body="allowed memory size of",
    ),
    ErrorRule(
        ShopFailedError,
        "PHP took longer than its limit: lower `page_size`, or raise `max_execution_time` at the shop",
        (200, 500),
        body="maximum execution time of",
    ),
    ErrorRule(
        ShopFailedError,
        "PHP printed an error into the answer: at the shop, turn off `display_errors` and mend what its log says",
        (200, 500),
        body=r"<b>(fatal error|parse error|warning|notice|deprecated)</b>|^(php )?(fatal error|warning):",
    ),
    ErrorRule(
        MagentoError,
        "the web server refused the request (403): allow this machine's address and `/rest` there",
        (403,),
        body="<center>(nginx|openresty)|apache|<h1>forbidden",
    ),
    ErrorRule(
        MagentoError,
        "the web server does not know the address (404, {kind}): correct `store_url`; without URL rewriting it ends "
        "in `/index.php`",
        (404,),
        ("Content-Type", "html|^$"),
    ),
    ErrorRule(
        MagentoError,
        "the request is longer than the web server takes ({status}): raise `large_client_header_buffers` at the shop, "
        "or select fewer fields",
        (414, 431),
    ),
    ErrorRule(
        MagentoError,
        "the headers are longer than the web server takes: shorten `headers`",
        (400,),
        body="header or cookie too large",
    ),
    ErrorRule(
        MagentoError,
        "the web server wants a certificate of this client: give one it knows in `client_cert`",
        (400,),
        body="ssl certificate was sent|ssl certificate error",
    ),
    ErrorRule(
        MagentoError,
        "the shop's web server speaks TLS at this port: begin `store_url` with https",
        (400,),
        body="plain http request was sent to https port",
    ),
    ErrorRule(
        ShopUnavailableError,
        "PHP does not answer the web server (502): it is down, starting or overloaded",
        (502,),
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop did not answer its web server in time (504): lower `page_size`, or raise `fastcgi_read_timeout`",
        (504,),
    ),
)

#: Magento itself.
MAGENTO: tuple[ErrorRule, ...] = (
    ErrorRule(
        MagentoError,
        "the shop knows no store view of that code: correct `store_code`, or leave it out",
        (400,),
        body='"Specified request cannot be processed',
    ),
    ErrorRule(
        MagentoError,
        "the shop limits the parts of a request{message}: raise `webapi/validation/complex_array_limit` there",
        (400,),
        body='"Maximum items of type',
    ),
    ErrorRule(
        MagentoError,
        "the shop is older than OAuth signatures with HMAC-SHA256: use `auth_method: password`",
        (400,),
        body='"Signature method %1 is not supported',
    ),
    ErrorRule(
        MissingModuleError,
        "the shop has no such endpoint; its edition or version lacks the module: deselect the stream",
        (404,),
        body='"Request does not match any route',
    ),
    ErrorRule(
        MagentoError,
        "Magento found nothing{message}",
        (404,),
    ),
    ErrorRule(
        ShopFailedError,
        "PHP gave up, most often for lack of memory: lower `page_size`; the shop's `var/report/api` says more{id}",
        (500,),
        body=r'"messages":\s*\{"error"',
        reference=r"report api\\?/(\d+)",
    ),
    ErrorRule(
        ShopFailedError,
        "Magento failed on what was asked; the shop's `var/log/exception.log` says why{id}",
        (500,),
        body=r'"Internal Error\. Details are available',
        reference=r"Report ID: ([\w-]+)",
    ),
    ErrorRule(
        ShopFailedError,
        "Magento failed while it answered; the shop's `var/log/exception.log` says why",
        (500,),
        body="^An error has happened during application run",
    ),
    ErrorRule(
        ShopUnavailableError,
        "Magento shows its error page; the shop's `var/report` says why{id}",
        (500,),
        body="There has been an error processing your request",
        reference=r"record number:\s*(?:<[^>]*>)?\s*(\w+)",
    ),
    ErrorRule(
        ShopFailedError,
        "Magento failed{message}",
        (500,),
        header=("Content-Type", "json"),
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop is in maintenance (503): try again when it is back",
        (503,),
        body="Error 503: Service Unavailable|errors/default|maintenance",
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop is overloaded (503): try again later, or lower `max_concurrency`",
        (503,),
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop limits the rate of requests (429): lower `max_concurrency`",
        (429,),
    ),
)
