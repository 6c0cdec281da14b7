"""The composition in containers: built, brought up and healthy, with little to do for whoever breaks in, and exchanged.

Its foundations come from a registry; here a Debian with Python, PostgreSQL, Redis and nginx of its packages stands for
each of them, under its name. The engine and compose are Debian's, of 2022: two lines of the Dockerfile that they do not
know (where its language is fetched from, a secret that is a variable) are put as they know them. What only looks into
the servers (profile `tools`) has no such foundation and is read as configuration (`config/tests/test_containers.py`).
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519

from devstack import ports, processes
from devstack.state import ROOT
from tools import guide
from tools.engine import PATH, Engine, cable, running
from tools.upgrade.traffic import Front, Heard, buyers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(3000)]

PACKAGES = ("nginx", "postgresql", "redis-server")
PROGRAMS = "/usr/lib/postgresql/15/bin"
POSTGRES = f"""#!/bin/sh -e
export PGDATA=/var/lib/postgresql/data
as="runuser -u postgres --"
if ! [ -s $PGDATA/PG_VERSION ]; then
    chown postgres $PGDATA
    printf %s "$POSTGRES_PASSWORD" >/tmp/password
    chown postgres /tmp/password
    $as {PROGRAMS}/initdb -D $PGDATA $POSTGRES_INITDB_ARGS -U $POSTGRES_USER --pwfile=/tmp/password
    rm /tmp/password
    echo "host all all all scram-sha-256" >>$PGDATA/pg_hba.conf
    echo "CREATE DATABASE $POSTGRES_DB" | $as {PROGRAMS}/postgres --single -D $PGDATA postgres
    $as {PROGRAMS}/pg_ctl -D $PGDATA -o "-c listen_addresses=" -w start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        if [ -x "$script" ]; then $as "$script"; elif [ -e "$script" ]; then $as sh -e "$script"; fi
    done
    $as {PROGRAMS}/pg_ctl -D $PGDATA -m fast -w stop
fi
exec $as {PROGRAMS}/postgres -D $PGDATA -c "listen_addresses=*"
"""
"""What the image's own entrypoint does: a new volume gets its rules of access, its database, and the scripts mounted."""

TRUSTED = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
PUBLISHED = 8000
WEBS = 2
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
GOODS = 20
SEED = f"""
from decimal import Decimal
from catalog.models import Category, Product, Variant
from common import clock
from common.actors import Actor
from inventory import services as inventory
now, category = clock.now(), Category.objects.create(slug="cakes", name="Bolos")
for number in range({GOODS}):
    product = Product.objects.create(
        slug=f"cake-{{number}}", name=f"Bolo {{number}}", category=category, status="published", created_at=now, updated_at=now,
    )
    Variant.objects.create(product=product, sku=f"CAKE-{{number}}", price=Decimal("19.90"))
    inventory.adjust_stock(
        sku=f"CAKE-{{number}}", operation="add", quantity=100_000, reason="Delivery", actor=Actor(kind="staff", id="1", door="admin"), now=now
    )
"""
SHOP = ("worker_1", "letters_1", "beat_1")
ALWAYS = (*SHOP, "proxy_1", "postgres_1", "valkey_1")
LEAST_ANSWERS = 20
ANY_SECOND = ("--profile", "point-in-time")
CHANGES = "from common.backups import state; print('until', state().changes_until or '')"
SLOTS = "SELECT slot_name, active FROM pg_replication_slots"


