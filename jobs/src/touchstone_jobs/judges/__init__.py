"""A language model that scores answers."""
