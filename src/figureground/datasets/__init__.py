"""Pairs of picture and mask: find, read. No TensorFlow."""
