"""The floor plan: each room may import only the rooms below it, and the runtime stays light."""

import ast
from pathlib import Path

import pytest
from imports import HEAVY, loaded_by

PACKAGE = Path(__file__).parent.parent / "src" / "figureground"
FLOORS = [  # lowest first; rooms on one floor do not know each other
    {"errors", "arrays", "chunks", "resources", "counts"},
    {"models", "media"},
    {"engines"},
    {"matting"},
    {"report", "page"},
    {"datasets"},
    {"training", "evaluation"},
    {"jobs"},
    {"cluster", "doctor", "serve"},
    {"cli"},
    {"__init__", "__main__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    rooms = {name.split(".")[1] for name in names if name.startswith("figureground.")}
    return {room for room in rooms if room in FLOOR_OF and not room.startswith("__")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_lower_floors(path: Path) -> None:
    here = room_of(path)
    wrong = {r for r in imported_rooms(path) - {here} if FLOOR_OF[r] >= FLOOR_OF[here]}
    if here == "__init__":
        return
    assert not wrong, f"{path.name} on floor {FLOOR_OF[here]} reaches up to {sorted(wrong)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250


def test_importing_the_package_loads_no_array_library() -> None:
    assert not {"numpy", "cv2", "PIL", *HEAVY} & loaded_by("import figureground")


def test_removal_never_loads_tensorflow(astronaut: Path, tmp_path: Path) -> None:
    code = (
        "from figureground.cli import main\n"
        f"main(['remove', {str(astronaut)!r}, '-q', '-o', {str(tmp_path / 'a.png')!r}])"
    )
    loaded = loaded_by(code)
    assert (tmp_path / "a.png").is_file()
    assert "ai_edge_litert.interpreter" in loaded
    assert not HEAVY & loaded
