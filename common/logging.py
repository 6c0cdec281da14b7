"""Logs as JSON lines with the request id, on standard error. Access tokens and passwords never reach them."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from django.utils.module_loading import import_string

SECRETS = re.compile(r"(token=|Bearer |Order |Appointment |Feed |/welcome/[^/\s]+/)[A-Za-z0-9._~+/=:%-]+")
SECRET_KEYS = ("password", "token", "secret", "authorization", "access", "refresh")


def scrub(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what opens doors from a log record."""
    for key, value in list(event.items()):
        if _is_secret(key):
            event[key] = "***"
        elif isinstance(value, str):
            # What UTF-8 cannot hold would lose the whole line.
            event[key] = SECRETS.sub(r"\1***", value).encode("utf-8", "backslashreplace").decode()
    return event


@lru_cache(maxsize=512)
def _is_secret(key: str) -> bool:
    return any(secret in key.lower() for secret in SECRET_KEYS)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    scrub,
]


def configure(options: dict[str, Any]) -> None:
    """Set up logging; `options` has the level, and what `common.sentry` and `common.telemetry` begin with, or None.

    Called by Django through LOGGING_CONFIG, in every process.
    """
    told = _told_to_sentry(**options["sentry"]) if options["sentry"] else []
    if options["traces"]:
        import_string("common.telemetry.begin")(**options["traces"])  # and nothing of it is loaded without
    structlog.configure(
        processors=[
            *told,  # whatever the level of the log
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
                    "foreign_pre_chain": SHARED,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "opentelemetry": {"level": "CRITICAL"},  # common.telemetry says once what this says all the time
                "stripe": {"level": "WARNING"},  # below that it writes down whole answers
                "django.request": {"level": "ERROR"},
                "django.security.DisallowedHost": {"level": "ERROR"},
            },
        }
    )


def _told_to_sentry(**options: str) -> list[Any]:
    """Begin to tell a Sentry of accidents, and return what tells it of those that are logged.

    Nothing of it is loaded in a shop that names none.
    """
    import_string("common.sentry.begin")(**options)
    return [import_string("common.sentry.tell")]
