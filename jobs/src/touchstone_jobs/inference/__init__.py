"""Running one model over the rows of a sample."""
