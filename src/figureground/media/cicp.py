"""Colours by code points: what the numbers of ITU-T H.273 stand for.

Images (AVIF, HEIC, PNG's cICP) and videos use the same numbers.
"""

from typing import NamedTuple

from figureground.media.icc import SRGB_CURVE, Curve, Primaries, make_profile

SRGB, UNSPECIFIED = 1, 2
PQ, HLG = 16, 18
HDR = {PQ: "PQ", HLG: "HLG"}
D65, C, DCI, E = (0.3127, 0.329), (0.31, 0.316), (0.314, 0.351), (1 / 3, 1 / 3)
# Table 2: red, green, blue, white.
PRIMARIES: dict[int, Primaries] = {
    1: ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), D65),
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), C),
    5: ((0.64, 0.33), (0.29, 0.6), (0.15, 0.06), D65),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    7: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65),
    8: ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), C),
    9: ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), D65),
    10: ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), E),
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), DCI),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65),
    22: ((0.63, 0.34), (0.295, 0.605), (0.155, 0.077), D65),
}
NAMES = {1: "BT.709", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}
# Table 3. The others that are not HDR (1, 6, 14, 15 among them, of video) are shown with sRGB's
# curve, as browsers do.
CURVES: dict[int, Curve] = {
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}


class Cicp(NamedTuple):
    """What a file says of its colours."""

    primaries: int
    transfer: int
    matrix: int = 0
    full: bool = True  # black to white is all of the range; else 16 to 235 of 255

    @property
    def known(self) -> bool:
        """Whether it says anything that can be followed."""
        return self.primaries in PRIMARIES or self.transfer in HDR or self.transfer in CURVES

    @property
    def hdr(self) -> str | None:
        """The kind of high dynamic range, if it is one."""
        return HDR.get(self.transfer)

    @property
    def places(self) -> Primaries:
        """Red, green, blue and white; of HDR without primaries BT.2020's, else sRGB's."""
        usual = 9 if self.hdr else SRGB
        return PRIMARIES.get(self.primaries, PRIMARIES[usual])

    def profile(self) -> bytes | None:
        """An ICC profile that says the same; None for sRGB, HDR and what spans no colours."""
        curve = CURVES.get(self.transfer, SRGB_CURVE)
        if self.hdr or (self.places == PRIMARIES[SRGB] and curve == SRGB_CURVE):
            return None
        name = NAMES.get(self.primaries, f"H.273 primaries {self.primaries}")
        if curve != SRGB_CURVE:
            name += f", gamma {curve[0]:g}"
        try:
            return make_profile(name, self.places, curve)
        except ValueError:
            return None
