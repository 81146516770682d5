"""What a response means, in one line a person can act on.

Every response that is not a good one is looked up in one table (`cdn_waf`, `magento`), by evidence in its status,
headers and body. Of a response only Magento's message is quoted, shortened: the rest can hold customers' data.
"""

from tap_magento.exceptions import (
    MagentoError,
    MissingAccessError,
    MissingModuleError,
    NotFoundError,
    PageFailedError,
    PageSizeError,
    RejectedRequestError,
    ShopFailedError,
    ShopUnavailableError,
    StreamUnavailableError,
    UnexpectedResponseError,
    UnverifiedHostError,
)
from tap_magento.http.errors.body import is_json, message_of, one_line, parameters_of, resources_of
from tap_magento.http.errors.classify import before_error, error_in
from tap_magento.http.errors.network import connection_error

__all__ = [
    "MagentoError",
    "MissingAccessError",
    "MissingModuleError",
    "NotFoundError",
    "PageFailedError",
    "PageSizeError",
    "RejectedRequestError",
    "ShopFailedError",
    "ShopUnavailableError",
    "StreamUnavailableError",
    "UnexpectedResponseError",
    "UnverifiedHostError",
    "before_error",
    "connection_error",
    "error_in",
    "is_json",
    "message_of",
    "one_line",
    "parameters_of",
    "resources_of",
]
