"""Settings: one clear error for what is missing, short sessions, a pool in web processes only."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from backoffice import roles
from config.settings.servers import broker, database, databases
from config.tests import fresh
from config.tests.test_environment import LISTED
from devstack.state import ROOT

SECRETS = {
    "SECRET_KEY": "kQ7v2mXr9TzB4nWc8LpD1sHf6GyJ3aEu5oKi0RtVqZxNbMwPlYhCgSdFj",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:1/d",
    "REDIS_URL": "redis://:p@127.0.0.1:1/0",
    "ALLOWED_HOSTS": "shop.example",
    "EMAIL_URL": "smtp+tls://shop:secret@smtp.example:587",
}


def load(*, code: str, module: str = "production", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own with these settings."""
    environment = {**fresh.clean(), **environment, "DJANGO_SETTINGS_MODULE": f"config.settings.{module}"}
    return fresh.run(f"from django.conf import settings\n{code}", environment=environment)


def shown(expression: str, **options: Any) -> Any:
    """Return what an expression over the settings prints."""
    done = load(code=f"print(repr({expression}))", **options)
    assert done.returncode == 0, done.stderr
    return eval(done.stdout)


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_production_names_what_is_missing(missing: str) -> None:
    done = load(code="settings.DEBUG", **{name: value for name, value in SECRETS.items() if name != missing})
    assert done.returncode == 1
    assert f"Missing in the environment: {missing}. See .docker/.env.example" in done.stderr
    assert not any(value in done.stderr for value in SECRETS.values())


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "x", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "x" * 80, "SECRET_KEY is too weak"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS=* is not a list of host names"),
        ("ALLOWED_HOSTS", "shop.example,*.example", "ALLOWED_HOSTS=shop.example,*.example is not"),
        ("ALLOWED_HOSTS", "shop.example,.com", "ALLOWED_HOSTS=shop.example,.com is not"),
        ("ALLOWED_HOSTS", ".", "ALLOWED_HOSTS=. is not a list of host names"),
        ("SECRET_KEY_FALLBACKS", "x", "SECRET_KEY_FALLBACKS is too weak"),
        ("SECRET_KEY_FALLBACKS", f"{SECRETS['SECRET_KEY']},{'x' * 80}", "SECRET_KEY_FALLBACKS is too weak"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not an address of postgres"),
        ("DATABASE_URL", "mysql://u:p@h/d", "DATABASE_URL is not an address of postgres"),
        ("DATABASE_URL", "postgres://u:p@one,/d", "DATABASE_URL is not an address of postgres"),
        ("DATABASE_URL", "postgres://u:p@one:1,two:no/d", "DATABASE_URL is not an address of postgres"),
        ("DATABASE_URL", "postgres://u:p@one,two", "DATABASE_URL is not an address of postgres"),
        ("DATABASE_URL", "postgres://u:p@one,two/d?target_session_attrs=standby", "DATABASE_URL is not an address of"),
        ("DATABASE_URL", "postgres://u:p@one,two/d?target_session_attrs=writes", "DATABASE_URL is not an address of"),
        ("REDIS_URL", "foo", "REDIS_URL is not an address of redis"),
        ("REDIS_URL", "redis://h:no/0", "REDIS_URL is not an address of redis"),
        ("REDIS_URL", "redis://one,two/0", "REDIS_URL is not an address of redis"),
        ("REDIS_URL", "rediss://:p@one:1,two/0", "REDIS_URL is not an address of redis"),
        ("REDIS_URL", "sentinel://h", "REDIS_URL is not an address of redis"),
        ("REDIS_URL", "sentinel://h/balcao/0?more=1", "REDIS_URL is not an address of redis"),
        ("DATABASE_REPLICA_URL", "nonsense", "DATABASE_REPLICA_URL is not an address of postgres"),
        ("REPLICA_MAX_LAG", "0", "REPLICA_MAX_LAG=0 is not a whole number from 1 on"),
        ("DATABASE_POOLER", "banana", "DATABASE_POOLER=banana is not one of transaction"),
        ("ANON_THROTTLE", "banana", "ANON_THROTTLE=banana is not a rate"),
        ("TRUSTED_PROXIES", "abc", "TRUSTED_PROXIES=abc is not a whole number"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES=-1 is not a whole number"),
        ("EMAIL_URL", "consolemail://", "EMAIL_URL is not an address of smtp or smtps"),
        ("DATABASE_URL", "postgres://u:p@h", "DATABASE_URL is not an address of postgres"),
        ("REDIS_URL", "redis://h/shop", "REDIS_URL is not an address of redis"),
        ("PUBLIC_URL", "shop.example", "PUBLIC_URL is not an address of http or https"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example/path", "CORS_ALLOWED_ORIGINS=https://a.example/path is not a list"),
        ("SECOND_FACTOR_ROLES", "owner,boss", "SECOND_FACTOR_ROLES=owner,boss is not some of owner"),
        ("OUTBOX_KEPT_DAYS", "0", "OUTBOX_KEPT_DAYS=0 is not a whole number from 1 on"),
        ("SERVE_MEDIA", "banana", "SERVE_MEDIA=banana is not true or false"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL=LOUD is not one of DEBUG"),
        ("SENTRY_DSN", "https://sentry.example.com/1", "SENTRY_DSN is not the DSN of a project of Sentry"),
        ("SENTRY_DSN", "https://key@sentry.example.com/shop", "SENTRY_DSN is not the DSN of a project of Sentry"),
        ("SENTRY_DSN", "nonsense", "SENTRY_DSN is not the DSN of a project of Sentry"),
        (
            "SENTRY_WINDOW_DSN",
            "https://key:secret@sentry.example.com/1",
            "SENTRY_WINDOW_DSN is not the DSN of a project",
        ),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT is not an address of http"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer key", "OTEL_EXPORTER_OTLP_HEADERS is not a list of headers"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "OTEL_TRACES_SAMPLER_ARG=1.5 is not a share from 0 to 1"),
        ("SENTRY_ENVIRONMENT", "my shop", "SENTRY_ENVIRONMENT=my shop is not a name of letters, digits"),
    ],
)
def test_a_wrong_variable_is_named_with_an_example(name: str, value: str, complaint: str) -> None:
    done = load(code="settings.DEBUG", **{**SECRETS, name: value})
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(complaint)
    assert "example" in line


@pytest.mark.parametrize("module", ["config.wsgi", "config.celery", "manage"])
def test_what_is_served_takes_production_settings_unless_told_otherwise(module: str) -> None:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    call = "import manage, sys; sys.argv[1:] = ['check']; manage.main()" if module == "manage" else f"import {module}"
    code = f"{call}\nfrom django.conf import settings; settings.DEBUG"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "Missing in the environment: SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS, EMAIL_URL." in done.stderr


def test_production_names_everything_that_is_missing_at_once() -> None:
    complaint = "Missing in the environment: SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS, EMAIL_URL."
    assert complaint in load(code="settings.DEBUG").stderr


def test_nobody_turns_the_clock_in_production() -> None:
    assert "SHOP_NOW" in load(code="settings.DEBUG", **SECRETS, SHOP_NOW="2026-12-24T09:00:00-03:00").stderr


def test_the_shops_clock_needs_an_offset() -> None:
    assert "offset" in load(code="settings.DEBUG", module="offline", SHOP_NOW="2026-12-24T09:00:00").stderr
    shop_now = shown("settings.SHOP_NOW.isoformat()", module="offline", SHOP_NOW="2026-12-24T09:00:00-03:00")
    assert shop_now == "2026-12-24T09:00:00-03:00"


def test_development_without_servers_says_how_to_start_them(tmp_path: Any) -> None:
    done = load(code="settings.DEBUG", module="dev", BALCAO_VAR=str(tmp_path))
    assert "make run" in done.stderr
    assert "make services" in done.stderr


def test_only_a_web_process_keeps_a_pool() -> None:
    has_pool = "'pool' in settings.DATABASES['default']['OPTIONS']"
    assert shown(has_pool, **SECRETS) is False
    assert shown(has_pool, **SECRETS, BALCAO_PROCESS="web") is True
    patience = "settings.CELERY_BROKER_TRANSPORT_OPTIONS['socket_timeout']"
    assert shown(patience, **SECRETS, BALCAO_PROCESS="web") == 0.25
    assert shown(patience, **SECRETS) > 5


@pytest.mark.fault("E20")
def test_links_never_depend_on_the_host_header() -> None:
    assert shown("settings.PUBLIC_URL", **SECRETS) == "https://shop.example"
    assert shown("settings.PUBLIC_URL", **SECRETS, PUBLIC_URL="https://www.example.com/") == "https://www.example.com"


def test_the_first_settings_of_the_readme_work_over_plain_http_when_asked() -> None:
    assert shown("(settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE)", **SECRETS) == (True, True)
    assert shown("settings.SECURE_SSL_REDIRECT", **SECRETS, SECURE_SSL_REDIRECT="false") is False


@pytest.mark.fault("F21")
def test_cookies_are_bound_to_this_host_and_to_tls() -> None:
    names = "[settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME]"
    assert all(name.startswith("__Host-") for name in shown(names, **SECRETS))
    assert shown("settings.DEVICE_COOKIE", **SECRETS).startswith("__Host-")
    assert shown("settings.WROTE_COOKIE", **SECRETS).startswith("__Host-")
    assert shown("settings.REFRESH_COOKIE", **SECRETS).startswith("__Secure-")
    for flag in ("SECURE", "HTTPONLY"):
        flags = f"[settings.SESSION_COOKIE_{flag}, settings.CSRF_COOKIE_{flag}, settings.LANGUAGE_COOKIE_{flag}]"
        assert shown(flags, **SECRETS) == [True] * 3
    sites = "[settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE, settings.LANGUAGE_COOKIE_SAMESITE]"
    assert shown(sites, **SECRETS) == ["Lax"] * 3
    for domain in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN"):
        assert shown(f"settings.{domain}", **SECRETS) is None


@pytest.mark.fault("F19")
def test_without_a_mail_server_no_letter_is_printed_and_somebody_has_said_so() -> None:
    wanted = SECRETS | {"EMAIL_URL": "none"}
    assert shown("settings.MAIL_DELIVERY", **wanted) == "django.core.mail.backends.dummy.EmailBackend"
    assert shown("settings.MAIL_DELIVERY", **SECRETS) == "django.core.mail.backends.smtp.EmailBackend"
    mail = "(settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT)"
    assert shown(mail, **SECRETS) == ("smtp.example", 587, True, 10)


def test_nothing_is_promised_for_names_below_this_one_unasked() -> None:
    hsts = "(settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD)"
    assert shown(hsts, **SECRETS) == (False, False)
    asked = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "true", "SECURE_HSTS_PRELOAD": "true"}
    assert shown(hsts, **SECRETS, **asked) == (True, True)


