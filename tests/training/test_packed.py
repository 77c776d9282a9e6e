"""Training from packed sets: the same squares, a random order that needs no memory, S3."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny

pytest.importorskip("tensorflow")

from figureground.datasets.pack import pack
from figureground.datasets.pairs import find_pairs
from figureground.datasets.shards import OpenShard, open_shards
from figureground.errors import DataError, RunError
from figureground.training import packed as module
from figureground.training.batches import Part
from figureground.training.dataset import decode, find_data, find_leaks, training_dataset
from figureground.training.packed import PackedSquares, naming_shards
from figureground.training.recipe import Recipe
from figureground.training.sample_cache import draw_sample
from figureground.training.train import train

SIZE = (48, 48)


@pytest.fixture(scope="module")
def place(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pairs in six shards or so."""
    out = tmp_path_factory.mktemp("packed") / "set"
    pack(find_pairs(people), out, shard_bytes=12_000)
    return out


@pytest.fixture
def squares(place: Path, monkeypatch: pytest.MonkeyPatch) -> PackedSquares:
    monkeypatch.setattr(module, "WINDOW", 2)
    monkeypatch.setattr(module, "KEPT", 3)
    shards = open_shards(place)
    assert len(shards.shards) > 4
    return PackedSquares(shards, SIZE, seed=1)


@pytest.fixture
def recipe(people: Path, place: Path) -> Recipe:
    return Recipe(data=(str(place),), val=str(people), image_size=32, batch_size=4, epochs=3)


def test_a_packed_pair_is_the_square_that_its_files_give(
    people: Path, squares: PackedSquares
) -> None:
    files = {pair.name: (pair.image, pair.mask) for pair in find_pairs(people)}
    position = 0
    for shard in squares.shards.shards:
        for number in range(shard.pairs):
            name = OpenShard(shard).read(number)[0]
            np.testing.assert_array_equal(squares[position], draw_sample(*files[name], SIZE))
            position += 1
    assert position == len(squares) == 12


def test_every_epoch_shows_every_pair_once_in_an_order_of_its_own(squares: PackedSquares) -> None:
    epochs = [[squares.position(epoch, n) for n in range(12)] for epoch in range(3)]
    assert all(sorted(shown) == list(range(12)) for shown in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    again = PackedSquares(squares.shards, SIZE, seed=1)
    assert [again.position(2, n) for n in range(11, -1, -1)] == epochs[2][::-1]
    other = PackedSquares(squares.shards, SIZE, seed=2)
    assert [other.position(0, n) for n in range(12)] != epochs[0]


def test_the_first_pairs_need_only_the_first_shards(
    squares: PackedSquares, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def open_shard(shard):
        opened.append(shard.place)
        return OpenShard(shard)

    monkeypatch.setattr(module, "OpenShard", open_shard)
    squares[squares.position(0, 0)]
    squares._pool.shutdown()
    assert 2 <= len(set(opened)) <= 4 < len(squares.shards.shards)
    assert len(squares._open) <= 3


def test_a_partner_lies_in_the_same_shard(squares: PackedSquares) -> None:
    for position in range(12):
        found = {squares.near(position, share) for share in (0.0, 0.4, 0.999)}
        here = {n for n in range(12) if squares._place(n)[0] == squares._place(position)[0]}
        assert found <= here and min(here) in found and max(here) in found


def test_a_run_goes_on_with_the_batches_that_an_unbroken_one_sees(
    recipe: Recipe, tmp_path: Path
) -> None:
    recipe = replace(recipe, copy_paste=0.5)
    decoded = decode(recipe, find_data(recipe), tmp_path)
    whole = list(training_dataset(recipe, decoded, range(3)).as_numpy_iterator())
    assert len(whole) == 9
    late = training_dataset(recipe, decoded, range(1, 3), part=Part(skip=2)).as_numpy_iterator()
    for one, two in zip(whole[5:], late, strict=True):
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])


