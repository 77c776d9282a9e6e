"""Compare the masks of `figureground data convert` with those that labelling tools make themselves.

    pip install pycocotools labelme label-studio-sdk datumaro cvat-sdk supervision scikit-image
    pip download --no-deps ultralytics   # its wheel; it need not be installed, it asks for PyTorch
    python tools/compare_annotations.py --ultralytics ultralytics-*.whl

For each tool a file is written by its own code, or as its own code reads it, with random polygons
and masks; it is converted, and each pixel is compared with what the tool draws. Then one polygon
after the other is drawn by all, to see where they differ from each other. Prints two tables; ends
with 1 where a conversion differs from its tool.
"""

import argparse
import ast
import base64
import io
import json
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from figureground.cli import main as figureground
from figureground.datasets.masks import read_mask

ROWS, COLUMNS = 120, 160
NAME = "a.png"
IMAGES = 40  # of each tool

Polygon = np.ndarray  # (N, 2), x and y


def polygons(seed: int) -> list[Polygon]:
    """Two or three outlines of an object each: a star of uneven rays, with corners off the grid."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(random.integers(2, 4)):
        corners = int(random.integers(5, 24))
        angles = np.sort(random.uniform(0, 2 * np.pi, corners))
        rays = random.uniform(8, 40, corners)
        centre = random.uniform([30, 25], [COLUMNS - 30, ROWS - 25])
        points = centre + np.stack([np.cos(angles), np.sin(angles)], 1) * rays[:, None]
        found.append(np.clip(points, 0, [COLUMNS, ROWS]))
    return found


def blob(seed: int) -> np.ndarray:
    """A mask, bool (ROWS, COLUMNS), of ragged areas."""
    noise = np.random.default_rng(seed).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 6) > 0.03


def image(folder: Path) -> Path:
    """An image for annotations to belong to."""
    path = folder / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (COLUMNS, ROWS), (90, 120, 150)).save(path)
    return path


def converted(source: Path, out: Path, *options: str) -> np.ndarray:
    """The mask that figureground makes of an annotation, bool (ROWS, COLUMNS)."""
    code = figureground(["data", "convert", str(source), "-o", str(out), "-q", *options])
    (path,) = (out / "masks").rglob("*.png")
    if code:
        raise SystemExit(f"{source} was not converted")
    return read_mask(path)


def by_coco(points: Polygon) -> np.ndarray:
    """As pycocotools fills."""
    from pycocotools import mask

    return mask.decode(mask.merge(mask.frPyObjects([points.ravel().tolist()], ROWS, COLUMNS))) > 0


def union(draw: Callable[[Polygon], np.ndarray], outlines: list[Polygon]) -> np.ndarray:
    """All that is in one of some outlines."""
    return np.any([draw(points) for points in outlines], axis=0)


def coco(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """pycocotools: polygons, and a crowd as run lengths."""
    from pycocotools import mask
    from pycocotools.coco import COCO

    runs = mask.encode(np.asfortranarray(blob(seed).astype(np.uint8)))
    runs["counts"] = runs["counts"].decode()
    parts = [*([p.ravel().tolist()] for p in polygons(seed)), *([runs] if seed % 2 else [])]
    people = [
        {"id": n, "image_id": 7, "category_id": 1, "iscrowd": int(isinstance(part, dict)),
         "segmentation": part, "area": 1, "bbox": [0, 0, 1, 1]}
        for n, part in enumerate(parts)
    ]  # fmt: skip
    entry = {"id": 7, "file_name": image(folder).name, "height": ROWS, "width": COLUMNS}
    content = {"images": [entry], "annotations": people,
               "categories": [{"id": 1, "name": "person"}]}  # fmt: skip
    path = folder / "notes.json"
    path.write_text(json.dumps(content))
    known = COCO(path)
    return path, np.any([known.annToMask(a) for a in known.loadAnns(known.getAnnIds())], axis=0)


def detections(outlines: list[Polygon], draw: Callable[[Polygon], np.ndarray]) -> Any:
    """Outlines as supervision has them."""
    import supervision as sv

    masks = np.array([draw(points) for points in outlines])
    return sv.Detections(xyxy=sv.mask_to_xyxy(masks), mask=masks,
                         class_id=np.zeros(len(masks), int))  # fmt: skip


def roboflow(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """supervision, Roboflow's library, writes COCO; pycocotools draws it."""
    import supervision as sv
    from pycocotools.coco import COCO

    source = str(image(folder / "train"))
    found = detections(polygons(seed), by_coco)
    path = folder / "train" / "_annotations.coco.json"
    data = sv.DetectionDataset(classes=["person"], images=[source], annotations={source: found})
    data.as_coco(annotations_path=str(path))
    known = COCO(path)
    entries = known.loadAnns(known.getAnnIds())
    return folder, np.any([known.annToMask(entry) for entry in entries], axis=0)


