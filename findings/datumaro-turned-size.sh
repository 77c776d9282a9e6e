#!/bin/sh
# datumaro 1.13.12: the size that Image.from_file tells of a JPEG which EXIF turns by a quarter is that of the
# turned image, but its pixels are those of the stored one; Image.from_bytes of the same file tells the stored size.
# Seen for an image stored as 4 rows and 8 columns, orientation 6:
#     from_file size (8, 4) pixels (4, 8)
#     from_bytes size (4, 8) pixels (4, 8)
# Expected: one object's size is that of its pixels. Ends with 1 when that is so.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check datumaro==1.13.12 2>/dev/null
cd "$place"
"$place/venv/bin/python" - <<'PYTHON' | tee seen
import datumaro
from PIL import Image

exif = Image.Exif()
exif[0x0112] = 6
Image.new("RGB", (8, 4)).save("turned.jpg", exif=exif)
with open("turned.jpg", "rb") as file:
    both = {
        "from_file": datumaro.Image.from_file(path="turned.jpg"),
        "from_bytes": datumaro.Image.from_bytes(data=file.read()),
    }
for name, image in both.items():
    print(name, "size", tuple(map(int, image.size)), "pixels", image.data.shape[:2])
PYTHON
grep -qx 'from_file size (8, 4) pixels (4, 8)' seen
grep -qx 'from_bytes size (4, 8) pixels (4, 8)' seen
