"""Puts the project together: settings, routes, tasks, the development stack. Knows everyone; nobody knows it.

Imports the Celery application, so that `shared_task` finds it in every process.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
