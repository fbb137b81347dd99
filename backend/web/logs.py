"""Structured logs: one JSON object a line, with a list of names that never reach it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import orjson
import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any

#: Keys that hold secrets or could: their values are replaced, whoever logged them.
HIDDEN = frozenset(
    {"pin", "pin_block", "password", "token", "authorization", "cookie", "jws", "payload", "key", "secret", "verifier"}
)


def hide_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any] | str | bytes | bytearray | tuple[Any, ...]:
    """Replace the values of keys that hold secrets."""
    for name in event.keys() & HIDDEN:
        event[name] = "(hidden)"
    return event


def _dumps(value: object, **_options: object) -> str:
    return orjson.dumps(value, default=repr).decode()


def configure(level: str = "INFO") -> None:
    """Send this process's logs, and those of its libraries at WARNING, to standard error as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # uvicorn writes the whole traceback of a failed start as one message; the command line says what to do instead
    logging.getLogger("uvicorn.error").addFilter(lambda record: not record.getMessage().startswith("Traceback"))
