"""The processor, memory and folders: what is slow, and why."""

from pathlib import Path

import pytest

from figureground.doctor import machine
from figureground.doctor.finding import BROKEN, GOOD, NOTE
from figureground.doctor.machine import find_machine
from figureground.resources import free_memory

GIGABYTE = 1 << 30


def test_this_machine_is_told() -> None:
    found = {finding.name: finding for finding in find_machine()}
    assert {"processor", "cores", "memory", "temporary folder", "this folder"} <= set(found)
    assert found["temporary folder"].state == GOOD


@pytest.mark.parametrize(
    ("kind", "features", "slow"),
    [
        ("x86_64", {"avx2", "avx512_vnni"}, set()),
        ("amd64", {"AVX2", "AVX512VNNI"}, set()),  # Windows, by NumPy
        ("x86_64", {"avx2"}, {"VNNI"}),
        ("x86_64", {"sse4_2"}, {"AVX2", "VNNI"}),
        ("aarch64", {"asimd"}, {"dot products"}),
        ("arm64", {"ASIMDDP"}, set()),
    ],
)
def test_features_that_are_missing_say_what_is_slow(
    kind: str, features: set[str], slow: set[str]
) -> None:
    found = list(machine._processor(kind, frozenset(features)))
    notes = [finding for finding in found if finding.state == NOTE]
    assert {finding.name for finding in notes} == slow
    assert all(finding.advice for finding in notes)


def test_features_that_nobody_tells_are_no_fault() -> None:
    (_, finding) = machine._processor("x86_64", frozenset())
    assert (finding.state, finding.value) == (NOTE, "cannot be told")


def test_features_are_numpys_where_linux_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.sys, "platform", "win32")
    assert machine.features() and all(name.upper() == name for name in machine.features())


def test_one_core_is_noted() -> None:
    assert machine._cores(1, 8).state == NOTE and machine._cores(1, 8).value == "1 of 8"
    assert machine._cores(2, 2).state == GOOD


@pytest.mark.parametrize(
    ("free", "budget", "state"),
    [
        (GIGABYTE * 4, GIGABYTE * 2, GOOD),
        (None, GIGABYTE * 2, GOOD),
        (GIGABYTE // 4, GIGABYTE * 2, NOTE),
        (GIGABYTE * 4, GIGABYTE // 4, NOTE),
    ],
)
def test_little_memory_is_noted(free: int | None, budget: int, state: str) -> None:
    assert machine._memory(free, budget).state == state


def test_free_memory_is_what_linux_says(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 8 kB\nMemAvailable:     3 kB\n")
    assert free_memory(tmp_path / "meminfo") == 3072
    (tmp_path / "old").write_text("MemTotal: 8 kB\n")
    assert free_memory(tmp_path / "old") is None and free_memory(tmp_path / "none") is None


def test_a_temporary_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    finding = machine._folder("temporary folder", tmp_path / "missing")
    assert finding.state == BROKEN and "TMPDIR" in finding.advice
    assert machine._folder("this folder", tmp_path / "missing").state == NOTE


def test_little_room_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LITTLE_ROOM", 1 << 62)
    assert machine._folder("this folder", tmp_path).state == NOTE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", machine.SETTINGS)
def test_a_setting_that_slows_libraries_down_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in machine.SETTINGS:
        monkeypatch.delenv(each, raising=False)
    assert not {finding.name for finding in find_machine()} & set(machine.SETTINGS)
    monkeypatch.setenv(name, "Haswell")
    (finding,) = [finding for finding in find_machine() if finding.name == name]
    assert finding.state == NOTE and "Haswell" in finding.value and "unset" in finding.advice
