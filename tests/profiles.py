"""Colour profiles made on the spot, after ICC.1:2022."""

import struct

P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
"""Primaries of Display P3 as XYZ under D50."""

SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
"""Primaries of sRGB as XYZ under D50."""

RED, WHITE, BLACK = (136, 208, 195), (255, 128, 128), (0, 128, 128)  # Lab in 8 bits (10.12)


def fixed(values: tuple[float, ...]) -> bytes:
    """Numbers of 16.16 bits."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def make_profile(primaries: tuple, gamma: float = 2.2) -> bytes:
    """A profile of RGB colours with three primaries and one gamma."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed((0.9642, 1.0, 0.8249))}
    for letter, primary in zip(b"rgb", primaries, strict=True):
        tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(primary)
        tags[bytes([letter]) + b"TRC"] = _curve(gamma)
    return _join(b"RGB ", b"XYZ ", tags)


def make_grey_profile(gamma: float) -> bytes:
    """A profile of grey levels with one gamma."""
    white = b"XYZ \0\0\0\0" + fixed((0.9642, 1.0, 0.8249))
    return _join(b"GRAY", b"XYZ ", {b"wtpt": white, b"kTRC": _curve(gamma)})


def make_ink_profile() -> bytes:
    """A profile of CMYK colours of odd ink: cyan prints red, key black, the others nothing."""
    colors = [BLACK if node & 1 else RED if node & 8 else WHITE for node in range(16)]  # cmyk
    nodes = b"".join(bytes(color) for color in colors)
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + fixed((1, 0, 0, 0, 1, 0, 0, 0, 1))
    white = b"XYZ \0\0\0\0" + fixed((0.9642, 1.0, 0.8249))
    return _join(
        b"CMYK", b"Lab ", {b"wtpt": white, b"A2B0": table + straight * 4 + nodes + straight * 3}
    )


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def _join(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    at = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", at + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    header = struct.pack(">I4s4s", at + len(bodies), b"lcms", b"\x02\x40\0\0")
    header += kind + space + connection + b"\0" * 12 + b"acsp" + b"\0" * 28
    header += fixed((0.9642, 1.0, 0.8249))
    return header.ljust(128, b"\0") + table + bodies
