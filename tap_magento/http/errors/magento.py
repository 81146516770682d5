"""What a shop's own web server, PHP and Magento respond when something is wrong.

Magento's responses are those of docs/MAGENTO.md. Its messages are translated, so a rule goes by status, parameters and
structure; English words only sharpen what it says.
"""

from __future__ import annotations

from tap_magento.exceptions import (
    MagentoError,
    MissingModuleError,
    PageFailedError,
    RejectedRequestError,
    RequestTooLongError,
    ShopFailedError,
    ShopUnavailableError,
    UnverifiedHostError,
)
from tap_magento.http.errors.rule import ErrorRule

#: Web servers and PHP, where Magento does not speak.
SERVERS: tuple[ErrorRule, ...] = (
    ErrorRule(
        MagentoError,
        "a web server before the shop wants a name and a password of its own (HTTP Basic), which leaves no room for "
        "the tap's credentials: exempt `/rest` from it",
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
        "PHP printed an error into the response: at the shop, turn off `display_errors` and fix what its log says",
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
        RequestTooLongError,
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
        PageFailedError,
        "the web server gave up waiting for the request (408): check the network and the load balancer",
        (408,),
    ),
    ErrorRule(
        UnverifiedHostError,
        "the server does not support the request (501, {kind}): correct `store_url`, it is not the address of a "
        "Magento shop",
        (501,),
    ),
    ErrorRule(
        PageFailedError,
        "PHP does not respond to the web server (502): it is down, starting or overloaded",
        (502,),
    ),
    ErrorRule(
        PageFailedError,
        "the shop did not respond to its web server in time (504): lower `page_size`, or raise `fastcgi_read_timeout`",
        (504,),
    ),
)

#: Magento itself.
MAGENTO: tuple[ErrorRule, ...] = (
    ErrorRule(
        MagentoError,
        "the shop knows no store view{store_code}: correct `store_code`, or leave it out",
        (400,),
        body='"Specified request cannot be processed',
    ),
    ErrorRule(
        MagentoError,
        "the shop limits the parts of a request{message}: raise `webapi/validation/complex_array_limit` there",
        (400,),
        parameter=r"=\\?Magento\\",
    ),
    ErrorRule(
        MagentoError,
        "the shop is older than OAuth signatures with HMAC-SHA256: use `auth_method: password`",
        (400,),
        parameter="=HMAC-SHA256$",
    ),
    ErrorRule(
        MissingModuleError,
        "the shop has no such endpoint; its edition or version lacks the module: deselect the stream",
        (404,),
        body='"Request does not match any route',
    ),
    ErrorRule(
        RejectedRequestError,
        "Magento found nothing{message}",
        (404,),
        body="\"[^\"]*(no such entity|that was requested doesn't exist|requested product doesn't exist)",
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
        "Magento failed on what was requested; the shop's `var/log/exception.log` says why{id}",
        (500,),
        body=r"\bwebapi-[0-9a-f]+",
        reference=r"\b(webapi-[0-9a-f]+)",
    ),
    ErrorRule(
        ShopFailedError,
        "Magento failed while it responded; the shop's `var/log/exception.log` says why",
        (500,),
        header=("Content-Type", "^text/plain"),
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
        "the shop is in maintenance mode (503); `bin/magento maintenance:disable` ends it",
        (503,),
        body="Error 503: Service Unavailable|errors/default|maintenance",
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop is overloaded (503): lower `max_concurrency` if it stays so",
        (503,),
    ),
    ErrorRule(
        ShopUnavailableError,
        "the shop limits the rate of requests (429): lower `max_concurrency`",
        (429,),
    ),
)
