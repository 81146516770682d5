"""How schedulers run the tap: Airflow and Dagster, by the same programs that a shell would run."""
