"""Accidents told to a Sentry, where the shop names one. `common.logging` loads this only then.

What is sent is built anew from a list of what may be, so nothing leaves by having been forgotten. Of an accident go its
kind, where in the code it happened with lines of our source, the view or task, the method, and the id of the request.
Never do a body, a header, a cookie, an address, an argument or a local variable; nor what an error says, unless the
interpreter itself says it of code: the shop's own log has that, under the same id.
"""

import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

import sentry_sdk
import structlog
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Event, Hint

from common.errors import Refusal

EXPECTED = (Refusal, OperationalError, InterfaceError, PoolTimeout)
"""What is no accident: a refusal, and a database that is away or busy. The health of the shop tells of that."""

PASSING = (OSError, RedisError)
"""What is no accident where it is tried again: somebody else's server was away."""

PLAIN = ("event_id", "timestamp", "platform", "level", "release", "environment", "server_name", "sdk")
FRAME = ("filename", "function", "module", "lineno", "pre_context", "context_line", "post_context", "in_app")
OF_CODE = ("AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "RecursionError", "TypeError")
"""Errors whose words the interpreter makes of names in the code, where nobody raised them with words of their own."""

IN_THE_LOG = "(what it says stands in the shop's log)"
NAMED = ("component", "task")
"""Whence the name of a view or task comes; any other is an address."""

CHAIN = 10


def begin(*, dsn: str, release: str, environment: str) -> None:
    """Tell this address of accidents from now on, in this process and its forks."""
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        before_send=scrubbed,
        before_breadcrumb=lambda _crumb, _hint: None,
        max_breadcrumbs=0,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        enable_backpressure_handling=False,
        enable_metrics=False,
        propagate_traces=False,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda _waiting, _seconds: None),
            CeleryIntegration(propagate_traces=False),
            DedupeIntegration(),
            DjangoIntegration(transaction_style="function_name", signals_spans=False),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
        ],
    )


def tell(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tell of the accident that a line of the log is about."""
    problem = event.get("exc_info")
    if problem is True:
        problem = sys.exc_info()[1]
    if isinstance(problem, BaseException) and not (name == "warning" and isinstance(problem, PASSING)):
        sentry_sdk.capture_exception(problem)
    return event


def scrubbed(event: Event, hint: Hint) -> Event | None:
    """Return what may be told of an accident; None of what is none."""
    problem = (hint.get("exc_info") or (None, None, None))[1]
    if problem is None or isinstance(problem, EXPECTED):
        return None
    found = cast("Mapping[str, Any]", event)
    sent = {name: found[name] for name in PLAIN if name in found}
    sent["exception"] = {"values": [_accident(one) for one in found["exception"]["values"]]}
    sent["tags"] = {**_carried(), **_judged(problem)}
    if (found.get("transaction_info") or {}).get("source") in NAMED:
        sent["transaction"] = found["transaction"]
    if method := (found.get("request") or {}).get("method"):
        sent["request"] = {"method": method}
    contexts = found.get("contexts") or {}
    sent["contexts"] = {name: contexts[name] for name in ("runtime", "trace") if name in contexts}
    return cast("Event", sent)


def _accident(found: Mapping[str, Any]) -> dict[str, Any]:
    frames = (found.get("stacktrace") or {}).get("frames", ())
    says = found.get("value") if found.get("type") in OF_CODE and _is_the_interpreters(frames) else IN_THE_LOG
    mechanism = found.get("mechanism") or {}
    return {
        "type": found.get("type"),
        "module": found.get("module"),
        "value": says,
        "mechanism": {name: mechanism[name] for name in ("type", "handled") if name in mechanism},
        "stacktrace": {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]},
    }


def _is_the_interpreters(frames: Sequence[Mapping[str, Any]]) -> bool:
    line = (frames[-1].get("context_line") or "").strip() if frames else ""
    return bool(line) and not line.startswith("raise")


def _carried() -> dict[str, str]:
    """Return the ids under which the log tells the rest."""
    bound = structlog.contextvars.get_contextvars()
    return {name: str(bound[name]) for name in ("request_id", "task_id") if bound.get(name)}


def _judged(problem: BaseException | None) -> dict[str, str]:
    """Return by what the database refused, if it did: its code and the name of a constraint, never the row."""
    for _link in range(CHAIN):
        if problem is None:
            break
        diagnosis = getattr(problem, "diag", None)
        if diagnosis is not None:
            told = {"sqlstate": diagnosis.sqlstate, "constraint": diagnosis.constraint_name}
            return {name: value for name, value in told.items() if value}
        problem = problem.__cause__ or problem.__context__
    return {}
