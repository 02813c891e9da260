"""The figures of the paper and more."""
