"""A cluster by its address: a scheduler that runs, or processes of this machine."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from figureground.errors import ExtraError, RunError, UsageError
from figureground.resources import cores

if TYPE_CHECKING:  # a large package, that an extra brings
    from distributed import Client

LOCAL = re.compile(r"local:([1-9]\d*)")
# Of workers here: Dask's own measurements, which take a share of a core where nobody looks at them.
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.pause": False,
}
WAIT = 30.0  # seconds for a scheduler to answer, and for the first worker


def need_extra() -> None:
    """See that Dask and Arrow are installed. Raises ExtraError."""
    try:
        import distributed
        import pyarrow
    except ImportError as error:
        raise ExtraError("cluster", "working on a cluster") from error
    del distributed, pyarrow


def check_address(address: str) -> None:
    """Raise UsageError where a text is no address of a cluster."""
    if not LOCAL.fullmatch(address) and not re.fullmatch(r"(tcp|tls|ws|wss|ucx)://.+:\d+", address):
        raise UsageError(
            f"a cluster is local:N, processes of this machine, or a scheduler's address such as "
            f"tcp://host:8786, got {address!r}"
        )


@contextmanager
def connected(address: str) -> Iterator["Client"]:
    """A client of a cluster; workers of `local:N` end with the block.

    Raises:
        RunError: there is no scheduler, or it has no workers.
    """
    import dask
    from distributed import Client, LocalCluster

    own = LOCAL.fullmatch(address)
    with dask.config.set(QUIET):
        if own:
            number = int(own[1])
            with LocalCluster(
                n_workers=number, threads_per_worker=1, dashboard_address=":0",
                preload="figureground.cluster.local_worker",
                silence_logs="CRITICAL", worker_dashboard_address=":0",
            ) as cluster, Client(cluster) as client:  # fmt: skip
                yield client
            return
        try:
            client = Client(address, timeout=WAIT)
        except (OSError, TimeoutError) as error:
            raise RunError(
                f"there is no scheduler at {address}: {error}; start one with `dask scheduler`"
            ) from error
        with client:
            _wait(client, address)
            yield client


def _wait(client: "Client", address: str) -> None:
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=WAIT)
    if not client.scheduler_info(n_workers=-1)["workers"]:
        raise RunError(
            f"the scheduler at {address} has no workers; start some with `dask worker {address}`"
        )


def threads_of(address: str) -> int:
    """How many cores a network may use: of this machine's workers their share, else one."""
    own = LOCAL.fullmatch(address)
    return max(1, cores() // int(own[1])) if own else 1
