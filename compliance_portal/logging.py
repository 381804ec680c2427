"""Log lines as JSON with named fields, so that what is not named is not logged."""

from __future__ import annotations

import logging.config
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "status",
        "method",
        "view",
        "milliseconds",
        "job",
        "kind",
        "attempt",
        "reason",
        "count",
        "exception",
    }
)


def keep_named_fields(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop every field that is not on the list: personal data must not reach a log by accident."""
    return {name: value for name, value in event.items() if name in ALLOWED or name.startswith("_")}


def logging_configuration(*, level: str) -> dict[str, Any]:
    """Configure structlog and return (and apply) the standard library's configuration."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        keep_named_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    configuration: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}, "celery.beat": {"level": "WARNING"}},
    }
    logging.config.dictConfig(configuration)
    return configuration
