"""Structured logging: one JSON object per line on stdout."""

from contextvars import ContextVar
from datetime import UTC, datetime
import json
import logging
import sys
from typing import Any

request_id_var: ContextVar[str | None] = ContextVar("request_id", default=None)
correlation_id_var: ContextVar[str | None] = ContextVar("correlation_id", default=None)
user_id_var: ContextVar[str | None] = ContextVar("user_id", default=None)

CONTEXT_FIELDS = {
    "request_id": request_id_var,
    "correlation_id": correlation_id_var,
    "user_id": user_id_var,
}
# Chatty at INFO, and already covered by our own request log.
QUIET_LOGGERS = ("uvicorn.access", "sqlalchemy.engine", "asyncio")


class JsonFormatter(logging.Formatter):
    """Renders a record with its place in the source and the request it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "source": f"{record.pathname}:{record.lineno}",
            "function": record.funcName,
        }
        for name, variable in CONTEXT_FIELDS.items():
            value = getattr(record, name, None) or variable.get()
            if value is not None:
                entry[name] = value
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def setup_logging(level: str = "INFO") -> None:
    """Installs the formatter. Safe to call again: earlier handlers are replaced."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
