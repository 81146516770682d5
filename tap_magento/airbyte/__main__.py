"""Run the source as ``python -m tap_magento.airbyte``."""

from tap_magento.airbyte.program import main

main()
