"""Singer state: what a stream keeps between runs, and the files it comes in."""
