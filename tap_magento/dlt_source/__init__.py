"""Reads a shop into any destination of dlt (https://dlthub.com): `from tap_magento.dlt_source import magento`.

Needs the extra `dlt`: `pip install "tap-magento[dlt]"`. See docs/DLT.md.
"""

from tap_magento.dlt_source.source import magento

__all__ = ["magento"]
