"""The streams of Magento 2.4.7, one JSON Schema each, by `scripts/generate_schemas.py`."""
