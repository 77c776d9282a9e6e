"""Counts are told in the singular and the plural."""

from figureground.counts import are, counted


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(n, "images") for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]
    assert counted(1, "images", of=12) == "1 of 12 images"
    assert counted(1, "videos", of=1) == "1 of 1 video"
    assert [are(n) for n in (0, 1, 2)] == ["are", "is", "are"]
