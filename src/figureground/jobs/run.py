"""Do a job: what the command line, a service and a program call."""

from collections.abc import Sequence

from figureground.errors import UsageError
from figureground.jobs.events import Event, Finished, PassedOver, Tell
from figureground.jobs.image_batch import remove_images
from figureground.jobs.job import ImageJob, Job, VideoJob
from figureground.jobs.planning import find_of
from figureground.jobs.summary import Summary, sum_up
from figureground.media.walk import Inputs


def silent(event: Event) -> None:
    """Tell nobody."""


def run(
    job: Job | Sequence[Job], on_event: Tell = silent, *, inputs: Inputs | None = None
) -> Summary:
    """Do what a job on images or on videos describes, as `figureground remove` does.

    An image or video that fails stops no other. Stopped in the middle, the same job does only the
    rest: a journal among the results knows what is done.

    Args:
        job: one, or one of each sort, about the same inputs: videos come first.
        on_event: is told, in this thread, what becomes of each; see `figureground.jobs.events`.
        inputs: what is meant by the job's inputs, where somebody has looked already.
    Returns: what was done before, what was tried, and what failed and why.
    Raises:
        UsageError: what is asked for makes no sense, or something would be lost.
        FiguregroundError: there is nothing to do, or a network or a background cannot be read.

    Example:
        >>> import tempfile
        >>> from figureground import ImageJob, run
        >>> job = ImageJob(inputs="examples/astronaut.jpg", output=tempfile.mkdtemp())
        >>> run(job).failures
        []
    """
    jobs = [job] if isinstance(job, Job) else list(job)
    watching = next((one for one in jobs if isinstance(one, ImageJob) and one.watch), None)
    if watching is not None:
        from figureground.jobs.watching import watch

        return watch(watching, on_event)
    found = find_of(jobs[0], jobs[1:]) if inputs is None else inputs
    if found.passed.total() or found.results:
        on_event(PassedOver(counts=found.passed, results=found.results))
    summaries = []
    for one in sorted(jobs, key=lambda one: isinstance(one, ImageJob)):
        summary = _remove(one, found, on_event, only=len(jobs) == 1)
        if summary is not None:
            summaries.append(summary)
        if summary is not None and summary.failures and one.fail_fast:
            break
    whole = sum_up(summaries)
    on_event(Finished(summary=whole))
    return whole


def _remove(job: Job, found: Inputs, tell: Tell, *, only: bool) -> Summary | None:
    """Do one job; None where it has no inputs."""
    if isinstance(job, ImageJob):
        return remove_images(job, found, tell) if found.images or only else None
    if not isinstance(job, VideoJob):
        raise UsageError(f"a job is a ImageJob or a VideoJob, not a {type(job).__name__}")
    if only:  # what is named is a video, whatever its name ends in
        named = [one for one in found.images if one.path in job.sources]
        found = Inputs(videos=[*found.videos, *named], names=found.names)
    if not found.videos and only:
        raise UsageError(f"there are no videos among {', '.join(map(str, job.sources))}")
    if not found.videos:
        return None
    from figureground.jobs.video_batch import remove_videos  # PyAV takes a while to load

    return remove_videos(job, found, tell)
