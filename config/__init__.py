"""Puts the project together: settings, routes, tasks, the development stack. Knows everyone; nobody knows it.

Imports the Celery application, so that `shared_task` finds it in every process.
"""

import sys
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured

from config.celery import app as celery_app

__all__ = ["celery_app"]


def _say(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """Say what is wrong with the environment in one line; whoever runs a shop has no use for where it was found."""
    if isinstance(problem, ImproperlyConfigured):
        print(problem, file=sys.stderr)  # noqa: T201
    else:
        sys.__excepthook__(kind, problem, trace)


sys.excepthook = _say