FREE = {  # any text is a path, a name or a part of a key that only a gateway can judge
    "STATIC_ROOT", "MEDIA_ROOT", "BALCAO_VAR", "HOST", "DEBUG", "SANDBOX_URL", "SANDBOX_KEY", "SANDBOX_SECRET",
    "BACKUP_DIR", "BACKUP_IDENTITY_FILE", "BACKUP_SCRATCH_DIR", "POSTGRES_BIN", "DJANGO_SETTINGS_MODULE",
    # which the composition alone reads
    "POSTGRES_PASSWORD", "REDIS_PASSWORD", "TLS_PORT", "BIND", "COMPOSE_PROJECT_NAME", "PGADMIN_EMAIL",
    "PGADMIN_PASSWORD", "PGADMIN_PORT", "REDIS_BROWSER_PORT",
}  # fmt: skip
WRONG = "no such thing\u00e7"
EVERY_VARIABLE = """
import importlib, json, os, re, sys
from django.core.exceptions import ImproperlyConfigured
right = dict(os.environ)
said = {}
for name, value in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(right | {name: value})
    for module in [module for module in sys.modules if module.startswith("config.settings")]:
        del sys.modules[module]
    try:
        importlib.import_module("config.settings.production")
        said[name] = ""
    except ImproperlyConfigured as problem:
        said[name] = str(problem)
    except Exception as problem:
        said[name] = repr(problem)
print(json.dumps(said))
"""


