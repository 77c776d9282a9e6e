#!/bin/sh
# label-studio-sdk 2.1.2: the COCO export of an image that EXIF turns by a quarter scales outlines, which are in
# percent of the turned image, by the size of the stored one. The task itself says original_width 40 and
# original_height 80. Seen for an outline of the image's whole width and upper half:
#     80 x 40 [0.0, 0.0, 80.0, 0.0, 80.0, 20.0, 0.0, 20.0]
# Expected: 40 x 80 [0.0, 0.0, 40.0, 0.0, 40.0, 40.0, 0.0, 40.0], or corners turned with the image; as it is, the
# outline fits neither image. Ends with 1 when that changes.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check label-studio-sdk==2.1.2 2>/dev/null
cd "$place"
"$place/venv/bin/python" - <<'PYTHON' | tee seen
import json
import logging
from pathlib import Path

from label_studio_sdk.converter import Converter
from PIL import Image

logging.disable(logging.CRITICAL)
exif = Image.Exif()
exif[0x0112] = 6
Image.new("RGB", (80, 40)).save("turned.jpg", exif=exif)
region = {
    "id": "r", "type": "polygonlabels", "from_name": "label", "to_name": "image",
    "original_width": 40, "original_height": 80, "image_rotation": 0,
    "value": {"points": [[0, 0], [100, 0], [100, 50], [0, 50]], "polygonlabels": ["person"], "closed": True},
}
annotation = {"id": 1, "result": [region], "completed_by": {"id": 1, "email": "a@example.org"}}
task = {"id": 1, "data": {"image": str(Path("turned.jpg").absolute())}, "annotations": [annotation]}
Path("tasks.json").write_text(json.dumps([task]))
config = (
    '<View><Image name="image" value="$image"/><PolygonLabels name="label" toName="image">'
    '<Label value="person"/></PolygonLabels></View>'
)
converter = Converter(config, ".")
converter.convert_to_coco("tasks.json", "out", output_image_dir="out/images", is_dir=False)
found = json.loads(Path("out/result.json").read_text())
(image,), (entry,) = found["images"], found["annotations"]
print(image["width"], "x", image["height"], *entry["segmentation"])
PYTHON
grep -qx '80 x 40 \[0.0, 0.0, 80.0, 0.0, 80.0, 20.0, 0.0, 20.0\]' seen