@dataclass
class Composition:
    """The composition that runs, and the port at which this machine reaches its proxy."""

    engine: Engine
    checkout: Path
    port: int

    def compose(self, *words: str, seconds: float = 300) -> str:
        files = ["-f", ".docker/compose.yaml"]
        return self.engine.run(
            *files, *words, program=("docker-compose",), directory=self.checkout, seconds=seconds
        )  # fmt: skip

    def seen(self, name: str) -> dict[str, Any]:
        [found] = json.loads(self.engine.run("inspect", f"balcao_{name}"))
        return dict(found)

    def health(self, name: str) -> str:
        state = self.seen(name)["State"]
        return str(state.get("Health", state)["Status"])

    def is_healthy(self, name: str) -> bool:
        return self.health(name) == "healthy"

    def webs(self) -> list[str]:
        """Return the web containers, the oldest first: those that are replaced have other names than those before."""
        of = ("--filter", "label=com.docker.compose.service=web")
        found = self.engine.run("ps", *of, "--format", "{{.Names}}").split()
        return sorted(name.removeprefix("balcao_") for name in found)

    def serves(self) -> bool:
        """Say whether the shop can be had through its proxy."""
        try:
            with closing(HTTPConnection(ports.LOOPBACK, self.port, timeout=10)) as line:
                line.request("GET", "/health/ready/", headers=FORWARDED)
                return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False

    def told(self) -> str:
        """Return which containers there are, and the last words of the proxy."""
        words = ("ps", "--all", "--format", "{{.Names}} {{.Status}} {{.Ports}}")
        return self.engine.run(*words) + self.engine.run("logs", "--tail", "30", "balcao_proxy_1")

    def restart(self, name: str) -> None:
        """Restart a container, and wait until it is healthy."""
        self.engine.run("restart", f"balcao_{name}")
        assert processes.wait_until(partial(self.is_healthy, name), seconds=120), name

    def manage(self, *words: str, seconds: float = 300) -> str:
        return self.compose("exec", "-T", "worker", "python", "manage.py", *words, seconds=seconds)


def foundation(place: Path) -> Path:
    """Return a Debian with Python where Python's own image has it, and with the servers of the composition."""
    debian = place / "debian"
    bare = guide.bare("composition", packages="ca-certificates,python3,python3-venv")
    subprocess.run(["cp", "--archive", "--reflink=auto", str(bare), str(debian)], check=True)
    guide.trust_what_we_trust(debian)
    (debian / "usr" / "sbin" / "policy-rc.d").write_text("#!/bin/sh\nexit 101\n")  # nothing is started
    (debian / "usr" / "sbin" / "policy-rc.d").chmod(0o755)
    (debian / "etc" / "postgresql-common").mkdir()
    (debian / "etc" / "postgresql-common" / "createcluster.conf").write_text("create_main_cluster = false\n")
    keeping = ["-o", "Dpkg::Options::=--force-confold"]
    for words in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *keeping, *PACKAGES],
        ["python3", "-m", "venv", "/usr/local"],
    ):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["chroot", str(debian), *words], capture_output=True, text=True, check=False, timeout=600, env=environment
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for name in ("server", "cli"):
        (debian / "usr" / "local" / "bin" / f"valkey-{name}").symlink_to(f"/usr/bin/redis-{name}")
    (debian / "usr" / "local" / "bin" / "as-postgres").write_text(POSTGRES)
    (debian / "usr" / "local" / "bin" / "as-postgres").chmod(0o755)
    (debian / "var" / "lib" / "postgresql" / "data").mkdir()
    (debian / "data").mkdir()
    return debian


def images_of(checkout: Path) -> set[str]:
    """Return the images that the composition and its builds begin with."""
    composed = (checkout / ".docker" / "compose.yaml").read_text().split("\n  pgadmin:")[0]
    found = set(re.findall(r"^    image: (\S+)", composed, re.MULTILINE))
    found |= set(re.findall(r"^FROM (\S+)", (checkout / ".docker" / "Dockerfile").read_text(), re.MULTILINE))
    return {name for name in found if not name.startswith("balcao")}


def built(engine: Engine, checkout: Path, debian: Path) -> None:
    """Build the images of the shop."""
    trusted = " ".join(f"{name}={guide.CERTIFICATES}" for name in TRUSTED)
    for name in sorted(images_of(checkout)):
        changes = {"ENV": f"{trusted} PATH=/usr/local/bin:{PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8"}
        changes |= {"ENTRYPOINT": '["as-postgres"]'} if name.startswith("postgres:") else {}
        changes |= {"WORKDIR": "/data"} if name.startswith("valkey/") else {}
        engine.take(debian, image=name, changes=changes)
    file = checkout / ".docker" / "Dockerfile"
    text = file.read_text().replace("# syntax=docker/dockerfile:1\n", "").replace(",env=SENTRY_AUTH_TOKEN", "")
    file.write_text(text)
    for image, target in (("balcao", ()), ("balcao-backup", ("--target", "backup"))):
        words = ["build", "--network", "host", "-f", str(file), *target, "-t", image, str(checkout)]
        engine.run(*words, seconds=1500)


