"""How good a network is, measured through the file that users get."""
