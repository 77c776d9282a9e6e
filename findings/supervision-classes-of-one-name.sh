#!/bin/sh
# supervision 0.31.2: a COCO file in which two classes have one name, as exports have where a class is called as its
# group is, is read when its outline belongs to the last of them, and refused when it belongs to another. Seen:
#     class 0: ValueError Detections class_id must be a subset of source_to_target_mapping keys.
#     class 1: 1 outline of 25 pixels
# Expected: the same for both; COCO tells classes by their numbers. Ends with 1 when that is so.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check supervision==0.31.2 2>/dev/null
cd "$place"
"$place/venv/bin/python" - 2>/dev/null <<'PYTHON' | tee seen
import json
from pathlib import Path

import supervision
from PIL import Image

Image.new("RGB", (8, 8)).save("a.jpg")
for number in (0, 1):
    content = {
        "images": [{"id": 0, "file_name": "a.jpg", "width": 8, "height": 8}],
        "categories": [
            {"id": 0, "name": "person", "supercategory": "none"},
            {"id": 1, "name": "person", "supercategory": "person"},
        ],
        "annotations": [
            {"id": 0, "image_id": 0, "category_id": number, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0,
             "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]]},
        ],
    }
    Path("notes.json").write_text(json.dumps(content))
    try:
        data = supervision.DetectionDataset.from_coco(".", "notes.json", force_masks=True)
        (found,) = data.annotations.values()
        print(f"class {number}: {len(found)} outline of {int(found.mask.sum())} pixels")
    except ValueError as error:
        print(f"class {number}: ValueError {error}")
PYTHON
grep -qx 'class 0: ValueError Detections class_id must be a subset of source_to_target_mapping keys.' seen
grep -qx 'class 1: 1 outline of 25 pixels' seen
