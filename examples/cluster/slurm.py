"""Images of a shared disk on a SLURM cluster: `python slurm.py IMAGES RESULTS`, on a login node.

Needs `pip install 'figureground[cluster]' dask-jobqueue` where all nodes see it. Jobs that end at
their time limit leave in time and hand over what they have done; SLURM starts others.
"""

import sys

from dask_jobqueue import SLURMCluster

from figureground import ImageJob
from figureground.cluster.run import run_on_cluster
from figureground.jobs.events import Event, ImageFailed


def tell(event: Event) -> None:
    """Print what failed."""
    if isinstance(event, ImageFailed):
        print(event.error, file=sys.stderr)


if __name__ == "__main__":
    images, results = sys.argv[1:]
    with SLURMCluster(
        cores=16, processes=16, memory="24GB", walltime="08:00:00",
        worker_extra_args=["--lifetime", "470m", "--lifetime-stagger", "5m"],
    ) as cluster:  # fmt: skip
        cluster.adapt(minimum_jobs=1, maximum_jobs=64)
        job = ImageJob(inputs=images, output=f"{results}/", background="white", format="jpg")
        summary = run_on_cluster(job, cluster.scheduler_address, tell)
        print(summary.counts)
