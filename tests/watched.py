"""Runs the command, or another script of the tests, and tells what it did outside some folders.

    python watched.py SCRIPT|figureground REPORT ALLOWED[:ALLOWED...] WORD ...

REPORT gets one line for each file that was opened for writing, made, renamed or removed outside the
allowed folders, each socket, and each process.
"""

import os
import runpy
import sys
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.truncate",
           "shutil.move", "shutil.rmtree", "shutil.copyfile"}  # fmt: skip
PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn"}
# What Python's own `platform` and loader of libraries ask; they write nothing.
HARMLESS = {("uname", "-p"), ("/sbin/ldconfig", "-p")}


def changed(event: str, facts: tuple) -> list[object]:
    """The files that an event opens for writing, makes, renames or removes."""
    if event == "open":
        path, mode, flags = facts
        writes = isinstance(flags, int) and flags & WRITING
        return [path] if writes or set(str(mode or "")) & set("wax+") else []
    if event not in CHANGES:
        return []
    folder = facts[-1] if isinstance(facts[-1], int) and facts[-1] >= 0 else None
    base = "" if folder is None else Path(f"/proc/self/fd/{folder}").readlink()
    texts = [path for path in facts[:2] if isinstance(path, str | bytes | os.PathLike)]
    return [Path(base, os.fsdecode(path)) for path in texts]


def is_outside(path: object, allowed: list[Path]) -> bool:
    """Whether a file lies in none of some folders; one that is open already does not."""
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    place = Path(os.path.realpath(os.fsdecode(path)))
    return place.parts[:3] != ("/", "dev", "null") and not any(map(place.is_relative_to, allowed))


def is_process(event: str, facts: tuple) -> bool:
    """Whether an event starts a process that does more than tell about the machine."""
    if event not in PROCESSES:
        return False
    words = facts[1] if len(facts) > 1 else ()
    return not (isinstance(words, list | tuple) and tuple(map(str, words)) in HARMLESS)


def watch(report: Path, allowed: list[Path]) -> None:
    """Write down from now on what should not be done."""
    lines = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def hook(event: str, facts: tuple) -> None:
        found = [path for path in changed(event, facts) if is_outside(path, allowed)]
        if is_process(event, facts):
            found.append(facts[:2])
        if event.startswith("socket.") and event != "socket.gethostname":
            found.append(facts)
        for what in found:
            os.write(lines, f"{event} {what}\n".encode())

    sys.addaudithook(hook)


if __name__ == "__main__":
    script, report, places, *words = sys.argv[1:]
    watch(Path(report), [Path(os.path.realpath(place)) for place in places.split(os.pathsep)])
    sys.argv = [script, *words]
    # Keras loads it where it is installed, and it looks for fonts and lists them in the home folder.
    sys.modules["matplotlib"] = None  # type: ignore[assignment]
    if script == "figureground":
        runpy.run_module("figureground", run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(script, run_name="__main__")
