"""Small files that unpack to much are refused by their headers, whatever their format."""

import base64
import io
import json
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground import Remover
from figureground.cli import main
from figureground.datasets.items import Wanted
from figureground.datasets.masks import read_mask
from figureground.datasets.supervisely import read_supervisely
from figureground.errors import DataError, ImageError, UsageError
from figureground.media import memory_budget
from figureground.media.animation import read_frames
from figureground.media.encode import encode_image
from figureground.media.images import read_image
from figureground.media.limits import parse_bytes
from figureground.media.memory_budget import SharedBudget, file_cost, in_turn
from figureground.resources import _container_limits, default_budget, limited_to

SIDE = 1_000
LITTLE = 10 * SIDE * SIDE  # bytes, less than any image of that size takes


def file_of(kind: str, path: Path) -> Path:
    """An image of a million pixels of one colour."""
    deep = np.zeros((SIDE, SIDE, 3), np.uint16)
    image = Image.new("RGBA" if kind == "clear.png" else "RGB", (SIDE, SIDE), (9, 200, 90))
    place = path / kind
    if kind.startswith("deep"):
        place.write_bytes(encode_image(deep, place.suffix))
    elif kind.startswith("moving"):
        other = Image.new("RGB", (SIDE, SIDE), "red")
        image.save(place, save_all=True, append_images=[other, image], duration=40)
    else:
        image.save(place)
    return place


KINDS = ["a.jpg", "a.png", "a.webp", "a.tif", "a.bmp", "a.gif", "a.avif", "clear.png",
         "deep.png", "deep.tif", "moving.gif", "moving.webp", "moving.png"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_asks_before_it_unpacks(tmp_path: Path, kind: str) -> None:
    path = file_of(kind, tmp_path)
    with pytest.raises(ImageError, match=r"of memory, more than the 10\.0 MB") as said:
        read_image(path, max_memory=LITTLE)
    assert len(str(said.value).replace(str(path), "")) < 250
    cost = file_cost(path)
    assert 20 * SIDE**2 <= cost <= 60 * SIDE**2
    assert read_image(path, max_memory=cost).rgb.shape == (SIDE, SIDE, 3)
    if kind.startswith("moving"):
        with pytest.raises(ImageError, match="of memory"):
            next(read_frames(path, max_memory=LITTLE))
        assert file_cost(path) == 2 * file_cost(file_of(f"a{path.suffix}", tmp_path))


def test_deep_images_cost_more_than_those_of_8_bits(tmp_path: Path) -> None:
    plain, deep = (file_cost(file_of(kind, tmp_path)) for kind in ("a.png", "deep.png"))
    assert deep > 1.5 * plain


@pytest.mark.parametrize("read", [read_mask, read_image, Remover().remove])
def test_without_a_word_half_of_the_memory_is_the_limit(
    tmp_path: Path, read, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of("a.png", tmp_path)
    monkeypatch.setattr(memory_budget, "default_budget", lambda: LITTLE)
    with pytest.raises((ImageError, DataError), match="of memory"):
        read(path)


def test_the_command_takes_a_limit_and_goes_on_behind_it(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large, out = file_of("a.png", tmp_path), str(tmp_path / "out")
    words = ["remove", str(large), str(astronaut), "-o", out, "--max-memory", "10M"]
    assert main(words) == 1
    assert "more than the 10.0 MB" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["astronaut.cutout.png"]


def test_a_bitmap_of_a_data_set_asks_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    Image.new("L", (SIDE, SIDE), 255).save(stream, "PNG")
    packed = base64.b64encode(zlib.compress(stream.getvalue())).decode()
    figure = {"classTitle": "person", "bitmap": {"data": packed, "origin": [0, 0]}}
    (tmp_path / "set" / "ann").mkdir(parents=True)
    (tmp_path / "set" / "img").mkdir()
    Image.new("RGB", (SIDE, SIDE)).save(tmp_path / "set" / "img" / "a.png")
    (tmp_path / "set" / "ann" / "a.png.json").write_text(
        json.dumps({"size": {"height": SIDE, "width": SIDE}, "objects": [figure]})
    )
    (item,) = read_supervisely(tmp_path, Wanted())
    assert item.draw()[1].all()
    monkeypatch.setattr(memory_budget, "default_budget", lambda: LITTLE)
    with pytest.raises(DataError, match="a mask needs about"):
        item.draw()


def test_limits_of_containers_count(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    root = tmp_path / "fs"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "memory.max").write_text("4000000000\n")
    (root / "a" / "b" / "memory.max").write_text("max\n")
    own.write_text("0::/a/b\n")
    assert _container_limits(root, own) == [4_000_000_000]
    (root / "memory" / "c").mkdir(parents=True)
    (root / "memory" / "c" / "memory.limit_in_bytes").write_text("300\n")
    own.write_text("5:cpu,cpuacct:/c\n4:memory:/c\n")
    assert _container_limits(root, own) == [300]
    assert _container_limits(root, tmp_path / "none") == []
    assert 0 < default_budget() < 2**62


@pytest.mark.parametrize(
    ("text", "count"), [("500M", 500_000_000), ("4G", 4 * 10**9), ("2.5GB", 25 * 10**8), ("9", 9)]
)
def test_bytes_are_written_as_people_do(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "-4G", "much", "0", "nan", "inf", "9e99"])
def test_what_is_no_number_of_bytes_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="such as 500M or 4G"):
        parse_bytes(text)


def test_images_that_are_worked_on_at_once_share_the_budget() -> None:
    budget, most, now = SharedBudget(10), [0], [0]
    lock = threading.Lock()

    def work(needed: int) -> None:
        with budget.reserved(needed):
            with lock:
                now[0] += min(needed, 10)
                most[0] = max(most[0], now[0])
            with lock:
                now[0] -= min(needed, 10)

    threads = [threading.Thread(target=work, args=(n,)) for n in (4, 6, 50, 7, 3, 10) * 20]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads) and most[0] <= 10


