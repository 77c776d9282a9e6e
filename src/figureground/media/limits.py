"""How large a picture may be."""

MAX_PIXELS = 250_000_000  # what a sound file may unpack to
# A solid colour packs a thousand pixels into a byte, a photograph at its worst some thirty: a file
# that promises more than this is a bomb as soon as what it unpacks to would fill the memory.
DENSE_PIXELS = 50_000_000
PIXELS_PER_BYTE = 100
