"""What security costs, one module for each part; each has a `measure` of its own."""
