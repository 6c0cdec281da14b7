"""Commands speak the language of whoever runs them."""

import os
import subprocess
import sys

import pytest

from devstack.state import ROOT
from manage import language


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({"LANG": "pt_BR.UTF-8"}, "pt-br"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "pt_PT.UTF-8"}, "pt-br"),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "fr_FR.UTF-8"}, ""),
        ({}, ""),
    ],
)
def test_a_shell_names_a_language(environment: dict[str, str], spoken: str) -> None:
    assert language(environment) == spoken


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en_US.UTF-8", "needs you"), ("pt_BR.UTF-8", "precisa"), ("C.UTF-8", "precisa")],
)
def test_the_doctor_speaks_it(lang: str, said: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    away = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "postgres://u:p@127.0.0.1:1/d", "LANG": lang,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT, env=environment | away, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert said in done.stderr
