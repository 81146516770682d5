"""The settings of the shop's address and of the connection to it."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_magento.settings.declare import flag, number, text

SHOP = (
    th.Property(
        "store_url",
        th.StringType(nullable=False),
        required=True,
        title="Shop URL",
        description=("URL of the shop, with or without scheme, path or `index.php`. Without a scheme, https is used."),
        examples=["https://shop.example.com", "shop.example.com/index.php"],
    ),
    flag(
        "allow_http",
        "Allow plain HTTP",
        ("Allow plain HTTP for hosts other than this machine. Credentials and customer data then travel unencrypted."),
        default=False,
    ),
    text(
        "store_code",
        "Store view",
        (
            "Code of the store view to read. `all` is the admin scope: global values, all websites. The code of a "
            "store view gives the names, prices and statuses of that view."
        ),
        default="all",
    ),
)

CONNECTION = (
    number(
        "connect_timeout",
        "Connect timeout",
        "Seconds to wait for a connection to the shop.",
        within=(1, 3_600),
        default=10,
    ),
    number(
        "request_timeout",
        "Request timeout",
        "Seconds to wait for a response to begin, and between two parts of it. In all, it may take twice as long.",
        within=(1, 86_400),
        default=300,
    ),
    number(
        "max_response_bytes",
        "Maximum response size",
        (
            "Maximum size of a response after decompression, in bytes; it protects the memory of this machine. If a "
            "page exceeds it, lower `page_size`."
        ),
        within=(1_048_576, 1_099_511_627_776),
        default=268_435_456,
    ),
    text(
        "user_agent",
        "User agent",
        "`User-Agent` header, for example one that a firewall lets through. Default: `tap-magento/<version>`.",
    ),
    flag(
        "verify_ssl",
        "Verify TLS certificate",
        "Verify the shop's TLS certificate. Turn off for a test shop only.",
        default=True,
    ),
    text(
        "ca_bundle",
        "CA bundle",
        "Path of a PEM file with the certificate authorities to trust instead of the default ones.",
    ),
    text(
        "client_cert",
        "Client certificate",
        "Path of a PEM file with a client certificate, if the shop's web server requires one.",
    ),
    text("client_key", "Client key", "Path of the client certificate's private key, unless it is in the same file."),
    text(
        "proxy",
        "Proxy",
        (
            "URL of an HTTP proxy, for example `http://name:password@proxy.example.com:3128`. Without it, the "
            "environment's `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` apply."
        ),
        secret=True,
    ),
    th.Property(
        "headers",
        th.ObjectType(additional_properties=th.StringType(nullable=False), nullable=False),
        secret=True,
        title="Headers",
        description="Additional headers of every request, for example a key that a firewall requires.",
        examples=[{"X-Firewall-Key": "..."}],
    ),
)
