"""ICC profiles made from what a file says of its colours otherwise.

Source: ICC.1:2022 (profile version 4.4): header in 7.2, tags of displays in 8.3, types in 10.
"""

import struct
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

D50 = (0.9642, 1.0, 0.8249)  # XYZ of the profile connection space
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)  # ICC.1:2022, E.2
Chromaticity = tuple[float, float]  # x and y of CIE 1931
Primaries = tuple[Chromaticity, Chromaticity, Chromaticity, Chromaticity]  # red, green, blue, white
Curve = tuple[float, ...]  # (g,) or (g, a, b, c, d) of a parametric curve, 10.18
SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1


def xyz_of(place: Chromaticity) -> NDArray[np.float64]:
    """XYZ of a chromaticity, Y being 1."""
    x, y = place
    return np.array([x / y, 1.0, (1 - x - y) / y])


def to_xyz(primaries: Primaries, white: tuple[float, float, float] = D50) -> NDArray[np.float64]:
    """The matrix from linear light of these primaries to XYZ, adapted to another white (Bradford).

    Raises:
        ValueError: they span no colours.
    """
    *colors, own = primaries
    if any(y <= 0 for _, y in primaries):
        raise ValueError("a chromaticity has no y")
    axes = np.stack([xyz_of(place) for place in colors], axis=1)
    if abs(np.linalg.det(axes)) < 1e-6:
        raise ValueError("the primaries lie on a line")
    matrix = axes * np.linalg.solve(axes, xyz_of(own))
    adapted: NDArray[np.float64] = _adaptation(own, white) @ matrix
    return adapted


def _adaptation(own: Chromaticity, white: tuple[float, float, float]) -> NDArray[np.float64]:
    gain = (BRADFORD @ np.array(white)) / (BRADFORD @ xyz_of(own))
    matrix: NDArray[np.float64] = np.linalg.solve(BRADFORD, gain[:, None] * BRADFORD)
    return matrix


@lru_cache
def make_profile(name: str, primaries: Primaries, curve: Curve) -> bytes:
    """A profile of RGB colours of a display.

    Args:
        name: what programs show.
        primaries: of red, green, blue and white.
        curve: from values to light, both 0 to 1.
    Raises:
        ValueError: the primaries span no colours.
    """
    columns = to_xyz(primaries).T
    tags = {b"desc": _text(name), b"cprt": _text("CC0"), b"wtpt": _xyz(D50)}
    tags[b"chad"] = b"sf32" + bytes(4) + _fixed(*_adaptation(primaries[3], D50).ravel())
    for letter, column in zip(b"rgb", columns, strict=True):
        tags[bytes([letter]) + b"XYZ"] = _xyz(column)
        tags[bytes([letter]) + b"TRC"] = _curve(curve)
    return _join(tags)


def _fixed(*values: float) -> bytes:
    """Numbers of 16.16 bits, which hold -32768 to 32767 (4.6)."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: "tuple[float, float, float] | NDArray[np.float64]") -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*values)


def _curve(curve: Curve) -> bytes:
    kind = 0 if len(curve) == 1 else 3
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + _fixed(*curve)


def _text(words: str) -> bytes:
    data = words.encode("utf-16-be")
    head = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(data), 28)
    return head + data


def _join(tags: dict[bytes, bytes]) -> bytes:
    at, table, bodies = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, body in tags.items():
        table += name + struct.pack(">II", at + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    header = struct.pack(">I4s4s4s4s4s", at + len(bodies), bytes(4), b"\x04\x40\0\0", b"mntr",
                         b"RGB ", b"XYZ ")  # fmt: skip
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(*D50)
    return header.ljust(128, b"\0") + table + bodies
