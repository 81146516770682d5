"""What rows look like: bundled schemas, the shop's own, and what of them is selected."""
