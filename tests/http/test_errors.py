"""Each line of the error table: the answer as recorded or documented, and the sentence that a person reads."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from socket import gaierror

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import InvalidHeader, ReadTimeoutError

from tap_magento.exceptions import RequestTooLongError
from tap_magento.http.errors import (
    MagentoError,
    MissingModuleError,
    NotFoundError,
    PageFailedError,
    PageSizeError,
    RejectedRequestError,
    ShopFailedError,
    ShopUnavailableError,
    UnexpectedResponseError,
    UnverifiedHostError,
    connection_error,
    error_in,
    message_of,
    resources_of,
)
from tap_magento.http.errors.cdn_waf import CDN_WAF
from tap_magento.http.errors.magento import MAGENTO, SERVERS
from tap_magento.http.transport import ResponseTooLargeError
from tap_magento.runtime import redaction

URL = "https://shop.example.com/rest/all/V1/orders?searchCriteria%5BcurrentPage%5D=1"
LET_IN = "let this machine's address through, or a key it knows in `headers`"


def respond(status: int, body: str = "", url: str = URL, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.url = url
    response._content = body.encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def html(status: int, title: str, body: str = "", **headers: str) -> requests.Response:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return respond(status, page, **{"Content_Type": "text/html; charset=UTF-8", **headers})


def magento(status: int, message: str, parameters: object = None) -> requests.Response:
    content = {"message": message} if parameters is None else {"message": message, "parameters": parameters}
    return respond(status, json.dumps(content), Content_Type="application/json; charset=utf-8")


def nginx(status: int, title: str) -> requests.Response:
    return html(status, f"{status} {title}", f"<center><h1>{status} {title}</h1></center><hr><center>nginx</center>")


@dataclass(frozen=True)
class Case:
    name: str
    response: requests.Response
    told: type[Exception]
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


CLOUDFLARE = {"Server": "cloudflare", "CF_RAY": "8f2e4c-FRA"}
FASTLY = {"X_Served_By": "cache-fra-eddf8230", "Via": "1.1 varnish"}
SUCURI = {"Server": "Sucuri/Cloudproxy", "X_Sucuri_ID": "18004"}
CLOUDFRONT = {"Server": "CloudFront", "X_Amz_Cf_Id": "k3h=="}

CASES = [
    # Cloudflare
    Case(
        "cloudflare challenge",
        html(403, "Just a moment...", **CLOUDFLARE, cf_mitigated="challenge"),
        MagentoError,
        f"Cloudflare wants proof of a human (reference 8f2e4c-FRA): in its bot rules, {LET_IN}",
    ),
    Case(
        "cloudflare challenge as a 503",
        html(503, "Just a moment...", **CLOUDFLARE),
        MagentoError,
        f"Cloudflare wants proof of a human (reference 8f2e4c-FRA): in its bot rules, {LET_IN}",
    ),
    Case(
        "cloudflare rate limit",
        respond(429, "error code: 1015", **CLOUDFLARE, Content_Type="text/plain"),
        ShopUnavailableError,
        "Cloudflare limits the rate of requests (reference 8f2e4c-FRA): lower `max_concurrency`, or raise the limit "
        "there",
    ),
    Case(
        "cloudflare block",
        html(403, "Attention Required! | Cloudflare", **CLOUDFLARE),
        MagentoError,
        f"Cloudflare's firewall blocked the request (reference 8f2e4c-FRA): in its rules, {LET_IN}",
    ),
    Case(
        "cloudflare block, in text",
        respond(403, "error code: 1010", **CLOUDFLARE, Content_Type="text/plain"),
        MagentoError,
        f"Cloudflare's firewall blocked the request (reference 8f2e4c-FRA): in its rules, {LET_IN}",
    ),
    Case(
        "cloudflare no origin",
        html(530, "Origin DNS error", **CLOUDFLARE),
        MagentoError,
        "Cloudflare cannot find the shop's own server (530) (reference 8f2e4c-FRA): correct its DNS records there",
    ),
    Case(
        "cloudflare tls",
        html(526, "Invalid SSL certificate", **CLOUDFLARE),
        MagentoError,
        "Cloudflare and the shop's server disagree on TLS (526) (reference 8f2e4c-FRA): renew the certificate of that "
        "server",
    ),
    Case(
        "cloudflare timeout",
        html(524, "A timeout occurred", **CLOUDFLARE),
        PageFailedError,
        "Cloudflare got no response from the shop in time (524) (reference 8f2e4c-FRA): lower `page_size`, its limit "
        "is 100 seconds",
    ),
    Case(
        "cloudflare origin down",
        html(521, "Web server is down", **CLOUDFLARE),
        ShopUnavailableError,
        "Cloudflare cannot reach the shop's server (521) (reference 8f2e4c-FRA): it is down or overloaded",
    ),
    # Sucuri
    Case(
        "sucuri block",
        html(403, "Sucuri WebSite Firewall - Access Denied", **SUCURI, X_Sucuri_Block="BRT001"),
        MagentoError,
        f"Sucuri's firewall blocked the request (reference BRT001): there, {LET_IN}",
    ),
    Case(
        "sucuri origin down",
        html(502, "Sucuri WebSite Firewall - Backend connection error", **SUCURI),
        ShopUnavailableError,
        "Sucuri's firewall cannot reach the shop's server (502): it is down or overloaded",
    ),
    # Amazon
    Case(
        "aws waf challenge",
        respond(202, "", Server="awselb/2.0", x_amzn_waf_action="challenge", Content_Type="text/html"),
        MagentoError,
        f"AWS WAF wants proof of a human (it sent a challenge or captcha): in its rules, {LET_IN}",
    ),
    Case(
        "aws waf captcha",
        html(405, "Human Verification", x_amzn_waf_action="captcha"),
        MagentoError,
        f"AWS WAF wants proof of a human (it sent a challenge or captcha): in its rules, {LET_IN}",
    ),
    Case(
        "aws waf at cloudfront",
        html(403, "ERROR: The request could not be satisfied", "Request blocked.", **CLOUDFRONT),
        MagentoError,
        f"AWS WAF at CloudFront blocked the request (reference k3h==): in its rules, {LET_IN}",
    ),
    Case(
        "cloudfront timeout",
        html(504, "ERROR: The request could not be satisfied", **CLOUDFRONT),
        PageFailedError,
        "CloudFront got no response from the shop (504) (reference k3h==): it is down, overloaded, or `page_size` is "
        "too large",
    ),
    Case(
        "aws waf at the load balancer",
        html(403, "403 Forbidden", Server="awselb/2.0"),
        MagentoError,
        f"AWS WAF at the load balancer blocked the request: in its rules, {LET_IN}",
    ),
    # Fastly
    Case(
        "fastly unknown domain",
        html(500, "Fastly error: unknown domain shop.example.com", "Fastly error: unknown domain: shop.example.com."),
        MagentoError,
        "Fastly knows no shop of this host: correct `store_url`, or the domains in Fastly",
    ),
    Case(
        "fastly waf",
        html(406, "Not Acceptable", **FASTLY),
        MagentoError,
        f"Fastly's firewall blocked the request with 406: there, {LET_IN}",
    ),
    Case(
        "fastly rate limit",
        html(429, "Too Many Requests", **FASTLY, Retry_After="5"),
        ShopUnavailableError,
        "Fastly limits the rate of requests: lower `max_concurrency`, or raise the limit there",
    ),
    Case(
        "fastly first byte",
        html(503, "503 first byte timeout", "<h1>Error 503 first byte timeout</h1>", **FASTLY),
        PageFailedError,
        "Fastly got no response from the shop in time: lower `page_size`, or raise the first-byte timeout there",
    ),
    Case(
        "varnish backend",
        html(503, "503 Backend fetch failed", "<h3>Guru Meditation:</h3>", **FASTLY),
        ShopUnavailableError,
        "Varnish cannot reach the shop's server (503): it is down or overloaded",
    ),
    # web servers and PHP
    Case(
        "http basic",
        html(401, "401 Authorization Required", WWW_Authenticate='Basic realm="staging"'),
        MagentoError,
        "a web server before the shop wants a name and a password of its own (HTTP Basic), which leaves no room for "
        "the tap's credentials: exempt `/rest` from it",
    ),
    Case(
        "php memory",
        respond(
            200,
            "<br />\n<b>Fatal error</b>: Allowed memory size of 805306368 bytes exhausted in <b>/var/www</b>",
            Content_Type="text/html",
        ),
        ShopFailedError,
        "PHP ran out of memory: lower `page_size`, or raise `memory_limit` at the shop",
    ),
    Case(
        "php time",
        html(500, "", "<b>Fatal error</b>: Maximum execution time of 30 seconds exceeded"),
        ShopFailedError,
        "PHP took longer than its limit: lower `page_size`, or raise `max_execution_time` at the shop",
    ),
    Case(
        "php warning",
        respond(200, '<br /><b>Warning</b>: Undefined array key in <b>x.php</b>{"items":[', Content_Type="text/html"),
        ShopFailedError,
        "PHP printed an error into the response: at the shop, turn off `display_errors` and fix what its log says",
    ),
    Case(
        "nginx 403",
        nginx(403, "Forbidden"),
        MagentoError,
        "the web server refused the request (403): allow this machine's address and `/rest` there",
    ),
    Case(
        "nginx 404",
        nginx(404, "Not Found"),
        MagentoError,
        "the web server does not know the address (404, an HTML page): correct `store_url`; without URL rewriting it "
        "ends in `/index.php`",
    ),
    Case(
        "nginx 414",
        nginx(414, "Request-URI Too Large"),
        RequestTooLongError,
        "the request is longer than the web server takes (414): raise `large_client_header_buffers` at the shop, or "
        "select fewer fields",
    ),
    Case(
        "nginx headers",
        nginx(400, "Request Header Or Cookie Too Large"),
        MagentoError,
        "the headers are longer than the web server takes: shorten `headers`",
    ),
    Case(
        "nginx client certificate",
        nginx(400, "No required SSL certificate was sent"),
        MagentoError,
        "the web server wants a certificate of this client: give one it knows in `client_cert`",
    ),
    Case(
        "nginx http to https",
        nginx(400, "The plain HTTP request was sent to HTTPS port"),
        MagentoError,
        "the shop's web server speaks TLS at this port: begin `store_url` with https",
    ),
    Case(
        "timeout of a load balancer",
        html(408, "Request Time-out"),
        PageFailedError,
        "the web server gave up waiting for the request (408): check the network and the load balancer",
    ),
    Case(
        "another server",
        html(501, "Unsupported method"),
        UnverifiedHostError,
        "the server does not support the request (501, an HTML page): correct `store_url`, it is not the address of a "
        "Magento shop",
    ),
    Case(
        "nginx 502",
        nginx(502, "Bad Gateway"),
        PageFailedError,
        "PHP does not respond to the web server (502): it is down, starting or overloaded",
    ),
    Case(
        "nginx 504",
        nginx(504, "Gateway Time-out"),
        PageFailedError,
        "the shop did not respond to its web server in time (504): lower `page_size`, or raise `fastcgi_read_timeout`",
    ),
    # Magento
    Case(
        "store view",
        magento(400, "Specified request cannot be processed."),
        MagentoError,
        "the shop knows no store view 'all': correct `store_code`, or leave it out",
    ),
    Case(
        "input limit",
        magento(400, 'Maximum items of type "%type" is %max', {"type": "\\Magento\\FilterGroup", "max": 20}),
        MagentoError,
        'the shop limits the parts of a request: Maximum items of type "\\Magento\\FilterGroup" is 20: raise '
        "`webapi/validation/complex_array_limit` there",
    ),
    Case(
        "signature method",
        magento(400, "Signature method %1 is not supported", ["HMAC-SHA256"]),
        MagentoError,
        "the shop is older than OAuth signatures with HMAC-SHA256: use `auth_method: password`",
    ),
    Case(
        "page size",
        magento(400, "Maximum SearchCriteria pageSize is %max", {"max": 300}),
        PageSizeError,
        "the shop serves at most 300 rows a page",
    ),
    Case(
        "no route",
        magento(404, "Request does not match any route."),
        MissingModuleError,
        "the shop has no such endpoint; its edition or version lacks the module: deselect the stream",
    ),
    Case(
        "no entity",
        magento(404, 'No such entity with %fieldName = "%fieldValue"', {"fieldName": "id", "fieldValue": "7"}),
        RejectedRequestError,
        'Magento found nothing: No such entity with id = "7"',
    ),
    Case(
        "invalid attribute",
        magento(400, 'The "%1" attribute name is invalid. Reset the name and try again.', ["colour"]),
        RejectedRequestError,
        'the shop rejected the request with 400: The "colour" attribute name is invalid. Reset the name and try again.',
    ),
    Case(
        "fatal",
        respond(
            500,
            '{"messages":{"error":[{"code":500,"message":"Server internal error. See details in report '
            'api\\/1109485520517"}]}}',
            Content_Type="application/json; charset=UTF-8",
        ),
        ShopFailedError,
        "PHP gave up, most often for lack of memory: lower `page_size`; the shop's `var/report/api` says more "
        "(reference 1109485520517)",
    ),
    Case(
        "masked",
        magento(500, "Internal Error. Details are available in Magento log file. Report ID: webapi-6b01dc2dca241"),
        ShopFailedError,
        "Magento failed on what was requested; the shop's `var/log/exception.log` says why (reference "
        "webapi-6b01dc2dca241)",
    ),
    Case(
        "plain text",
        respond(
            500,
            "An error has happened during application run. See exception log for details.",
            Content_Type="text/plain;charset=UTF-8",
        ),
        ShopFailedError,
        "Magento failed while it responded; the shop's `var/log/exception.log` says why",
    ),
    Case(
        "error page",
        html(
            500,
            "There has been an error processing your request",
            "<p>Error log record number: <strong>a81f0e2c</strong></p>",
        ),
        ShopUnavailableError,
        "Magento shows its error page; the shop's `var/report` says why (reference a81f0e2c)",
    ),
    Case(
        "other 500",
        magento(500, "Something went wrong"),
        ShopFailedError,
        "Magento failed: Something went wrong",
    ),
    Case(
        "maintenance",
        html(503, "Error 503: Service Unavailable", "<h1>Service Temporarily Unavailable</h1>"),
        ShopUnavailableError,
        "the shop is in maintenance mode (503); `bin/magento maintenance:disable` ends it",
    ),
    Case(
        "overloaded",
        nginx(503, "Service Temporarily Unavailable"),
        ShopUnavailableError,
        "the shop is overloaded (503): lower `max_concurrency` if it stays so",
    ),
    Case(
        "rate limit",
        magento(429, "Too Many Requests"),
        ShopUnavailableError,
        "the shop limits the rate of requests (429): lower `max_concurrency`",
    ),
    Case(
        "gone",
        magento(404, "The product that was requested doesn't exist. Verify the product and try again."),
        RejectedRequestError,
        "Magento found nothing: The product that was requested doesn't exist. Verify the product and try again",
    ),
    Case(
        "gone, in another language",
        magento(404, "Aucune entité avec %fieldName = %fieldValue", {"fieldName": "id", "fieldValue": "7"}),
        RejectedRequestError,
        "Magento found nothing: Aucune entité avec id = 7",
    ),
    Case(
        "no route, in another language",
        magento(404, "La requête ne correspond à aucun itinéraire."),
        NotFoundError,
        "the shop responded with 404: La requête ne correspond à aucun itinéraire.: if its edition or version lacks "
        "the module, deselect the stream",
    ),
    Case(
        "page size, by position",
        magento(400, "La taille de page maximale est %1", [300]),
        PageSizeError,
        "the shop serves at most 300 rows a page",
    ),
    Case(
        "page size, already filled in",
        magento(400, "Maximum SearchCriteria pageSize is 300"),
        PageSizeError,
        "the shop serves at most 300 rows a page",
    ),
    Case(
        "input limit, in another language",
        magento(400, "Maximum %1: %2", ["\\Magento\\FilterGroup", 20]),
        MagentoError,
        "the shop limits the parts of a request: Maximum \\Magento\\FilterGroup: 20: raise "
        "`webapi/validation/complex_array_limit` there",
    ),
    Case(
        "signature method, in another language",
        magento(400, "La signature %1 n'est pas prise en charge", ["HMAC-SHA256"]),
        MagentoError,
        "the shop is older than OAuth signatures with HMAC-SHA256: use `auth_method: password`",
    ),
    Case(
        "a 400 that may pass",
        magento(400, "Something went wrong. Please try again."),
        RejectedRequestError,
        "the shop rejected the request with 400: Something went wrong. Please try again.",
    ),
    # anything else
    Case(
        "nothing",
        respond(200, " ", Content_Type="text/html"),
        UnexpectedResponseError,
        "the response is empty (200): check that `store_url` is the shop's own address, and that no firewall or login "
        "page stands before it; if other requests succeed, see the shop's `var/log`",
    ),
    Case(
        "login page",
        html(200, "Log in"),
        UnexpectedResponseError,
        "the response is an HTML page instead of JSON: check that `store_url` is the shop's own address, and that no "
        "firewall or login page stands before it; if other requests succeed, see the shop's `var/log`",
    ),
    Case(
        "other 4xx",
        magento(405, "The PATCH HTTP method is not supported."),
        MagentoError,
        "the shop rejected the request with 405: The PATCH HTTP method is not supported.",
    ),
    Case(
        "other 5xx",
        html(507, "Insufficient Storage"),
        ShopUnavailableError,
        "the shop failed with 507 and an HTML page",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_answer_has_its_sentence(case: Case) -> None:
    error = error_in(case.response, "orders")
    assert type(error) is case.told
    assert str(error).removeprefix("orders: ") == case.sentence
    assert "\n" not in str(error)


def test_every_sign_has_a_case() -> None:
    seen = {next((s for s in (*CDN_WAF, *SERVERS, *MAGENTO) if s.matches(case.response)), None) for case in CASES}
    assert {*CDN_WAF, *SERVERS, *MAGENTO} <= seen


def test_the_stream_is_named_or_else_the_path() -> None:
    assert str(error_in(nginx(502, "Bad Gateway"), "orders")).startswith("orders: PHP does not respond")
    assert str(error_in(nginx(502, "Bad Gateway"))).startswith("/rest/all/V1/orders: PHP does not respond")


def test_a_good_answer_through_a_firewall_is_good() -> None:
    assert error_in(respond(200, '{"items":[]}', Content_Type="application/json", **CLOUDFLARE, **FASTLY)) is None


def test_magentos_own_refusals_through_a_cache_stay_magentos() -> None:
    response = magento(404, "Request does not match any route.")
    response.headers.update({"X-Served-By": "cache-fra-eddf8230", "Server": "cloudflare"})
    assert isinstance(error_in(response), MissingModuleError)
    refused = magento(403, "Api Key is invalid")
    refused.headers.update(response.headers)
    assert str(error_in(refused, "orders")) == "orders: the shop rejected the request with 403: Api Key is invalid"


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        (
            "https://www.shop.example.com/rest/all/V1/orders?searchCriteria=",
            (
                "orders: the shop redirects to https://www.shop.example.com: set `store_url` to that address "
                "(credentials "
                "are not sent along a redirect)"
            ),
        ),
        (
            "/shop/rest/all/V1/orders",
            (
                "orders: the shop redirects to https://shop.example.com/shop: set `store_url` to that address "
                "(credentials "
                "are not sent along a redirect)"
            ),
        ),
        (
            "https://sso.example.com/login?next=%2Frest",
            (
                "orders: the shop redirects to https://sso.example.com/login, which is not an address of its API: "
                "correct `store_url`, or remove the login page or the redirect that stands before `/rest`"
            ),
        ),
    ],
)
def test_a_redirect_says_what_to_configure(location: str, sentence: str) -> None:
    assert str(error_in(respond(302, Location=location), "orders")) == sentence


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("", "without saying where"),
        ("http://[::1", "to an invalid address"),
        ("http://host:99999999/", "to an invalid address"),
        ("https://user:secret@sso.example.com:8443/x", "to https://sso.example.com:8443/x, which"),
        ("https://[::1]/x\x1b[2J", r"to https://\[::1\]/x\\x1b\[2J, which"),
    ],
)
def test_a_redirect_to_no_address_or_with_a_password_is_told_without_it(location: str, sentence: str) -> None:
    with pytest.raises(MagentoError, match=f"^orders: the shop redirects .*{sentence}") as raised:
        raise error_in(respond(302, Location=location), "orders") or AssertionError
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "value", ["99999999999999", "9" * 5000, "\u00b2", "-1", "NaN", "1e3", "", "soon", "Sat, 21 Nov 9999 10:00:30 GMT"]
)
def test_an_absurd_retry_after_is_none(value: str) -> None:
    error = error_in(respond(503, Retry_After=value, Content_Type="text/html"), "orders")
    assert isinstance(error, ShopUnavailableError)
    assert error.retry_after is None


@pytest.mark.parametrize(
    "response",
    [
        magento(401, "Le consommateur n'est pas autorisé : %resources.", {"resources": "Magento_Sales::shipment"}),
        magento(401, "Le consommateur n'est pas autorisé : %1.", ["Magento_Sales::shipment"]),
        magento(401, "The consumer isn't authorized to access Magento_Sales::shipment."),
    ],
)
def test_the_resource_of_a_401_is_found_in_any_language(response: requests.Response) -> None:
    assert resources_of(response) == "Magento_Sales::shipment"


@pytest.mark.parametrize("parameters", [None, ["1"], {"resources": ["x" * 5000]}, {"resources": 7}])
def test_a_401_about_something_else_names_no_resource(parameters: object) -> None:
    assert resources_of(magento(401, "The signature is invalid. %1", parameters)) is None


def test_a_limit_at_or_above_the_requested_page_size_is_none() -> None:
    url = URL.replace("currentPage%5D=1", "pageSize%5D=50")
    response = respond(400, json.dumps({"message": "%max", "parameters": {"max": 300}}), url=url)
    response.headers["Content-Type"] = "application/json"
    assert isinstance(error_in(response, "orders"), RejectedRequestError)


def test_only_magentos_message_is_quoted_of_a_response() -> None:
    for content_type in ("application/json", "text/plain", "text/html", "jane@example.com", ""):
        for status in (200, 204, 301, 400, 401, 403, 404, 418, 500, 503):
            text = '{"customer_email": "jane@example.com"}'
            error = error_in(respond(status, text, Content_Type=content_type, Location="x"), "orders")
            assert "jane" not in str(error)


def test_a_message_cannot_be_blown_up_nor_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", redaction._Secrets())
    redaction.hide("hunter2-hunter2")
    response = magento(400, "%1" * 5000, ["x" * 290 + "hunter2-hunter2" * 10_000])
    assert len(message_of(response)) < 400
    assert "hunter" not in message_of(response)
    assert message_of(magento(400, "a\nb\x1b[2J")) == r"a b\x1b[2J"


def test_retry_after_counts_from_the_shops_clock() -> None:
    late = respond(
        503, Retry_After="Sat, 21 Nov 2026 10:00:30 GMT", Date="Sat, 21 Nov 2026 10:00:00 GMT", Content_Type="text/html"
    )
    error = error_in(late)
    assert isinstance(error, ShopUnavailableError)
    assert error.retry_after == 30.0


def test_placeholders_are_filled_in() -> None:
    assert message_of(magento(400, "%1 and %2", ["a", "b"])) == "a and b"
    assert message_of(magento(401, "no %resources.", {"resources": "Magento_X::y"})) == "no Magento_X::y."
    assert message_of(magento(400, "%fieldName is %unknown", {"fieldName": "id"})) == "id is %unknown"


def test_a_body_is_never_told_whole() -> None:
    error = error_in(magento(400, "customer@example.com " * 1000), "orders")
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("error", "told", "sentence"),
    [
        (
            requests.exceptions.SSLError(ssl.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired")),
            MagentoError,
            (
                "orders: the certificate of shop.example.com cannot be verified ([SSL: CERTIFICATE_VERIFY_FAILED] "
                "certificate has expired): renew it, or point `ca_bundle` to the authority that signed it"
            ),
        ),
        (
            requests.exceptions.SSLError(
                ssl.SSLError("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
            ),
            MagentoError,
            (
                "orders: shop.example.com refused the TLS connection ([SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 "
                "alert certificate required): it wants a certificate of this client; give one it knows in `client_cert`"
            ),
        ),
        (
            requests.exceptions.SSLError(ssl.SSLEOFError("EOF occurred in violation of protocol")),
            ShopUnavailableError,
            "orders: the TLS connection to shop.example.com broke (EOF occurred in violation of protocol)",
        ),
        (
            requests.exceptions.SSLError(ssl.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong version number")),
            UnverifiedHostError,
            (
                "orders: shop.example.com does not speak TLS at this port: correct the port in `store_url`, or begin "
                "it with http"
            ),
        ),
        (
            requests.exceptions.InvalidURL("x"),
            MagentoError,
            "orders: shop.example.com is not a valid address: correct `store_url`",
        ),
        (
            requests.exceptions.InvalidHeader("Bearer secret\n"),
            MagentoError,
            "orders: a header cannot be sent: remove the line breaks in `headers` and `user_agent`",
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407 Proxy Authentication Required")),
            MagentoError,
            "orders: the proxy wants a name and a password: put them into `proxy`",
        ),
        (
            requests.exceptions.ProxyError(ConnectionRefusedError(111, "Connection refused")),
            UnverifiedHostError,
            "orders: the proxy before shop.example.com cannot be used (Connection refused): check `proxy`",
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 502 jane@example.com")),
            UnverifiedHostError,
            "orders: the proxy before shop.example.com cannot be used (it responded with 502): check `proxy`",
        ),
        (
            requests.exceptions.ConnectTimeout("connect timed out"),
            UnverifiedHostError,
            (
                "orders: shop.example.com cannot be reached (no connection in time): check `store_url`, the network "
                "and the firewall"
            ),
        ),
        (
            ResponseTooLargeError(2**28),
            PageFailedError,
            (
                "orders: the response of shop.example.com is larger than `max_response_bytes` (268,435,456): lower "
                "`page_size`"
            ),
        ),
        (
            requests.exceptions.ConnectionError(ReadTimeoutError(HTTPConnectionPool("x"), None, "Read timed out.")),
            PageFailedError,
            "orders: shop.example.com did not respond in time: raise `request_timeout` or lower `page_size`",
        ),
        (
            requests.exceptions.ReadTimeout("read timed out"),
            PageFailedError,
            "orders: shop.example.com did not respond in time: raise `request_timeout` or lower `page_size`",
        ),
        (
            requests.exceptions.ChunkedEncodingError(IncompleteRead(b'"customer@example.com')),
            PageFailedError,
            (
                "orders: the response of shop.example.com broke off or is malformed (it sent no valid HTTP, "
                "IncompleteRead)"
            ),
        ),
        (
            requests.exceptions.InvalidHeader(InvalidHeader("Content-Length contained customer@example.com")),
            PageFailedError,
            "orders: the response of shop.example.com broke off or is malformed (InvalidHeader)",
        ),
        (
            requests.exceptions.ConnectionError(BadStatusLine("customer@example.com")),
            UnverifiedHostError,
            (
                "orders: shop.example.com cannot be reached (it sent no valid HTTP, BadStatusLine): check `store_url`, "
                "the network and the firewall"
            ),
        ),
        (
            requests.exceptions.ConnectionError(RemoteDisconnected("x")),
            UnverifiedHostError,
            (
                "orders: shop.example.com cannot be reached (it closed the connection without a response): check "
                "`store_url`, the network and the firewall"
            ),
        ),
        (
            requests.exceptions.ConnectionError(gaierror(-2, "Name or service not known")),
            UnverifiedHostError,
            (
                "orders: shop.example.com cannot be reached (Name or service not known): check `store_url`, the "
                "network "
                "and the firewall"
            ),
        ),
    ],
)
def test_no_answer(error: requests.RequestException, told: type[Exception], sentence: str) -> None:
    found = connection_error(error, URL, "orders")
    assert type(found) is told
    assert str(found) == sentence
