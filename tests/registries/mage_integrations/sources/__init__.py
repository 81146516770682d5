"""Mage's base of sources."""
