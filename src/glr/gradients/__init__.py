"""Gradients of the mean loss: by back-propagation, and by the likelihood ratio."""
