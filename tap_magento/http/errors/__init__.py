"""What a shop's answer means, in one line a person can act on.

Every answer that is not a good one is looked up in one table (`fronts`, `shops`), by evidence in its status, headers
and body. Bodies are never repeated whole: they can hold customers' data.
"""

from tap_magento.exceptions import (
    MagentoError,
    MissingAccessError,
    MissingModuleError,
    PageSizeError,
    ShopFailedError,
    ShopUnavailableError,
    StreamUnavailableError,
    UnverifiedHostError,
)
from tap_magento.http.errors.body import is_json, message_of, parameters_of
from tap_magento.http.errors.classify import error_in
from tap_magento.http.errors.network import connection_error

__all__ = [
    "MagentoError",
    "MissingAccessError",
    "MissingModuleError",
    "PageSizeError",
    "ShopFailedError",
    "ShopUnavailableError",
    "StreamUnavailableError",
    "UnverifiedHostError",
    "connection_error",
    "error_in",
    "is_json",
    "message_of",
    "parameters_of",
]