def cvat(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """datumaro writes CVAT's XML, a mask is packed by cvat-sdk and joined; datumaro draws."""
    import datumaro as dm
    from cvat_sdk.masks import encode_mask

    item = dm.DatasetItem(
        id="a", media=dm.Image.from_file(path=str(image(folder / "source"))),
        annotations=[dm.Polygon(p.ravel().round(2).tolist(), label=0) for p in polygons(seed)],
    )  # fmt: skip
    data = dm.Dataset.from_iterable([item], categories=["person"], media_type=dm.Image)
    data.export(str(folder / "out"), "cvat", save_media=True, image_ext=".png")
    (path,) = (folder / "out").glob("*.xml")
    *runs, left, top, right, bottom = map(int, encode_mask(blob(seed)))
    mask = (
        f'<mask label="person" source="manual" rle="{", ".join(map(str, runs))}" left="{left}" '
        f'top="{top}" width="{right - left + 1}" height="{bottom - top + 1}" z_order="0"/>'
    )
    if seed % 2:
        path.write_text(path.read_text().replace("</image>", f"{mask}</image>"))
    drawn = union(by_coco, [p.round(2) for p in polygons(seed)])
    read = [a.image for i in dm.Dataset.import_from(str(folder / "out"), "cvat")
            for a in i.annotations if isinstance(a, dm.Mask)]  # fmt: skip
    return path, np.any([drawn, *read], axis=0)


def labelme(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """labelme writes and draws: polygons, a circle, a mask."""
    from labelme import _label_file, utils
    from loguru import logger

    logger.remove()
    figure = Image.fromarray(blob(seed)[20:60, 30:90])
    file = io.BytesIO()
    figure.save(file, "PNG")
    plain = {"label": "person", "group_id": None, "flags": {}, "description": ""}
    shapes: list[dict[str, Any]] = [
        {**plain, "shape_type": "polygon", "points": p.tolist(), "mask": None}
        for p in polygons(seed)
    ]
    circle = [[50.5, 40.25], [60.75, 47.0]]
    shapes.append({**plain, "shape_type": "circle", "points": circle, "mask": None})
    packed = base64.b64encode(file.getvalue()).decode()
    box = [[30, 20], [89, 59]]
    shapes.append({**plain, "shape_type": "mask", "points": box, "mask": packed})
    image(folder)
    path = folder / "a.json"
    _label_file.write_label_file(str(path), shapes=shapes, image_path=NAME,
                                 image_height=ROWS, image_width=COLUMNS)  # fmt: skip
    known = _label_file.LabelFile(str(path)).shapes
    drawn, _ = utils.shapes_to_label((ROWS, COLUMNS), known, {"person": 1})
    return path, drawn > 0


def label_studio(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """label-studio-sdk packs and unpacks a brush stroke, its converter makes COCO of polygons."""
    from label_studio_sdk.converter import brush

    levels = np.repeat((blob(seed) * np.uint8(200))[..., None], 4, axis=2)
    size = {"original_width": COLUMNS, "original_height": ROWS, "from_name": "l", "to_name": "i"}
    packed = brush.encode_rle(levels.ravel())
    stroke = {**size, "id": "b", "type": "brushlabels",
              "value": {"format": "rle", "rle": packed, "brushlabels": ["person"]}}  # fmt: skip
    percent = [(p / [COLUMNS, ROWS] * 100).tolist() for p in polygons(seed)]
    shapes = [
        {**size, "id": str(n), "type": "polygonlabels",
         "value": {"points": points, "polygonlabels": ["person"], "closed": True}}
        for n, points in enumerate(percent)
    ]  # fmt: skip
    image(folder)
    task = {"id": 1, "data": {"image": f"/data/upload/1/{NAME}"},
            "annotations": [{"id": 1, "result": [*shapes, stroke]}]}  # fmt: skip
    path = folder / "export.json"
    path.write_text(json.dumps([task]))
    own = brush.decode_rle(packed).reshape(ROWS, COLUMNS, 4)[..., 3]
    drawn = union(by_coco, [np.array(p) / 100 * [COLUMNS, ROWS] for p in percent])
    return path, np.maximum(own, drawn * np.uint8(255))


def polygon2mask(wheel: Path) -> Callable[..., np.ndarray]:
    """ultralytics' own function, out of its wheel: its module would ask for PyTorch."""
    text = zipfile.ZipFile(wheel).read("ultralytics/data/utils.py").decode()
    (own,) = (
        node for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == "polygon2mask"
    )  # fmt: skip
    names: dict[str, Any] = {"np": np, "cv2": cv2}
    exec(compile(ast.Module([own], []), str(wheel), "exec"), names)
    return names["polygon2mask"]


def yolo(folder: Path, seed: int, draw: Callable[..., np.ndarray]) -> tuple[Path, np.ndarray]:
    """supervision writes YOLO's files; ultralytics draws them."""
    import supervision as sv

    source = str(image(folder / "source"))
    found = detections(polygons(seed), by_coco)
    data = sv.DetectionDataset(classes=["person"], images=[source], annotations={source: found})
    place = folder / "set"
    data.as_yolo(images_directory_path=str(place / "images"), data_yaml_path=str(place / "d.yaml"),
                 annotations_directory_path=str(place / "labels"))  # fmt: skip
    (path,) = (place / "labels").glob("*.txt")
    rows = [np.array(line.split()[1:], np.float64) for line in path.read_text().splitlines()]
    masks = [draw((ROWS, COLUMNS), [(r.reshape(-1, 2) * [COLUMNS, ROWS]).ravel()]) for r in rows]
    return place, np.any(masks, axis=0)


def via(folder: Path, seed: int) -> tuple[Path, np.ndarray]:
    """A project as VIA 2 saves it; its COCO export's polygons, filled by pycocotools."""
    regions = [
        {"shape_attributes": {"name": "polygon", "all_points_x": p[:, 0].round(3).tolist(),
                              "all_points_y": p[:, 1].round(3).tolist()},
         "region_attributes": {"type": "person"}}
        for p in polygons(seed)
    ]  # fmt: skip
    circle = {"name": "circle", "cx": 60, "cy": 50, "r": 21.5}
    regions.append({"shape_attributes": circle, "region_attributes": {"type": "person"}})
    size = image(folder).stat().st_size
    entry = {"filename": NAME, "size": size, "regions": regions, "file_attributes": {}}
    path = folder / "via_project.json"
    path.write_text(json.dumps({"_via_img_metadata": {f"{NAME}{size}": entry}}))
    turn = np.radians(np.arange(0, 360, 5))
    round_one = np.stack([60 + 21.5 * np.cos(turn), 50 + 21.5 * np.sin(turn)], 1).round(3)
    return path, union(by_coco, [*(p.round(3) for p in polygons(seed)), round_one])


def drawn_by(draw: Callable[..., np.ndarray]) -> Iterator[tuple[str, Callable]]:
    """Yield what draws a polygon, by the tools' names."""
    import supervision as sv
    from labelme import utils
    from skimage.draw import polygon2mask as scikit

    size = (ROWS, COLUMNS)
    yield "labelme (Pillow, with the border)", lambda p: utils.shape_to_mask(size, p.tolist())
    yield "ultralytics (cut to whole pixels, OpenCV)", lambda p: draw(size, [p.ravel()]) > 0
    rounded = lambda p: sv.polygon_to_mask(np.round(p).astype(int), size[::-1]) > 0  # noqa: E731
    yield "supervision, Supervisely (rounded, OpenCV)", rounded
    yield "scikit-image (Mask R-CNN with VIA's files)", lambda p: scikit(size, p[:, ::-1])


def main() -> int:
    """Compare, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ultralytics", type=Path, required=True, metavar="WHEEL")
    draw = polygon2mask(parser.parse_args().ultralytics)
    warnings.simplefilter("ignore")
    tools: dict[str, Callable] = {
        "coco": coco, "roboflow": roboflow, "cvat": cvat, "labelme": labelme,
        "label-studio": label_studio, "via": via, "yolo": lambda f, s: yolo(f, s, draw),
    }  # fmt: skip
    wrong = 0
    print(f"pixels of {IMAGES} images of {COLUMNS}x{ROWS} in which a conversion differs")
    for name, make in tools.items():
        with tempfile.TemporaryDirectory() as place:
            off = 0
            for seed in range(IMAGES):
                with redirect_stdout(io.StringIO()):  # they tell what they do
                    source, own = make(Path(place, str(seed)), seed)
                mine = converted(source, Path(place, f"out{seed}"))
                off += int((mine != (own * np.uint8(255) if own.dtype == bool else own)).sum())
        wrong += off
        print(f"  {name:14} {off}")
    outlines = [points for seed in range(200) for points in polygons(seed)]
    around = sum(cv2.arcLength(p.astype(np.float32), True) for p in outlines)
    print(f"pixels beside COCO's reference, of {len(outlines)} polygons, in 100 pixels of outline")
    for name, fill in drawn_by(draw):
        more = sum(int((fill(p) & ~by_coco(p)).sum()) for p in outlines)
        less = sum(int((by_coco(p) & ~fill(p)).sum()) for p in outlines)
        print(f"  {name:44} {100 * more / around:5.1f} more, {100 * less / around:5.1f} fewer")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
