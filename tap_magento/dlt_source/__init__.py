"""Reads a shop into any destination of dlt (https://dlthub.com): `from tap_magento.dlt_source import magento`.

Needs the extra `dlt`; see docs/DLT.md.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Import the source on demand: of this package it alone needs dlt."""
    if name != "magento":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from tap_magento.dlt_source.source import magento  # noqa: PLC0415  see above
    except ModuleNotFoundError as error:
        if error.name != "dlt":
            raise
        raise ImportError("dlt is not installed: pip install 'tap-magento[dlt]'") from None
    return magento
