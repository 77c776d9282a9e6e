"""The self-test walks the whole way, and stops where it ends."""

import numpy as np
import pytest

from figureground.doctor import self_test
from figureground.doctor.finding import BROKEN, GOOD, NOTE
from figureground.doctor.self_test import STEPS, Timed, run_self_test
from figureground.errors import ModelError


class Blind:
    """A network that sees nobody."""

    size = (32, 32)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        return np.zeros(image.shape[:2], np.float32)


def test_every_step_is_timed_and_the_person_is_found() -> None:
    found = list(run_self_test(side=256))
    assert [finding.name for finding in found] == list(STEPS)
    assert found[-1].state == GOOD
    assert all(finding.seconds is not None and finding.seconds >= 0 for finding in found[:-1])
    networks = [finding for finding in found if "network" in finding.value][:2]
    assert all(finding.seconds for finding in networks)


def test_a_network_that_sees_nobody_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("figureground.engines.open_engine", lambda path: Blind())
    *_, last = run_self_test(side=64)
    assert (last.name, last.state) == ("result", BROKEN) and "IoU 0.000" in last.value


def test_the_step_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(name: str) -> None:
        raise ModelError(f"the network {name} is damaged")

    monkeypatch.setattr(self_test, "find_model", damaged)
    *_, last = run_self_test(side=64)
    assert (last.name, last.state) == ("lite-int8", BROKEN)
    assert last.value == "ModelError: the network lite-int8 is damaged"


@pytest.mark.parametrize(
    ("seconds", "ours", "state", "why"),
    [
        (0.05, 0.9, GOOD, ""),
        (2.0, 0.1, NOTE, "others hold the processor: 10% of it were ours"),
        (2.0, 0.9, NOTE, "the processor is slow"),
    ],
)
def test_a_slow_network_says_why(seconds: float, ours: float, state: str, why: str) -> None:
    engine = Timed(Blind())
    engine.seconds, engine.ours = seconds, ours
    finding = self_test._network("lite", engine)
    assert finding.state == state and finding.advice.startswith(why)
