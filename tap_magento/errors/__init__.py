"""What a shop's answer means, in one line a person can act on.

Every answer that is not a good one is looked up in one table (`fronts`, `shops`), by evidence in its status, headers
and body. Bodies are never repeated whole: they can hold customers' data.
"""

from tap_magento.errors.answers import error_in
from tap_magento.errors.bodies import is_json, message_of, parameters_of
from tap_magento.errors.kinds import (
    MagentoError,
    MissingAccessError,
    MissingModuleError,
    NotTheShopError,
    PageSizeError,
    ShopFailedError,
    ShopUnavailableError,
    StreamAbsentError,
)
from tap_magento.errors.network import connection_error

__all__ = [
    "MagentoError",
    "MissingAccessError",
    "MissingModuleError",
    "NotTheShopError",
    "PageSizeError",
    "ShopFailedError",
    "ShopUnavailableError",
    "StreamAbsentError",
    "connection_error",
    "error_in",
    "is_json",
    "message_of",
    "parameters_of",
]
