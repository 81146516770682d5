"""Adobe Commerce and B2B: offered where the shop's own schema lists their paths."""

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class Returns(ListStream):
    """Returns. Learned from Adobe's documents, not tried on a live shop."""

    name = "returns"
    path = "/V1/returns"
    acl_resource = "Magento_Rma::magento_rma"
    primary_keys, key_column = ("entity_id",), "entity_id"
    is_commerce = True


class ReturnItems(NestedStream):
    """Items of returns."""

    name = "return_items"
    parent_stream_type = Returns
    path, columns = "items[]", {"return_id": "entity_id"}
    primary_keys = ("entity_id",)


class ReturnComments(NestedStream):
    """Comments on returns."""

    name = "return_comments"
    parent_stream_type = Returns
    path, columns = "comments[]", {"return_id": "entity_id"}
    primary_keys = ("entity_id",)


class ReturnTracks(NestedStream):
    """Tracking numbers of returns."""

    name = "return_tracks"
    parent_stream_type = Returns
    path, columns = "tracks[]", {"return_id": "entity_id"}
    primary_keys = ("entity_id",)


class Companies(ListStream):
    """Companies. Learned from Adobe's documents, not tried on a live shop."""

    name = "companies"
    path = "/V1/company"
    acl_resource = "Magento_Company::index"
    primary_keys, key_column = ("id",), "entity_id"
    is_commerce = True


class CompanyRoles(ListStream):
    """Roles in companies. Learned from Adobe's documents, not tried on a live shop."""

    name = "company_roles"
    path = "/V1/company/role"
    acl_resource = "Magento_Company::index"
    primary_keys, key_column = ("id",), "role_id"
    is_commerce = True


class CompanyTeams(ListStream):
    """Teams in companies. Learned from Adobe's documents, not tried on a live shop."""

    name = "company_teams"
    path = "/V1/team"
    acl_resource = "Magento_Company::index"
    primary_keys, key_column = ("id",), "team_id"
    is_commerce = True


class CompanyCredits(ListStream):
    """Credit of companies. Learned from Adobe's documents, not tried on a live shop."""

    name = "company_credits"
    path = "/V1/companyCredits"
    acl_resource = "Magento_Company::index"
    primary_keys, key_column = ("id",), "entity_id"
    is_commerce = True


class CompanyCreditHistories(ListStream):
    """Changes of the credit of companies. Learned from Adobe's documents, not tried on a live shop."""

    name = "company_credit_histories"
    path = "/V1/companyCredits/history"
    acl_resource = "Magento_Company::index"
    primary_keys, key_column = ("id",), "entity_id"
    is_commerce = True


class SharedCatalogs(ListStream):
    """Shared catalogs. Learned from Adobe's documents, not tried on a live shop."""

    name = "shared_catalogs"
    path = "/V1/sharedCatalog"
    acl_resource = "Magento_SharedCatalog::list"
    primary_keys, key_column = ("id",), "entity_id"
    is_commerce = True


class GiftWrappings(ListStream):
    """Gift wrappings. Learned from Adobe's documents, not tried on a live shop."""

    name = "gift_wrappings"
    path = "/V1/gift-wrappings"
    acl_resource = "Magento_GiftWrapping::magento_giftwrapping"
    primary_keys, key_column = ("wrapping_id",), "wrapping_id"
    is_commerce = True


class CustomerSegments(ListStream):
    """Customer segments. Learned from Adobe's documents, not tried on a live shop."""

    name = "customer_segments"
    path = "/V1/customerSegments/search"
    acl_resource = "Magento_CustomerSegment::customersegment"
    primary_keys, key_column = ("id",), "segment_id"
    is_commerce = True


class GiftCardAccounts(ListStream):
    """Gift card accounts, without their codes. Learned from Adobe's documents, not tried on a live shop."""

    name = "gift_card_accounts"
    path = "/V1/giftcardaccounts"
    acl_resource = "Magento_GiftCardAccount::giftcardaccount"
    primary_keys, key_column = ("account_id",), "giftcardaccount_id"
    is_commerce = True
