"""Authentication: one class a method, one factory that chooses."""

from tap_magento.auth.base import Authenticator
from tap_magento.auth.bearer import BearerAuthenticator
from tap_magento.auth.factory import authenticator_for
from tap_magento.auth.ims import ImsAuthenticator
from tap_magento.auth.oauth1 import OAuth1Authenticator
from tap_magento.auth.password import MagentoAuthenticator
from tap_magento.auth.token import Token, claims_of

__all__ = [
    "Authenticator",
    "BearerAuthenticator",
    "ImsAuthenticator",
    "MagentoAuthenticator",
    "OAuth1Authenticator",
    "Token",
    "authenticator_for",
    "claims_of",
]
