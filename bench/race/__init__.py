"""What `make bench-peers` is made of: the data, the load, both sides, the comparison of their answers, the report."""
