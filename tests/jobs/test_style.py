"""What results look like, on a red person before a blue wall."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.errors import ColorError, StyleError
from figureground.jobs.backgrounds import Blur, Gradient, Scene, read_background
from figureground.jobs.drawing import composite, person, reshape, reshape_next
from figureground.jobs.kinds import OUTPUTS, parse_kinds
from figureground.jobs.remover import Cutout
from figureground.jobs.style import Style
from figureground.media.images import read_image


@pytest.fixture
def cutout() -> Cutout:
    """80 rows, 60 columns; the person stands from row 20 to 60 and from column 15 to 35."""
    pixels = np.zeros((80, 60, 3), np.uint8)
    pixels[..., 2] = 200
    alpha = np.zeros((80, 60), np.float32)
    alpha[20:60, 15:35] = 1
    pixels[alpha == 1] = (220, 10, 10)
    return Cutout(original=read_image(pixels), alpha=alpha)


def test_without_wishes_the_person_stays_as_it_is(cutout: Cutout) -> None:
    pixels, alpha = person(cutout, Style())
    assert alpha is reshape(cutout.alpha, Style()) is cutout.alpha
    np.testing.assert_array_equal(pixels[30, 20], [220, 10, 10])


def test_cropping_leaves_the_person_and_its_margin(cutout: Cutout) -> None:
    for background in ((255, 255, 255), Blur(radius=4.0)):
        look = Style(crop=0.1, background=background)
        assert person(cutout, look)[1].shape == (48, 28)
        assert composite(cutout, look).shape == (48, 28, 3)


def test_a_canvas_has_its_size_and_the_person_in_its_middle(cutout: Cutout) -> None:
    look = Style(canvas=(100, 200), background=(0, 255, 0))
    result = composite(cutout, look)
    assert result.shape == (100, 200, 3)
    np.testing.assert_array_equal(result[50, 100], [220, 10, 10])
    np.testing.assert_array_equal(result[50, 5], [0, 255, 0])


def test_a_blurred_background_keeps_the_person_sharp_and_has_no_halo(cutout: Cutout) -> None:
    result = composite(cutout, Style(background=Blur(radius=5.0)))
    np.testing.assert_array_equal(result[21, 16], [220, 10, 10])
    assert result[18, 25, 0] < 20  # no red leaks into the wall


def test_a_gradient_goes_from_top_to_bottom(cutout: Cutout) -> None:
    result = composite(cutout, Style(background=Gradient(colors=((0, 0, 0), (255, 255, 255)))))
    assert result[0, 0, 0] < 10 and result[-1, 0, 0] > 245


def test_a_shadow_falls_outside_the_person(cutout: Cutout) -> None:
    _, alpha = person(cutout, Style(shadow=True))
    assert (alpha >= cutout.alpha).all()
    assert 0 < alpha[61, 25] < 1


def test_a_window_has_its_shape_and_holds_the_person(cutout: Cutout) -> None:
    wide = Style(aspect=2.0, fit="cover")  # as large as the image, 80 by 60, allows
    assert person(cutout, wide)[1].shape == (30, 60)
    tight = Style(aspect=1.0, crop=0.1)
    _, alpha = person(cutout, tight)
    assert alpha.shape == (48, 48) and alpha.sum() == cutout.alpha.sum()


@pytest.mark.parametrize("background", [(0, 255, 0), Blur(radius=3.0)])
def test_a_window_is_scaled_to_its_size(cutout: Cutout, background) -> None:
    look = Style(size=(120, 90), crop=0.1, background=background)
    pixels, alpha = person(cutout, look)
    assert alpha.shape == (120, 90) and pixels.shape == composite(cutout, look).shape
    np.testing.assert_array_equal(composite(cutout, look)[60, 45], [220, 10, 10])


def test_an_image_behind_is_fitted_as_asked(cutout: Cutout) -> None:
    scene = np.zeros((20, 30, 3), np.uint8)
    scene[:, :15] = 90  # the left half
    show = {
        (fit, flip): composite(
            cutout, Style(background=Scene(pixels=scene, fit=fit, flip=flip))
        )[..., 1]
        for fit in ("cover", "contain", "tile") for flip in (False, True)
    }  # fmt: skip
    assert show["cover", False][5, 5] == 90 and show["cover", False][5, -5] == 0
    assert show["cover", True][5, 5] == 0 and show["cover", True][5, -5] == 90
    assert show["contain", False][5, 5] == 255 and show["contain", False][30, 5] == 90
    assert show["tile", False][5, 5] == 90 and show["tile", False][5, 35] == 90


def test_the_outline_of_the_matte_obeys(cutout: Cutout) -> None:
    cutout.alpha[:2, :2] = 1
    whole = cutout.alpha.sum()
    assert reshape(cutout.alpha, Style(min_area=10)).sum() == whole - 4
    assert reshape(cutout.alpha, Style(people="largest")).sum() == whole - 4
    assert reshape(cutout.alpha, Style(grow=2)).sum() > whole
    assert reshape(cutout.alpha, Style(grow=-2)).sum() < whole
    soft = reshape(cutout.alpha, Style(feather=2.0))
    assert ((soft > 0.2) & (soft < 0.8)).any()
    hard = reshape(soft, Style(threshold=0.5))
    assert set(np.unique(hard)) == {0.0, 1.0}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_every_output_can_be_made_of_nobody(kind: str) -> None:
    nobody = Cutout(
        original=read_image(np.zeros((9, 12, 3), np.uint8)), alpha=np.zeros((9, 12), np.float32)
    )
    assert OUTPUTS[kind](nobody, Style()).shape[0] == 9


@pytest.mark.parametrize(
    "wishes",
    [
        {"feather": -1.0},
        {"threshold": 1.5},
        {"canvas": (0, 5)},
        {"canvas": (5, 5), "crop": 0.1},
        {"canvas": (5, 5), "aspect": 1.0},
        {"size": (5, 5), "aspect": 1.0},
        {"size": (0, 5)},
        {"aspect": 1e9},
        {"aspect": 1.0, "fit": "stretch"},
        {"fit": "cover"},
        {"canvas": (5, 5), "background": Blur(radius=3.0)},
    ],
)
def test_wishes_without_sense_are_refused(wishes: dict) -> None:
    with pytest.raises(StyleError):
        Style(**wishes)


@pytest.mark.parametrize("shape", [{"aspect": 100.0}, {"size": (1, 900)}])
def test_a_window_that_no_memory_holds_is_refused(shape: dict) -> None:
    tall = np.zeros((4000, 20), np.float32)
    tall[50:3950, 5:15] = 1
    whole = Cutout(original=read_image(np.zeros((4000, 20, 3), np.uint8)), alpha=tall)
    with pytest.raises(StyleError, match="at most 250000000 are allowed"):
        person(whole, Style(**shape))
    assert person(whole, Style(**shape, fit="cover"))[1].shape[0] <= 1


@pytest.mark.parametrize("radius", ["0", "-3", "nan", "inf"])
def test_a_blur_is_a_number_above_nought_wherever_it_is_asked_for(
    cutout: Cutout, radius: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StyleError, match="above 0 pixels"):
        cutout.composite(f"blur:{radius}")
    for words in (["remove", "a.jpg"], ["remove", "a.mp4"], ["live", "a.mp4"]):
        assert main([*words, "--background", f"blur:{radius}"]) == 2
        error = capsys.readouterr().err
        assert "above 0 pixels" in error and error.count("\n") == 1


def test_backgrounds_are_read_from_what_people_write(astronaut: Path) -> None:
    assert read_background("#00ff00") == (0, 255, 0)
    assert read_background("blur:12") == Blur(radius=12.0)
    assert read_background("gradient:white,black") == Gradient(colors=((255, 255, 255), (0, 0, 0)))
    mixed = read_background("gradient:rgb(1, 2, 3),white")
    assert mixed == Gradient(colors=((1, 2, 3), (255, 255, 255)))
    assert isinstance(read_background(str(astronaut)), Scene)
    with pytest.raises(StyleError, match="only an image"):
        read_background("white", flip=True)
    with pytest.raises(StyleError, match="cover, contain, tile"):
        read_background(str(astronaut), fit="stretch")
    for wrong in ("blur:far", "no colour", "missing.jpg"):
        with pytest.raises(ColorError):
            read_background(wrong)


def test_an_unknown_output_names_those_that_are_there() -> None:
    assert parse_kinds("mask, cutout,mask") == ("mask", "cutout")
    with pytest.raises(StyleError, match="there are cutout"):
        parse_kinds("masks")


@pytest.mark.parametrize("name", ["canvas", "size"])
def test_what_no_memory_holds_is_refused_at_once(name: str) -> None:
    with pytest.raises(StyleError, match="40000x40000 has more"):
        Style(**{name: (40_000, 40_000)})
    with pytest.raises(StyleError, match="at least one row"):
        Style(**{name: (0, 5)})


def two_people() -> Cutout:
    """A large person at the left, and a small one at the right; 40 rows, 80 columns."""
    alpha = np.zeros((40, 80), np.float32)
    alpha[5:35, 5:30] = alpha[20:35, 60:70] = 1
    return Cutout(original=read_image(np.zeros((40, 80, 3), np.uint8)), alpha=alpha)


def test_people_are_chosen_by_word_by_points_and_by_a_mask(tmp_path: Path) -> None:
    alpha = two_people().alpha
    left, right = alpha.copy(), alpha.copy()
    left[:, 45:], right[:, :45] = 0, 0
    assert reshape(alpha, Style()) is alpha
    np.testing.assert_array_equal(reshape(alpha, Style(people="largest")), left)
    np.testing.assert_array_equal(reshape(alpha, Style(people=[(65, 30)])), right)
    mask = np.zeros((40, 80), np.uint8)
    mask[25:30, 62:66] = 255
    np.testing.assert_array_equal(reshape(alpha, Style(keep_mask=mask)), right)
    cutout = np.dstack([np.zeros((40, 80, 3), np.uint8), mask])
    Image.fromarray(cutout).save(tmp_path / "c.png")
    np.testing.assert_array_equal(reshape(alpha, Style(keep_mask=tmp_path / "c.png")), right)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"people": "biggest"}, "people are all, largest, centre or points, got 'biggest'"),
        ({"people": []}, "people are points"),
        ({"people": [(1, 2, 3)]}, "people are points"),
        ({"people": [(float("nan"), 2)]}, "people are points"),
        ({"people": "largest", "keep_mask": "m.png"}, "chooses people already"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(wish: dict, said: str) -> None:
    with pytest.raises(StyleError, match=said):
        Style(**wish)


def test_of_what_moves_those_of_the_first_frame_are_followed() -> None:
    first = two_people().alpha
    second = np.zeros_like(first)
    second[5:35, 5:12] = second[10:35, 55:80] = 1  # the left one leaves, the right one comes near
    memory = None
    for alpha, left in ((first, 30), (second, 12)):
        shown, memory = reshape_next(alpha, Style(people="largest"), memory)
        np.testing.assert_array_equal(shown[:, left:], 0)
        assert shown[:, :left].any()
