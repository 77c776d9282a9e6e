"""Logs as lines of JSON: what happened to a request, without names or contents."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("figureground.serve")


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level and message, and what else was told by `extra={"told": ...}`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr() -> None:
    """Send what the service and uvicorn log to standard error, as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (
        ("figureground.serve", logging.INFO),
        ("uvicorn", logging.WARNING),
        ("huey", logging.WARNING),
        ("python_multipart", logging.ERROR),  # it warns of what clients send
    ):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)


def tell(message: str, **told: Any) -> None:
    """Log one line."""
    LOGGER.info(message, extra={"told": told})
