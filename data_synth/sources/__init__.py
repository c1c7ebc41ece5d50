"""Data that nobody here generated, read into `Problem` rows: one module per data set."""
