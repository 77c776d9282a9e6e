"""Timecodes: what the first frame of a result bears."""

from fractions import Fraction

import pytest

from figureground.media.video_timecode import shifted

NTSC, FAST = Fraction(30_000, 1001), Fraction(60_000, 1001)


@pytest.mark.parametrize(
    ("code", "rate", "start", "result", "expected"),
    [
        ("01:02:03:04", 25, 0, 25, "01:02:03:04"),
        ("01:02:03:04", 25, 1, 25, "01:02:04:04"),
        ("01:02:03:24", 25, Fraction(1, 25), 25, "01:02:04:00"),
        ("23:59:59:24", 25, Fraction(1, 25), 25, "00:00:00:00"),
        ("00:00:00:12", 24, 0, 48, "00:00:00:24"),
        ("00:00:59;29", NTSC, 1 / NTSC, NTSC, "00:01:00;02"),
        ("00:09:59;29", NTSC, 1 / NTSC, NTSC, "00:10:00;00"),
        ("00:00:00;00", NTSC, 107_892 / NTSC, NTSC, "01:00:00;00"),
        ("00:00:59;59", FAST, 1 / FAST, FAST, "00:01:00;04"),
        ("01:00:00;00", NTSC, 0, 25, "01:00:00:00"),
        ("00:01:00;02", NTSC, 0, FAST, "00:01:00;04"),
        ("00:00:59:29", NTSC, 1 / NTSC, NTSC, "00:01:00:00"),
        ("00:00:01.02", NTSC, 0, NTSC, "00:00:01;02"),
        ("00:00:01:25", 25, 0, 25, None),  # no such frame
        ("00:00:01;02", 25, 0, 25, None),  # nothing to drop
        ("later", 25, 0, 25, None),
        ("00:61:00:00", 25, 0, 25, None),
    ],
)
def test_a_timecode_follows_start_and_rate(
    code: str, rate: Fraction, start: Fraction, result: Fraction, expected: str | None
) -> None:
    made = shifted(code, Fraction(rate), start=Fraction(start), result=Fraction(result))
    assert made == expected


def test_drop_frame_counts_come_back_to_what_they_were() -> None:
    for minutes in range(0, 25):
        for frame in (2, 3, 29):
            code = f"00:{minutes:02}:00;{frame:02}"
            assert shifted(code, NTSC, start=Fraction(0), result=NTSC) == code
