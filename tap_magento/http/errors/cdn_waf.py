"""How CDNs and web application firewalls before a shop respond, as their makers document it."""

from __future__ import annotations

from tap_magento.exceptions import MagentoError, PageFailedError, ShopUnavailableError
from tap_magento.http.errors.rule import ErrorRule

_CLOUDFLARE = ("Server", "cloudflare")
_SUCURI = ("X-Sucuri-ID", ".")
_FASTLY = ("X-Served-By", "cache-")
# A firewall's own page; what the shop itself rejects, through the firewall, is JSON.
_NO_JSON = r"\A(?!\s*[\[{])"
_LET_IN = "let this machine's address through, or a key it knows in `headers`"
_RAY, _SUCURI_BLOCK, _CLOUDFRONT_ID = "CF-RAY", "X-Sucuri-Block", "X-Amz-Cf-Id"

#: CDNs and firewalls before the shop.
CDN_WAF: tuple[ErrorRule, ...] = (
    ErrorRule(
        MagentoError,
        f"Cloudflare wants proof of a human{{id}}: in its bot rules, {_LET_IN}",
        header=("cf-mitigated", "challenge"),
        reference=_RAY,
    ),
    ErrorRule(
        MagentoError,
        f"Cloudflare wants proof of a human{{id}}: in its bot rules, {_LET_IN}",
        (403, 429, 503),
        _CLOUDFLARE,
        body="just a moment|challenge-platform|_cf_chl_opt|/cdn-cgi/challenge",
        reference=_RAY,
    ),
    ErrorRule(
        ShopUnavailableError,
        "Cloudflare limits the rate of requests{id}: lower `max_concurrency`, or raise the limit there",
        (429,),
        _CLOUDFLARE,
        reference=_RAY,
    ),
    ErrorRule(
        MagentoError,
        f"Cloudflare's firewall blocked the request{{id}}: in its rules, {_LET_IN}",
        (403, 406),
        _CLOUDFLARE,
        body=_NO_JSON,
        reference=_RAY,
    ),
    ErrorRule(
        MagentoError,
        "Cloudflare cannot find the shop's own server ({status}){id}: correct its DNS records there",
        (523, 530),
        _CLOUDFLARE,
        reference=_RAY,
    ),
    ErrorRule(
        MagentoError,
        "Cloudflare and the shop's server disagree on TLS ({status}){id}: renew the certificate of that server",
        (525, 526),
        _CLOUDFLARE,
        reference=_RAY,
    ),
    ErrorRule(
        PageFailedError,
        "Cloudflare got no response from the shop in time (524){id}: lower `page_size`, its limit is 100 seconds",
        (524,),
        _CLOUDFLARE,
        reference=_RAY,
    ),
    ErrorRule(
        ShopUnavailableError,
        "Cloudflare cannot reach the shop's server ({status}){id}: it is down or overloaded",
        (520, 521, 522),
        _CLOUDFLARE,
        reference=_RAY,
    ),
    ErrorRule(
        MagentoError,
        f"Sucuri's firewall blocked the request{{id}}: there, {_LET_IN}",
        (403,),
        _SUCURI,
        _NO_JSON,
        reference=_SUCURI_BLOCK,
    ),
    ErrorRule(
        ShopUnavailableError,
        "Sucuri's firewall cannot reach the shop's server ({status}): it is down or overloaded",
        (502, 503, 504),
        _SUCURI,
        body="sucuri",
    ),
    ErrorRule(
        MagentoError,
        f"AWS WAF wants proof of a human (it sent a challenge or captcha): in its rules, {_LET_IN}",
        header=("x-amzn-waf-action", "challenge|captcha"),
    ),
    ErrorRule(
        MagentoError,
        f"AWS WAF at CloudFront blocked the request{{id}}: in its rules, {_LET_IN}",
        (403,),
        ("Server", "CloudFront"),
        body="request blocked|could not be satisfied",
        reference=_CLOUDFRONT_ID,
    ),
    ErrorRule(
        PageFailedError,
        "CloudFront got no response from the shop ({status}){id}: it is down, overloaded, or `page_size` is too large",
        (502, 503, 504),
        ("Server", "CloudFront"),
        reference=_CLOUDFRONT_ID,
    ),
    ErrorRule(
        MagentoError,
        f"AWS WAF at the load balancer blocked the request: in its rules, {_LET_IN}",
        (403,),
        ("Server", "awselb"),
    ),
    ErrorRule(
        MagentoError,
        "Fastly knows no shop of this host: correct `store_url`, or the domains in Fastly",
        body="fastly error: unknown domain",
    ),
    ErrorRule(
        MagentoError,
        f"Fastly's firewall blocked the request with {{status}}: there, {_LET_IN}",
        (403, 406),
        _FASTLY,
        _NO_JSON,
        reference="X-SigSci-RequestID",
    ),
    ErrorRule(
        ShopUnavailableError,
        "Fastly limits the rate of requests: lower `max_concurrency`, or raise the limit there",
        (429,),
        _FASTLY,
    ),
    ErrorRule(
        PageFailedError,
        "Fastly got no response from the shop in time: lower `page_size`, or raise the first-byte timeout there",
        (503,),
        body="first byte timeout|between bytes timeout",
    ),
    ErrorRule(
        ShopUnavailableError,
        "Varnish cannot reach the shop's server ({status}): it is down or overloaded",
        (503,),
        body="guru meditation|backend fetch failed|backend read error|varnish cache server",
    ),
)
