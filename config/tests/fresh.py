"""Processes that read the settings anew, each with an environment of its own.

They are forked from one that has read the packages the settings import, and nothing of ours: reading those takes more
than half a second each time. What a process prints, says of a mistake, and ends with is as if it had been started.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from devstack.state import ROOT

KEPT = {"PATH", "HOME", "LANG"}
PREPARED = """
import json, os, sys
import celery.app.task, celery.canvas, celery.fixups.django, celery.loaders.app, celery.schedules, csp.constants
import django.conf.global_settings, django.core.files.storage, django.db.models, django.utils.log, environ
import django_structlog.celery.steps, psycopg.types, redis.sentinel, structlog

def live(environment, code, places):
    for number, place in enumerate(places, start=1):
        os.dup2(os.open(place, os.O_WRONLY), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(environment)
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
        left = 0
    except SystemExit as asked:
        if isinstance(asked.code, str):
            print(asked.code, file=sys.stderr)
        left = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        left = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(left)

for line in sys.stdin:
    child = os.fork()
    if not child:
        live(*json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def clean() -> dict[str, str]:
    """Return what every process needs of the environment, and nothing that settings read."""
    return {name: value for name, value in os.environ.items() if name in KEPT}


def run(code: str, *, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code in a process with this environment and no other."""
    stand = _stand()
    assert stand.stdin is not None
    assert stand.stdout is not None
    with tempfile.TemporaryDirectory(prefix="balcao-fresh-") as place:
        said = [Path(place) / name for name in ("stdout", "stderr")]
        for path in said:
            path.touch()
        print(json.dumps([environment, code, [str(path) for path in said]]), file=stand.stdin, flush=True)
        left = int(stand.stdout.readline())
        stdout, stderr = (path.read_text() for path in said)
    return subprocess.CompletedProcess(["python", "-c", code], left, stdout, stderr)


@cache
def _stand() -> subprocess.Popen[str]:
    """Start the process the others are forked from; it ends when nobody can ask it any more."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARED],
        cwd=ROOT, env=clean(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
