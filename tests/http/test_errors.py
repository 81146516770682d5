"""Each line of the error table: the answer as recorded or documented, and the sentence that a person reads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.client import IncompleteRead

import pytest
import requests

from tap_magento.http.errors import (
    MagentoError,
    MissingModuleError,
    PageSizeError,
    ShopFailedError,
    ShopUnavailableError,
    UnverifiedHostError,
    connection_error,
    error_in,
    message_of,
)
from tap_magento.http.errors.cdn_waf import FRONTS
from tap_magento.http.errors.magento import MAGENTO, SERVERS

URL = "https://shop.example.com/rest/all/V1/orders?searchCriteria%5BcurrentPage%5D=1"
LET_IN = "let this machine's address through, or a key it knows in `headers`"


def answer(status: int, body: str = "", url: str = URL, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.url = url
    response._content = body.encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def html(status: int, title: str, body: str = "", **headers: str) -> requests.Response:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return answer(status, page, **{"Content_Type": "text/html; charset=UTF-8", **headers})


def magento(status: int, message: str, parameters: object = None) -> requests.Response:
    content = {"message": message} if parameters is None else {"message": message, "parameters": parameters}
    return answer(status, json.dumps(content), Content_Type="application/json; charset=utf-8")


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
        "cloudflare rate limit",
        answer(429, "error code: 1015", **CLOUDFLARE, Content_Type="text/plain"),
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
        answer(403, "error code: 1010", **CLOUDFLARE, Content_Type="text/plain"),
        MagentoError,
        f"Cloudflare's firewall blocked the request (reference 8f2e4c-FRA): in its rules, {LET_IN}",
    ),
    Case(
        "cloudflare no origin",
        html(530, "Origin DNS error", **CLOUDFLARE),
        MagentoError,
        "Cloudflare cannot find the shop's own server (530) (reference 8f2e4c-FRA): mend the shop's entries there",
    ),
    Case(
        "cloudflare tls",
        html(526, "Invalid SSL certificate", **CLOUDFLARE),
        MagentoError,
        "Cloudflare and the shop's server disagree on TLS (526) (reference 8f2e4c-FRA): mend the certificate of that "
        "server",
    ),
    Case(
        "cloudflare timeout",
        html(524, "A timeout occurred", **CLOUDFLARE),
        ShopUnavailableError,
        "Cloudflare got no answer from the shop in time (524) (reference 8f2e4c-FRA): lower `page_size`, its limit is "
        "100 seconds",
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
        answer(202, "", Server="awselb/2.0", x_amzn_waf_action="challenge", Content_Type="text/html"),
        MagentoError,
        f"AWS WAF wants proof of a human (it answered a challenge or captcha): in its rules, {LET_IN}",
    ),
    Case(
        "aws waf captcha",
        html(405, "Human Verification", x_amzn_waf_action="captcha"),
        MagentoError,
        f"AWS WAF wants proof of a human (it answered a challenge or captcha): in its rules, {LET_IN}",
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
        ShopUnavailableError,
        "CloudFront got no answer from the shop (504) (reference k3h==): it is down, overloaded, or `page_size` is too "
        "large",
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
        ShopUnavailableError,
        "Fastly got no answer from the shop in time: lower `page_size`, or raise the first-byte timeout there",
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
        "the tap's: let `/rest` through without",
    ),
    Case(
        "php memory",
        answer(
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
        answer(200, '<br /><b>Warning</b>: Undefined array key in <b>x.php</b>{"items":[]}', Content_Type="text/html"),
        ShopFailedError,
        "PHP printed an error into the answer: at the shop, turn off `display_errors` and mend what its log says",
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
        MagentoError,
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
        "nginx 502",
        nginx(502, "Bad Gateway"),
        ShopUnavailableError,
        "PHP does not answer the web server (502): it is down, starting or overloaded",
    ),
    Case(
        "nginx 504",
        nginx(504, "Gateway Time-out"),
        ShopUnavailableError,
        "the shop did not answer its web server in time (504): lower `page_size`, or raise `fastcgi_read_timeout`",
    ),
    # Magento
    Case(
        "store view",
        magento(400, "Specified request cannot be processed."),
        MagentoError,
        "the shop knows no store view of that code: correct `store_code`, or leave it out",
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
        MagentoError,
        'Magento found nothing: No such entity with id = "7"',
    ),
    Case(
        "invalid attribute",
        magento(400, 'The "%1" attribute name is invalid. Reset the name and try again.', ["colour"]),
        MagentoError,
        'the shop refused the request with 400: The "colour" attribute name is invalid. Reset the name and try again.',
    ),
    Case(
        "fatal",
        answer(
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
        "Magento failed on what was asked; the shop's `var/log/exception.log` says why (reference "
        "webapi-6b01dc2dca241)",
    ),
    Case(
        "plain text",
        answer(
            500,
            "An error has happened during application run. See exception log for details.",
            Content_Type="text/plain;charset=UTF-8",
        ),
        ShopFailedError,
        "Magento failed while it answered; the shop's `var/log/exception.log` says why",
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
        "the shop is in maintenance (503): try again when it is back",
    ),
    Case(
        "overloaded",
        nginx(503, "Service Temporarily Unavailable"),
        ShopUnavailableError,
        "the shop is overloaded (503): try again later, or lower `max_concurrency`",
    ),
    Case(
        "rate limit",
        magento(429, "Too Many Requests"),
        ShopUnavailableError,
        "the shop limits the rate of requests (429): lower `max_concurrency`",
    ),
    # anything else
    Case(
        "login page",
        html(200, "Log in"),
        UnverifiedHostError,
        "the answer is an HTML page instead of JSON: check that `store_url` is the shop's own address, and that no "
        "firewall or login page stands before it",
    ),
    Case(
        "other 4xx",
        magento(405, "The PATCH HTTP method is not supported."),
        MagentoError,
        "the shop refused the request with 405: The PATCH HTTP method is not supported.",
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
    seen = {next((s for s in (*FRONTS, *SERVERS, *MAGENTO) if s.matches(case.response)), None) for case in CASES}
    assert {*FRONTS, *SERVERS, *MAGENTO} <= seen


def test_the_stream_is_named_or_else_the_path() -> None:
    assert str(error_in(nginx(502, "Bad Gateway"), "orders")).startswith("orders: PHP does not answer")
    assert str(error_in(nginx(502, "Bad Gateway"))).startswith("/rest/all/V1/orders: PHP does not answer")


def test_a_good_answer_through_a_firewall_is_good() -> None:
    assert error_in(answer(200, '{"items":[]}', Content_Type="application/json", **CLOUDFLARE, **FASTLY)) is None


def test_magentos_own_refusals_through_a_cache_stay_magentos() -> None:
    response = magento(404, "Request does not match any route.")
    response.headers.update({"X-Served-By": "cache-fra-eddf8230", "Server": "cloudflare"})
    assert isinstance(error_in(response), MissingModuleError)
    refused = magento(403, "Api Key is invalid")
    refused.headers.update(response.headers)
    assert str(error_in(refused, "orders")) == "orders: the shop refused the request with 403: Api Key is invalid"


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
                "orders: the shop redirects to https://sso.example.com/login, which is no address of its API: correct "
                "`store_url`, or take away the login page or the redirect that stands before `/rest`"
            ),
        ),
    ],
)
def test_a_redirect_says_what_to_configure(location: str, sentence: str) -> None:
    assert str(error_in(answer(302, Location=location), "orders")) == sentence


def test_retry_after_counts_from_the_shops_clock() -> None:
    late = answer(
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
            requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired"),
            MagentoError,
            (
                "orders: the certificate of shop.example.com cannot be verified ([SSL: CERTIFICATE_VERIFY_FAILED] "
                "certificate has expired): mend it, or point `ca_bundle` to the authority that signed it"
            ),
        ),
        (
            requests.exceptions.SSLError("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"),
            MagentoError,
            (
                "orders: shop.example.com refused the TLS connection ([SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 "
                "alert certificate required): it wants a certificate of this client; give one it knows in `client_cert`"
            ),
        ),
        (
            requests.exceptions.SSLError("EOF occurred in violation of protocol"),
            ShopUnavailableError,
            "orders: the TLS connection to shop.example.com broke (EOF occurred in violation of protocol)",
        ),
        (
            requests.exceptions.InvalidURL("x"),
            MagentoError,
            "orders: shop.example.com is no address of a shop: correct `store_url`",
        ),
        (
            requests.exceptions.InvalidHeader("Bearer secret\n"),
            MagentoError,
            "orders: a header cannot be sent: see the line breaks in `headers` and `user_agent`",
        ),
        (
            requests.exceptions.ProxyError("Tunnel connection failed: 407 Proxy Authentication Required"),
            MagentoError,
            "orders: the proxy wants a name and a password: put them into `proxy`",
        ),
        (
            requests.exceptions.ProxyError("Connection refused"),
            UnverifiedHostError,
            "orders: the proxy before shop.example.com cannot be used (Connection refused): check `proxy`",
        ),
        (
            requests.exceptions.ReadTimeout("read timed out"),
            ShopUnavailableError,
            "orders: shop.example.com did not answer in time: raise `request_timeout` or lower `page_size`",
        ),
        (
            requests.exceptions.ChunkedEncodingError("Response ended prematurely"),
            ShopUnavailableError,
            "orders: the answer of shop.example.com broke off (Response ended prematurely)",
        ),
        (
            requests.exceptions.ChunkedEncodingError(IncompleteRead(b'"customer@example.com')),
            ShopUnavailableError,
            "orders: the answer of shop.example.com broke off (IncompleteRead)",
        ),
        (
            requests.exceptions.ConnectionError("Name or service not known"),
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
