"""Logs as JSON lines: what was asked of which address by whom, how it ended; never a text, a query or a form."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from voc.web.door import Asked

_FIELDS: Final = ("method", "route", "status", "ms", "person")

_requests = logging.getLogger("voc.requests")

LOG_CONFIG: Final[dict[str, Any]] = {"version": 1, "disable_existing_loggers": False}


def log(asked: Asked) -> None:
    """Write one line about a request that was answered."""
    _requests.log(
        logging.ERROR if asked.status >= 500 else logging.INFO,
        "request",
        extra={
            "method": asked.method,
            "route": asked.route,
            "status": asked.status,
            "ms": round(asked.seconds * 1000, 1),
            "person": asked.person,
        },
    )


def set_up() -> None:
    """Write every record of the process as one JSON line on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=_FIELDS)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
