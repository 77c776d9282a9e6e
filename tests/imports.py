"""What code loads, in a process of its own."""

import subprocess
import sys

HEAVY = {"tensorflow", "keras", "torch", "h5py"}


def loaded_by(code: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
