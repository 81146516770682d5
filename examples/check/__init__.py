"""The examples, run for real: sample stores in, PostgreSQL out."""
