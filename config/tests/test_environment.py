"""The list of variables that operators read is the list that the settings read."""

import re

from devstack.state import ROOT

READ = re.compile(r"""(?:\benv(?:\.\w+)?\(|environ\.get\(|environ\[)\s*["']([A-Z][A-Z0-9_]*)["']""")
LISTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def _variables_read() -> set[str]:
    return {name for path in (ROOT / "config" / "settings").glob("*.py") for name in READ.findall(path.read_text())}


def _variables_listed() -> set[str]:
    return set(LISTED.findall((ROOT / ".docker" / ".env.example").read_text()))


def test_every_variable_that_settings_read_is_listed_for_operators() -> None:
    assert _variables_read() - _variables_listed() == set()


def test_no_variable_is_listed_that_nothing_reads() -> None:
    elsewhere = {
        "DJANGO_SETTINGS_MODULE", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "TLS_PORT", "BIND", "COMPOSE_PROJECT_NAME",
        "PGADMIN_EMAIL", "PGADMIN_PASSWORD", "PGADMIN_PORT", "REDIS_BROWSER_PORT",
    }  # fmt: skip
    assert _variables_listed() - _variables_read() - elsewhere == set()


def test_rates_are_listed_as_they_are_set() -> None:
    listed = (ROOT / ".docker" / ".env.example").read_text()
    settings = (ROOT / "config" / "settings" / "base.py").read_text()
    rates = dict(re.findall(r'env\.rate\("(\w+_THROTTLE)", default="([^"]*)"\)', settings))
    assert len(rates) > 0
    assert dict(re.findall(r"^#(\w+_THROTTLE)=(.*)$", listed, re.MULTILINE)) == rates
