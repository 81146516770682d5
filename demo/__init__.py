"""The demonstration: a shop into PostgreSQL by Meltano, twice, and what came of it.

``python -m demo`` runs it (`make demo`). It is also what the end-to-end tests are made of.
"""
