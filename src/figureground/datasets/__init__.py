"""Pairs of picture and mask: find, read, check, convert, split. No TensorFlow."""
