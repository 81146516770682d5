"""Rows as they leave: a schema compiled into a function."""
