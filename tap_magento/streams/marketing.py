"""Marketing: cart price rules and coupons."""

from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


class SalesRules(ListStream):
    """Cart price rules."""

    name = "sales_rules"
    path = "/V1/salesRules/search"
    acl_resource = "Magento_SalesRule::quote"
    primary_keys, key_column = ("rule_id",), "rule_id"


class SalesRuleLabels(NestedStream):
    """Labels of cart price rules, by store view."""

    name = "sales_rule_labels"
    parent_stream_type = SalesRules
    path, columns = "store_labels[]", {"rule_id": "rule_id"}
    primary_keys = ("rule_id", "store_id")


class Coupons(ListStream):
    """Coupons; `times_used` moves when the shop's queue consumer runs."""

    name = "coupons"
    path = "/V1/coupons/search"
    acl_resource = "Magento_SalesRule::quote"
    primary_keys, key_column = ("coupon_id",), "coupon_id"