def test_every_variable_that_is_wrong_is_refused_in_one_line_that_names_it_with_an_example() -> None:
    names = sorted(set(LISTED.findall((ROOT / ".docker" / ".env.example").read_text())) - FREE)
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "-c", EVERY_VARIABLE, json.dumps([(name, WRONG) for name in names])],
        cwd=ROOT, env=clean | SECRETS, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said) > 40
    unnamed = {name: text for name, text in said.items() if name not in text or "example" not in text or "\n" in text}
    assert unnamed == {}


def test_roles_are_known_by_the_names_that_the_desk_has() -> None:
    assert set(shown("settings.ROLES", **SECRETS)) == set(roles.ROLES)


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "config.serve"],
        ["manage.py", "check"],
        ["-m", "celery", "--app", "config", "worker"],
        ["-m", "celery", "--app", "config", "beat"],
    ],
)
def test_what_is_started_wrongly_says_so_in_one_line(command: list[str]) -> None:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=clean | SECRETS | {"ANON_THROTTLE": "banana"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "ANON_THROTTLE=banana is not a rate (requests per s, min, h or day); for example ANON_THROTTLE=1200/min."
    ]


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/1"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/1"),
        ("redis://:pass@host:1/4", "redis://:pass@host:1/5"),
        ("rediss://u:p@host:1/0?ssl_cert_reqs=none", "rediss://u:p@host:1/1?ssl_cert_reqs=none"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=1"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_the_next_database_of_the_same_redis(redis_url: str, expected: str) -> None:
    assert broker(redis_url) == expected


def test_a_database_address_may_say_more_and_stays_impatient() -> None:
    found = database("postgres://u:p%40@h:5/d?sslmode=require&options=-c%20search_path%3Dshop", pooled=False)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == ("u", "p@", "h", 5, "d")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert "search_path=shop" in found["OPTIONS"]["options"]
    assert "lock_timeout=3000" in found["OPTIONS"]["options"]
    longer = database("postgres://u:p@h:5/d?options=-c%20statement_timeout%3D60000", pooled=False)["OPTIONS"]["options"]
    assert longer.endswith("-c statement_timeout=60000"), "of two options PostgreSQL takes the last"
    assert found["CONN_MAX_AGE"] == 0
    assert found["ATOMIC_REQUESTS"] is False


def test_a_replica_is_another_database_and_is_waited_for_less() -> None:
    found = databases("postgres://u:p@h/d", replica="postgres://u:p@other/d", pooled=True)
    assert {name: one["HOST"] for name, one in found.items()} == {"default": "h", "replica": "other"}
    assert found["replica"]["OPTIONS"]["pool"]["timeout"] == 1
    assert found["default"]["OPTIONS"]["pool"]["timeout"] == 3
    both = databases("postgres://u:p@h,other/d", replica="postgres://u:p@h,other/d", pooled=False)
    wanted = {name: one["OPTIONS"]["target_session_attrs"] for name, one in both.items()}
    assert wanted == {"default": "read-write", "replica": "standby"}
    assert set(databases("postgres://u:p@h/d", replica="", pooled=False)) == {"default"}


def test_behind_a_pooler_nothing_is_left_in_a_session() -> None:
    found = database("postgres://u:p@h:5/d?sslmode=require", pooled=True, pooler="transaction")
    assert not {"options", "prepare_threshold", "server_side_binding"} & set(found["OPTIONS"])
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is True
    straight = database("postgres://u:p@h:5/d", pooled=True)
    assert straight["DISABLE_SERVER_SIDE_CURSORS"] is False
    assert straight["OPTIONS"]["prepare_threshold"] == 3


def test_sentinels_may_stand_in_the_place_of_redis() -> None:
    url = "sentinel://:p@one,two:1/balcao/2"
    options = shown("settings.CELERY_BROKER_TRANSPORT_OPTIONS", **{**SECRETS, "REDIS_URL": url})
    assert options["master_name"] == "balcao"
    broker_url = shown("settings.CELERY_BROKER_URL", **{**SECRETS, "REDIS_URL": url})
    assert broker_url == "sentinel://:p@one:26379/3;sentinel://:p@two:1/3"
