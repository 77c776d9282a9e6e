"""What figures are measured on, as facts for JSON."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "av", "isal")
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd", "sve")


def machine() -> dict[str, object]:
    """Processor, its features, cores, load, Python, and the versions of what does the work."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    parts = (line.partition(":") for line in lines)
    facts = {key.strip(): value.strip() for key, _, value in parts}
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": facts.get("model name", platform.processor()),
        "features": [name for name in FEATURES if name in facts.get("flags", "").split()],
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "packages": versions,
    }
