"""The tap as an Airbyte source: the program `source-magento`, without any package of Airbyte."""
