"""What a command costs as a whole process: the clock, all cores, memory."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """What a process took, with those that it started and waited for."""

    seconds: float  # of the clock
    cores: float  # of all cores together
    megabytes: float  # of memory, of the largest of its processes


# Linux counts the memory of the process that starts a command as the command's own, up to the moment
# of its start. So a bare interpreter starts it.
STARTER = """
import os, sys, time
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(child, 0)
seconds, cores = time.perf_counter() - began, used.ru_utime + used.ru_stime
print(os.waitstatus_to_exitcode(status), seconds, cores, used.ru_maxrss / 1000)
"""


class Failed(RuntimeError):
    """The command ended with another exit code than 0."""


def measure_process(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[Cost, str]:
    """Run a command; returns what it cost and what it printed.

    Raises:
        Failed: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STARTER, *command],
        env=os.environ if environment is None else environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
    )  # fmt: skip
    *printed, told = done.stdout.splitlines()
    code, *cost = map(float, told.split())
    if code:
        raise Failed(f"{command} ended with {code:.0f}")
    return Cost(*cost), "\n".join(printed)
