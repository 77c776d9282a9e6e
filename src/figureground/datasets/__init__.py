"""Pairs of image and mask: find, read, check, convert, split. No TensorFlow."""