@pytest.fixture(scope="module")
def composition() -> Iterator[Composition]:
    assert os.geteuid() == 0, "it takes root to run an engine"
    for program in ("dockerd", "debootstrap", "docker-compose"):
        assert shutil.which(program, path=PATH), f"apt-get install {program}"
    with ExitStack() as stack:
        base = guide.BASES.parent
        base.mkdir(parents=True, exist_ok=True)
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="composition-", dir=base)))
        checkout, home = place / "balcao", place / "engine"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        home.mkdir()
        with running(home) as engine:
            built(engine, checkout, foundation(place))
        example = (checkout / ".docker" / ".env.example").read_text()
        for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY"):
            example = example.replace(f"\n{name}=\n", f"\n{name}={secrets.token_urlsafe(48)}\n")
        told = {"ALLOWED_HOSTS": "127.0.0.1", "EMAIL_URL": "none", "PORT": str(PUBLISHED)}
        told |= {"BACKUP_RECIPIENTS": str(x25519.Identity.generate().to_public())}
        told |= {f"{name}_THROTTLE": "" for name in ("ANON", "USER", "CHECKOUT")}
        kept = [line for line in example.splitlines() if line.partition("=")[0] not in told]
        (checkout / ".docker" / ".env").write_text("\n".join([*kept, *(f"{a}={b}" for a, b in told.items())]) + "\n")
        engine = stack.enter_context(running(home, networks=True))
        found = Composition(engine, checkout, ports.free_port())
        profiles = ("--profile", "backup", *ANY_SECOND)
        stack.callback(found.compose, *profiles, "down", "--volumes", "--timeout", "30")
        found.compose("up", "--detach", "--scale", f"web={WEBS}", seconds=600)
        stack.enter_context(cable(engine, port=found.port, to=PUBLISHED))
        assert processes.wait_until(found.serves, seconds=120, every=1), found.told()
        yield found


def test_it_comes_up_healthy_and_its_migrations_have_ended(composition: Composition) -> None:
    webs = composition.webs()
    assert len(webs) == WEBS
    wanted = dict.fromkeys([*webs, *ALWAYS], "healthy") | {"beat_1": "running"}
    processes.wait_until(lambda: all(composition.health(name) == what for name, what in wanted.items()), seconds=180)
    assert {name: composition.health(name) for name in wanted} == wanted
    migrated = composition.seen("migrate_1")["State"]
    assert (migrated["Status"], migrated["ExitCode"]) == ("exited", 0)


