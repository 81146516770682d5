"""How a list is read completely.

This package knows search criteria and a way to fetch a page of them. It knows neither HTTP nor Singer nor
any of Magento's entities, so that it can be tested against a list in memory.
"""
