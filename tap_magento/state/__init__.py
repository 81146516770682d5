"""The Singer state: the file it comes from, and what it says of a stream."""
