"""Events of a training run as lines and bars."""

import sys
from typing import Any, ClassVar

from figureground.cli.progress import Progress, span
from figureground.counts import counted


class Teller:
    """Says what happens: bars while something is done, a line for each epoch, warnings."""

    UNITS: ClassVar = {
        "reading": "images read", "learning": "steps of epoch {epoch}/{epochs}",
        "judging": "batches held back",
    }  # fmt: skip

    def __init__(self) -> None:
        self.bar: Progress | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        if event["event"] == "progress":
            self._draw(event)
            return
        self.close()
        say = getattr(self, f"_{event['event']}", None)
        if say is not None:
            say(event)

    def _draw(self, event: dict[str, Any]) -> None:
        unit = self.UNITS[event["what"]].format(**event)
        if self.bar is None or self.bar.unit != unit:
            self.close()
            self.bar = Progress(event["total"], unit=unit, done=event["done"])
            return
        if "loss" in event:
            self.bar.note = f"loss {event['loss']:.3f}, IoU {event['iou']:.3f}"
        self.bar.reach(event["done"])

    def close(self) -> None:
        """Wipe the bar, for other lines; the next one begins anew."""
        if self.bar is not None:
            self.bar.finish(leave=False)
            self.bar = None

    def _unreadable(self, event: dict[str, Any]) -> None:
        print(f"left out: {event['reason']}", file=sys.stderr)

    def _phase(self, event: dict[str, Any]) -> None:
        if sys.stderr.isatty():
            print(f"{event['what']} ...", file=sys.stderr, flush=True)

    def _leak(self, event: dict[str, Any]) -> None:
        held, learnt = event["example"]
        print(
            f"{event['images']} of {event['of']} images held back are nearly the same as one "
            f"learnt from, as {held!r} and {learnt!r}: scores on them will be too good; "
            "`figureground data split` keeps such together",
            file=sys.stderr,
        )

    def _start(self, event: dict[str, Any]) -> None:
        if event["unreadable"]:
            print(
                f"left out {counted(event['unreadable'], 'images')} that cannot be read",
                file=sys.stderr,
            )
        if event["epoch"] or event["step"]:
            within = f", step {event['step']}" if event["step"] else ""
            print(f"going on after epoch {event['epoch']}{within}")
        elif event.get("again"):
            print("the run that began here kept nothing; it begins again", file=sys.stderr)

    def _ema_momentum(self, event: dict[str, Any]) -> None:
        print(
            f"ema_momentum is {event['used']:.3g}, since {event['given']:g} would hardly follow in "
            f"{counted(event['steps'], 'steps')}",
            file=sys.stderr,
        )

    def _extended(self, event: dict[str, Any]) -> None:
        print(
            f"the run now ends at epoch {event['epochs']}, and so does its cosine: the learning "
            f"rate, which had fallen to 0, goes on at {event['learning_rate']:.2g}",
            file=sys.stderr,
        )

    def _epoch(self, event: dict[str, Any]) -> None:
        print(
            f"epoch {event['epoch']}: loss {event['loss']:.4f}, IoU {event['iou']:.3f}; held back: "
            f"loss {event['val_loss']:.4f}, IoU {event['val_iou']:.3f}"
            f"{', the best so far' if event['best'] else ''}; {span(event['seconds'])}",
            flush=True,
        )

    def _stopping(self, event: dict[str, Any]) -> None:
        print("keeping what was learnt; Ctrl-C again stops at once", file=sys.stderr)

    def _end(self, event: dict[str, Any]) -> None:
        print(
            f"best epoch {event['best_epoch']} (lowest val_loss): IoU {event['val_iou']:.3f}; "
            f"last epoch {event['last_epoch']}: IoU {event['last_val_iou']:.3f}; {event['report']}"
        )
