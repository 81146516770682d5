"""Taxes."""

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class TaxClasses(ListStream):
    """Tax classes of products and customers."""

    name = "tax_classes"
    path = "/V1/taxClasses/search"
    acl_resource = "Magento_Tax::manage_tax"
    primary_keys, key_column = ("class_id",), "class_id"


class TaxRates(ListStream):
    """Tax rates by country, region and postcode."""

    name = "tax_rates"
    path = "/V1/taxRates/search"
    acl_resource = "Magento_Tax::manage_tax"
    primary_keys, key_column = ("id",), "tax_calculation_rate_id"


class TaxRateTitles(NestedStream):
    """Titles of tax rates, by store view."""

    name = "tax_rate_titles"
    parent_stream_type = TaxRates
    path, columns = "titles[]", {"tax_rate_id": "id"}
    primary_keys = ("tax_rate_id", "store_id")


class TaxRules(ListStream):
    """Tax rules, which join classes and rates."""

    name = "tax_rules"
    path = "/V1/taxRules/search"
    acl_resource = "Magento_Tax::manage_tax"
    primary_keys, key_column = ("id",), "tax_calculation_rule_id"