def cut_short(data: bytes, share: float) -> bytes:
    """A JPEG file that ends after a share of its data, with its own mark of the end."""
    begin = data.rindex(b"\xff\xda")
    kept = data[: begin + int((len(data) - begin) * share)]
    return kept.rstrip(b"\xff") + b"\xff\xd9"


@pytest.mark.parametrize("share", [0.02, 0.4, 0.8])
@pytest.mark.parametrize("read", [read_image, read_mask])
def test_a_jpeg_that_promises_more_than_it_holds_is_refused(
    tmp_path: Path, astronaut: Path, share: float, read
) -> None:
    path = tmp_path / "short.jpg"
    path.write_bytes(cut_short(astronaut.read_bytes(), share))
    with Image.open(path) as image:
        image.load()  # Pillow itself takes it
    with pytest.raises((ImageError, DataError), match="its data ends long before"):
        read(path)


def test_a_jpeg_of_mid_grey_is_a_image(tmp_path: Path) -> None:
    path = tmp_path / "grey.jpg"
    Image.new("RGB", (64, 48), (128, 128, 128)).save(path)
    assert (read_image(path).rgb == 128).all()
    Image.new("L", (64, 48), 128).save(path, progressive=True)
    assert (read_image(path).rgb == 128).all()


def test_a_file_of_a_few_bytes_costs_what_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "wide.gif"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\0"
    path.write_bytes(
        b"GIF89a" + struct.pack("<HHBBB", 7_000, 7_000, 0x80, 0, 0) + bytes(6) + frame * 9 + b";"
    )
    assert file_cost(path) >= 49_000_000 * 40


def test_a_budget_that_is_said_counts_in_all_threads_until_its_block_ends(tmp_path: Path) -> None:
    before, seen = default_budget(), list[int]()
    with limited_to(7_000), limited_to(None):
        thread = threading.Thread(target=lambda: seen.append(default_budget()))
        thread.start()
        thread.join(10)
        with limited_to(5):
            seen.append(default_budget())
    assert seen == [7_000, 5] and default_budget() == before


def test_threads_wait_their_turn_for_memory() -> None:
    most, now, lock = [0], [0], threading.Lock()

    def work(item: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return item

    with limited_to(2), ThreadPoolExecutor(8) as pool:
        memory_budget_of = in_turn(work, lambda item: ["a"])
        assert list(pool.map(memory_budget_of, range(8), timeout=30)) == [*range(8)]
    assert most[0] > 0


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Two small pairs, and one whose image needs more than 10 MB."""
    for name in "abc":
        for room, mode in (("images", "RGB"), ("masks", "L")):
            path = tmp_path / "data" / room / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            side = SIDE if name == "c" else 40
            drawn = Image.new(mode, (side, side), 90 if mode == "RGB" else 0)
            drawn.paste(255 if mode == "L" else (220, 160, 140), (0, 0, side // 2, side - 5))
            drawn.save(path)
    return tmp_path / "data"


COMMANDS = {
    "check": ["data", "check", "DATA", "--all"],
    "evaluate": ["evaluate", "--data", "DATA", "--model", "lite", "-q"],
    "compare": ["compare", "lite", "lite-int8", "--data", "DATA", "-q"],
    "split": ["data", "split", "DATA", "-o", "OUT", "--copy"],
    "polish": ["data", "polish", "DATA", "-o", "OUT"],
    "convert": ["data", "convert", "CLEAR", "-o", "OUT", "--format", "rgba"],
    "background": ["remove", "DATA/images/a.png", "-o", "OUT/a.png", "--background",
                   "DATA/images/c.png"],
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_reads_images_takes_a_budget(
    tmp_path: Path, mixed: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cutouts = tmp_path / "cutouts"
    cutouts.mkdir()
    for side, name in ((40, "a"), (SIDE, "c")):
        Image.new("RGBA", (side, side), (200, 90, 60, 120)).save(cutouts / f"{name}.png")
    places = {"DATA": str(mixed), "OUT": str(tmp_path / "out"), "CLEAR": str(cutouts)}
    words = COMMANDS[command]
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    assert main([*words, "--max-memory", "10M"]) == 1
    said = "".join(capsys.readouterr())
    assert "--max-memory" in said and "Traceback" not in said
