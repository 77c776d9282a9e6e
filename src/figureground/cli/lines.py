"""What becomes of pictures, as objects of JSON."""

from figureground.cli.summary import in_a_line
from figureground.jobs.workers import Result
from figureground.media.naming import Task
from figureground.media.remote import is_there, spell


def as_planned(task: Task, *, done: bool) -> dict[str, object]:
    """A picture that is not worked on, for programs; one that is left to do has no status yet."""
    status = {"status": "exists"} if done else {}
    outputs = {k: spell(path) for k, path in task.targets.items() if not done or is_there(path)}
    return {"source": spell(task.source), **status, "outputs": outputs}


def as_json(result: Result, *, skipped: bool) -> dict[str, object]:
    """Return what became of one picture, for programs."""
    facts: dict[str, object] = {"source": spell(result.task.source)}
    if result.error is None:
        outputs = {kind: spell(path) for kind, path in result.task.targets.items()}
        empty = result.presence is not None and result.presence.empty
        status = "skipped" if skipped else "empty" if empty else "done"
        facts |= {"status": status, "outputs": {} if skipped else outputs}
    else:
        facts |= {"status": "failed", "error": in_a_line(result.error, result.task.source)}
    if result.size is not None and result.presence is not None:
        facts |= {
            "width": result.size[1],
            "height": result.size[0],
            "coverage": round(result.presence.share, 4),
            "confidence": round(result.presence.confidence, 4),
        }
    return {**facts, "seconds": round(result.seconds, 3)}