def test_whoever_breaks_into_the_shop_may_do_little(composition: Composition) -> None:
    for name in [*composition.webs(), *SHOP]:
        container = f"balcao_{name}"
        seen = composition.seen(name)
        assert seen["Config"]["User"] == "10001:10001"
        assert seen["HostConfig"]["ReadonlyRootfs"]
        assert seen["HostConfig"]["CapDrop"] == ["ALL"]
        assert seen["HostConfig"]["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "5", "max-size": "10m"}}
        inside = ("exec", container)
        assert composition.engine.run(*inside, "id", "-u").strip() == "10001"
        assert "CapEff:\t0000000000000000" in composition.engine.run(*inside, "cat", "/proc/self/status")
        tried = composition.engine.run(*inside, "sh", "-c", "touch /srv/shop/mine 2>&1 || echo refused $?")
        assert "Read-only file system" in tried


def test_web_containers_that_are_restarted_or_replaced_cost_nobody_an_answer(composition: Composition) -> None:
    """As docs/operations.md does it, but for `--wait`, which this compose does not know."""
    composition.manage("shell", "-c", SEED)
    skus = [f"CAKE-{number}" for number in range(GOODS)]
    with buyers(front=Front([composition.port], FORWARDED), skus=skus) as heard:
        served(heard, "two")
        old = composition.webs()
        assert len(old) == WEBS
        for name in old:
            heard.enter(f"{name} is restarted")
            composition.restart(name)
            served(heard, f"{name} is back")
        heard.enter("new ones are started")
        composition.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", f"web={2 * WEBS}", "web")
        new = set(composition.webs()) - set(old)
        assert len(new) == WEBS
        for name in new:
            assert processes.wait_until(partial(composition.is_healthy, name), seconds=120), name
        served(heard, "four")
        gone = [f"balcao_{name}" for name in old]
        composition.engine.run("stop", *gone)
        composition.engine.run("rm", *gone)
        served(heard, "the new ones")
    assert heard.failures == [], composition.told()
    print(sum(heard.requests.values()), "requests,", len(heard.orders), "orders, none failed")
    kept = composition.manage("shell", "-c", "from orders.models import Order; print(Order.objects.count())")
    assert int(kept.split()[-1]) >= len(heard.orders) > 0
    composition.manage("check_integrity")


def test_a_copy_is_made_proved_and_lies_in_a_volume_of_its_own(composition: Composition) -> None:
    told = composition.compose(
        "--profile", "backup", "run", "--rm", "-T", "backup", "python", "manage.py", "backup", "--verify", seconds=600
    )
    looking = "find /srv/shop/var/backups/portable -name manifest.json"
    listed = composition.compose("--profile", "backup", "run", "--rm", "-T", "backup", "sh", "-c", looking)
    [copy] = [word for word in listed.split() if word.endswith("/manifest.json")]
    assert Path(copy).parent.name in told, told
    mounts = {mount["Destination"] for mount in composition.seen("worker_1")["Mounts"]}
    assert mounts == {"/srv/shop/var/media"}


def test_every_change_arrives_and_the_servers_files_are_copied(composition: Composition) -> None:
    """By the shop's own login, for which the volume got a line in pg_hba.conf when it was made."""
    composition.compose(*ANY_SECOND, "up", "--detach", "--no-deps", "wal")
    began = datetime.now(tz=UTC)

    def has_all_from_before() -> bool:
        kept = composition.manage("shell", "-c", CHANGES).rpartition("until")[2].strip()
        return bool(kept) and datetime.fromisoformat(kept) > began

    arrived = processes.wait_until(has_all_from_before, seconds=240, every=5)
    assert arrived, composition.engine.run("logs", "--tail", "50", "balcao_wal_1")
    slots = composition.engine.run("exec", "balcao_postgres_1", "psql", "-U", "balcao", "-At", "-c", SLOTS)
    assert slots.strip() == "balcao_backup|t"
    assert composition.seen("wal_1")["RestartCount"] == 0
    in_physical = (*ANY_SECOND, "run", "--rm", "--no-deps", "-T", "physical")
    copying = ("python", "manage.py", "backup", "--physical", "--verify")
    told = composition.compose(*in_physical, *copying, seconds=600)
    place = "/srv/shop/var/backups"
    looking = f"find {place}/physical -name manifest.json && find {place}/wal -type f -name '[0-9A-F]*'"
    found = composition.compose(*in_physical, "sh", "-c", looking).split()
    [copy] = [path for path in found if path.endswith("/manifest.json")]
    assert Path(copy).parent.name in told, told
    segments = [path for path in found if path.startswith(f"{place}/wal/")]
    assert {path.rpartition(".")[2] for path in segments} == {"age"}
    again = composition.compose(*in_physical, *copying, "--if-older", "168")
    assert Path(copy).parent.name in again, again  # which says that it is young enough


def served(heard: Heard, phase: str) -> None:
    """Let people buy for a while."""
    heard.enter(phase)
    assert processes.wait_until(lambda: heard.requests[phase] >= LEAST_ANSWERS or bool(heard.failures), seconds=60)
