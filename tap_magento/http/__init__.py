"""HTTP: the client, its session, throttle and retries, and what responses mean."""
