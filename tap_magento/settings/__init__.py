"""The settings: their schema, their validation, and the addresses in them."""
