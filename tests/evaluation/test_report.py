"""Pages and comparisons, of small images and networks whose answers are known."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.datasets.pairs import find_pairs
from figureground.errors import DataError, ModelError
from figureground.evaluation.cases import solve
from figureground.evaluation.evaluate import Row, compare, evaluate
from figureground.evaluation.report import Result, choose, write_page
from figureground.report.charts import histogram


def row(name: str, overlap: float) -> Row:
    return Row(name=name, scores={"iou": overlap}, seconds=0.002)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for folder in ("images", "masks"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    for number in range(3):
        truth = np.zeros((40, 30), np.uint8)
        truth[8 : 20 + 5 * number, 8:20] = 255
        name = f"<{number}>.png"
        Image.fromarray(np.dstack([truth] * 3)).save(tmp_path / "data" / "images" / name)
        Image.fromarray(truth).save(tmp_path / "data" / "masks" / name)
    return tmp_path / "data"


def right(rgb: np.ndarray) -> np.ndarray:
    return rgb[..., 0].astype(np.float32) / np.float32(255)


def blind(rgb: np.ndarray) -> np.ndarray:
    return np.zeros(rgb.shape[:2], np.float32)


def test_differences_are_paired() -> None:
    before = [row("a", 0.2), row("b", 0.9)]
    after = [row("a", 0.3), row("b", 1.0)]
    gain = compare(before, after)
    assert gain["iou"].low == pytest.approx(0.1) and gain["iou"].high == pytest.approx(0.1)
    assert gain["above_0.95"].value == 0.5
    with pytest.raises(DataError, match="only one has 'b'"):
        compare(before, after[:1])
    with pytest.raises(DataError, match="order differs"):
        compare(before, after[::-1])


def test_the_worst_come_first_and_no_change_is_not_shown() -> None:
    rows = [row(str(number), number / 20) for number in range(20)]
    worst, best = choose([rows])
    assert worst == list(range(12)) and best == [19, 18, 17, 16, 15, 14]
    changed = [row("0", 0.5), *rows[1:3], row("3", 0.0)]
    assert choose([rows[:4], changed]) == ([3], [0])


def test_a_histogram_counts_every_image_once() -> None:
    chart = histogram([[0.1, 0.5, 0.51, 1.0]], label="IoU", start=0.5)
    assert sorted(re.findall(r"<title>(\d+)</title>", chart)) == ["1", "1", "2"]
    assert re.findall(r'"end">(\d+)<', chart) == ["0", "1", "2"]
    assert "&lt; 0.5" in chart and ">0.5<" not in chart


def test_a_page_holds_all_it_shows(data: Path, tmp_path: Path) -> None:
    pairs = find_pairs(data)
    results = [
        Result(name=name, rows=list(evaluate([answer], pairs)), alpha_of=answer)
        for name, answer in (("<blind>", blind), ("right", right))
    ]
    page = tmp_path / "page.html"
    write_page(results, pairs, page, title="A & B", settings={"band": 0.01}, parts={})
    text = page.read_text("utf-8")
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(sources) == 3 * 6  # all gained: image, truth, and two panels of each network
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "A &amp; B" in text and "&lt;blind&gt;" in text and "<blind>" not in text
    assert "url(" not in text and "Most lost" not in text
    with pytest.raises(DataError, match="not of these images"):
        write_page(results, pairs[:1], page, title="", settings={}, parts={})


def test_a_mask_of_another_shape_and_a_matte_of_no_numbers_are_refused(data: Path) -> None:
    pair = find_pairs(data)[0]
    with pytest.raises(ModelError, match="no numbers"):
        solve(lambda rgb: np.full(rgb.shape[:2], np.nan, np.float32), pair)
    Image.new("L", (40, 30)).save(pair.mask)
    with pytest.raises(DataError, match="make them one size"):
        solve(right, pair)


def test_compare_prints_differences_and_writes_its_page(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    command = ["compare", "lite", "lite-int8", "--data", str(data), "--json", "--report", str(page)]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert set(json.loads(shown.out)[str(data)]["iou"]) == {"value", "low", "high"}
    assert shown.err == ""  # no terminal, no progress
    assert "lite-int8 against lite" in page.read_text("utf-8")
    assert main(["compare", "lite", "lite", "--data", str(data)]) == 2
    assert main(["compare", "lite", "nope", "--data", str(data)]) == 2
    assert main(["evaluate", "--model", "nope", "--data", str(data)]) == 2
    assert "compared with itself" in capsys.readouterr().err


def test_an_image_that_cannot_be_read_is_named_and_the_rest_is_measured(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "images" / "<1>.png").write_bytes(b"no image")
    table, page = tmp_path / "rows.csv", tmp_path / "page.html"
    written = ["--data", str(data), "--report", str(page)]
    assert main(["evaluate", *written, "--csv", str(table), "-q"]) == 1
    told = capsys.readouterr()
    assert f"{data}: 2 images" in told.out
    assert told.err.count("\n") == 1 and "left out: " in told.err and "<1>.png" in told.err
    assert [line.split(",")[0] for line in table.read_text().splitlines()] == ["name", "<0>", "<2>"]
    page.unlink()
    assert main(["compare", "lite", "lite-int8", *written]) == 1
    told = capsys.readouterr()
    assert "2 images, lite-int8 minus lite" in told.out and told.err.count("\n") == 1
    assert page.is_file()
    for number in (0, 2):
        (data / "images" / f"<{number}>.png").write_bytes(b"no image")
    assert main(["evaluate", "--data", str(data), "-q"]) == 1
    assert "none of 3 images can be measured" in capsys.readouterr().err


def test_evaluate_gives_each_folder_a_column_of_its_page(data: Path, tmp_path: Path) -> None:
    other = data.rename(tmp_path / "other")
    (tmp_path / "more" / "masks").mkdir(parents=True)
    (tmp_path / "more" / "images").mkdir()
    for room in ("images", "masks"):
        file = (other / room / "<1>.png").read_bytes()
        (tmp_path / "more" / room / "a.png").write_bytes(file)
    page = tmp_path / "page.html"
    folders = ["--data", str(other), "--data", str(tmp_path / "more")]
    assert main(["evaluate", *folders, "--report", str(page), "-q"]) == 0
    assert f"<th>{tmp_path / 'more'}</th>" in page.read_text("utf-8")
    assert main(["evaluate", "--data", str(other), "--data", str(other)]) == 2


def test_a_run_is_measured_like_what_it_exports(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from figureground.models.shipped import find_keras_weights
    from figureground.training.recipe import Recipe
    from figureground.training.recipe_file import save_recipe

    run = tmp_path / "run"
    run.mkdir()
    save_recipe(Recipe(preset="lite", data=(str(data),)), run / "recipe.toml")
    weights = find_keras_weights("lite")
    assert weights is not None
    (run / "best.weights.h5").write_bytes(weights.read_bytes())
    assert main(["compare", "lite", str(run), "--data", str(data), "--json"]) == 0
    gain = json.loads(capsys.readouterr().out)[str(data)]
    assert abs(gain["mae"]["value"]) < 2e-3
    assert main(["evaluate", "--model", str(data), "--data", str(data)]) == 2
