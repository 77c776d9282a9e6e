"""The preview shows what the pipeline will make, and says what is missing."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from figureground.cli import main

WORDS = ("--set", "image_size=32", "--images", "2", "--views", "3", "-q")


def test_the_sheet_has_a_row_an_image_and_is_the_same_each_time(
    people: Path, tmp_path: Path
) -> None:
    (tmp_path / "recipe.toml").write_text("copy_paste = 0.5\n")
    sheets = []
    for name, more in (("a.png", ()), ("b.png", ()), ("c.png", ("--set", "seed=7"))):
        out = tmp_path / name
        recipe = str(tmp_path / "recipe.toml")
        words = ["data", "preview", recipe, "--data", str(people), "--output", str(out)]
        assert main([*words, *WORDS, *more]) == 0
        sheets.append(np.asarray(Image.open(out)))
    np.testing.assert_array_equal(sheets[0], sheets[1])
    assert sheets[0].shape == sheets[2].shape and (sheets[0] != sheets[2]).any()
    magenta = (sheets[0] == (255, 0, 255)).all(axis=2)
    assert magenta.any(axis=0).sum() > 4 * 30  # four views over magenta in a row


def test_backgrounds_are_shown(people: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "rooms").mkdir()
    out = str(tmp_path / "sheet.png")
    rooms = ("--set", f"backgrounds={tmp_path / 'rooms'}", "--set", "negatives=0.9")
    assert main(["data", "preview", "--data", str(people), "--output", out, *WORDS, *rooms]) == 1
    assert "no images" in capsys.readouterr().err
    Image.new("RGB", (40, 40), (0, 200, 0)).save(tmp_path / "rooms" / "green.png")
    assert main(["data", "preview", "--data", str(people), "--output", out, *WORDS, *rooms]) == 0
    sheet = np.asarray(Image.open(out)).astype(int)
    green = (sheet[..., 1] > 2 * sheet[..., 0] + 20) & (sheet[..., 1] > 2 * sheet[..., 2] + 20)
    assert green.sum() > 32 * 32


def test_without_data_it_says_what_to_give(tmp_path: Path, capsys) -> None:
    assert main(["data", "preview", "--output", str(tmp_path / "sheet.png")]) == 2
    assert "--data" in capsys.readouterr().err
    assert main(["data", "preview", "--output", str(tmp_path / "sheet.txt")]) == 2
    assert "sheet.txt" in capsys.readouterr().err


def test_json_tells_where_the_sheet_is(people: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "sheet.png"
    words = ["data", "preview", "--data", str(people), "--output", str(out), *WORDS[:-1], "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    with Image.open(out) as sheet:
        assert told == {"file": str(out), "rows": sheet.height, "columns": sheet.width}
