"""Content: pages and blocks."""

from tap_magento.streams.list import ListStream


class CmsPages(ListStream):
    """CMS pages."""

    name = "cms_pages"
    path = "/V1/cmsPage/search"
    acl_resource = "Magento_Cms::page"
    primary_keys, key_column = ("id",), "page_id"
    replication_key, created_column = "update_time", "creation_time"


class CmsBlocks(ListStream):
    """CMS blocks."""

    name = "cms_blocks"
    path = "/V1/cmsBlock/search"
    acl_resource = "Magento_Cms::block"
    primary_keys, key_column = ("id",), "block_id"
    replication_key, created_column = "update_time", "creation_time"
