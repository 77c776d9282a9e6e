"""What a worker needs, loaded once: importing this is the work, in the process that forks workers.

A process that has threads must not fork, so libraries are told to start none of their own; workers
share the cores in any case. That process and its workers end with the service, not by SIGTERM,
which systemd sends to all of a service's processes while what was taken is still in work.
"""

import os
import signal
from importlib import import_module

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
for name in ("engines.litert", "jobs.drawing", "jobs.outputs", "jobs.planning", "jobs.remover",
             "serve.work", "serve.worker"):  # fmt: skip
    import_module(f"figureground.{name}")