def test_workers_draw_each_their_share_of_the_same_batches(recipe: Recipe, people: Path) -> None:
    for data in (recipe.data, (str(people),)):
        same = replace(recipe, data=data, val=None if data != recipe.data else recipe.val)
        folder = people.parent / "samples"
        decoded = decode(same, find_data(same), folder)
        whole = training_dataset(same, decoded, range(2), part=Part(skip=1)).as_numpy_iterator()
        shares = [
            training_dataset(same, decoded, range(2), part=Part(skip=1, index=n, of=2))
            for n in (0, 1)
        ]
        parts = zip(*(share.as_numpy_iterator() for share in shares), strict=True)
        for one, (first, second) in zip(whole, parts, strict=True):
            np.testing.assert_array_equal(one[0], np.concatenate([first[0], second[0]]))


def test_a_packed_set_needs_a_set_to_be_judged_by_and_no_company(
    recipe: Recipe, people: Path
) -> None:
    with pytest.raises(DataError, match=r"nothing of it can be held back; give --val DIR"):
        find_data(replace(recipe, val=None))
    with pytest.raises(DataError, match=r"learnt from alone; pack all data sets into one"):
        find_data(replace(recipe, data=(*recipe.data, str(people))))
    with pytest.raises(
        DataError, match=r"no-shop.*there is no such file|cannot read the packed set"
    ):
        find_data(replace(recipe, data=("memory://no-shop/people",)))


def test_no_leaks_are_looked_for_in_what_would_have_to_be_read_first(
    recipe: Recipe, tmp_path: Path
) -> None:
    assert find_leaks(decode(recipe, find_data(recipe), tmp_path)) == []


def test_a_damaged_shard_is_kept_as_the_reason(place: Path, tmp_path: Path) -> None:
    shards = open_shards(place)
    broken = replace(shards.shards[0], sha256="0" * 64)
    squares = PackedSquares(replace(shards, shards=(broken, *shards.shards[1:])), SIZE, seed=0)
    with pytest.raises(DataError, match="is not what was packed"):
        squares[0]
    assert "is not what was packed" in str(squares.failure)


def test_a_set_in_a_store_gives_the_batches_of_one_on_a_disk(
    recipe: Recipe, people: Path, place: Path, tmp_path: Path
) -> None:
    fsspec = pytest.importorskip("fsspec")
    pack(find_pairs(people), Path("memory://shop/people"), shard_bytes=12_000)
    store = fsspec.filesystem("memory")
    assert len(store.ls("/shop/people")) == len(list(place.iterdir()))
    same = replace(recipe, data=("memory://shop/people",))
    near, far = (
        list(training_dataset(r, decode(r, find_data(r), tmp_path), range(1)).as_numpy_iterator())
        for r in (recipe, same)
    )
    for one, two in zip(near, far, strict=True):
        np.testing.assert_array_equal(one[0], two[0])


def test_a_damaged_shard_ends_a_pipeline_with_its_name(
    recipe: Recipe, place: Path, tmp_path: Path
) -> None:
    shutil.copytree(place, tmp_path / "set")
    for path in (tmp_path / "set").glob("*.tar"):
        path.write_bytes(path.read_bytes()[:-1])
    recipe = replace(recipe, data=(str(tmp_path / "set"),))
    decoded = decode(recipe, find_data(recipe), tmp_path)
    with (
        pytest.raises(RunError, match=r"shard-\d+\.tar' is not what was packed"),
        naming_shards(decoded.training),
    ):
        next(iter(training_dataset(recipe, decoded, range(1))))


@pytest.mark.soak
def test_shards_are_packed_to_s3_and_learnt_from_there(
    recipe: Recipe, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        import fsspec

        fsspec.filesystem("s3").mkdir("s3://shop")
        pack(find_pairs(people), Path("s3://shop/people"), shard_bytes=12_000)
        far = replace(recipe, data=("s3://shop/people",), preset="tiny", epochs=1)
        assert tiny.TINY.name == far.preset
        train(far, tmp_path / "run")
        assert (tmp_path / "run" / "report.html").exists()
    finally:
        server.stop()
