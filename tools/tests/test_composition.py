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
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
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
data=/var/lib/postgresql/data
if ! [ -s $data/PG_VERSION ]; then
    chown postgres $data
    printf %s "$POSTGRES_PASSWORD" >/tmp/password
    chown postgres /tmp/password
    as="runuser -u postgres --"
    $as {PROGRAMS}/initdb -D $data $POSTGRES_INITDB_ARGS -U $POSTGRES_USER --pwfile=/tmp/password -A scram-sha-256
    rm /tmp/password
    echo "host all all all scram-sha-256" >>$data/pg_hba.conf
    echo "CREATE DATABASE $POSTGRES_DB" | $as {PROGRAMS}/postgres --single -D $data postgres
fi
exec runuser -u postgres -- {PROGRAMS}/postgres -D $data -c "listen_addresses=*"
"""
TRUSTED = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
PUBLISHED = 8000
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
SHOP = ("web_1", "web_2", "worker_1", "letters_1", "beat_1")
ALWAYS = (*SHOP, "proxy_1", "postgres_1", "valkey_1")
LEAST_ANSWERS = 20


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
        checkout, home, port = place / "balcao", place / "engine", ports.free_port()
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
        found = Composition(engine, checkout, port)
        stack.callback(found.compose, "--profile", "backup", "down", "--volumes", "--timeout", "30")
        found.compose("up", "--detach", "--scale", "web=2", seconds=600)
        stack.enter_context(cable(engine, port=port, to=PUBLISHED))
        yield found


def test_it_comes_up_healthy_and_its_migrations_have_ended(composition: Composition) -> None:
    wanted = dict.fromkeys(ALWAYS, "healthy") | {"beat_1": "running"}
    processes.wait_until(lambda: all(composition.health(name) == what for name, what in wanted.items()), seconds=180)
    assert {name: composition.health(name) for name in ALWAYS} == wanted
    migrated = composition.seen("migrate_1")["State"]
    assert (migrated["Status"], migrated["ExitCode"]) == ("exited", 0)


def test_whoever_breaks_into_the_shop_may_do_little(composition: Composition) -> None:
    for name in SHOP:
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
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    skus = [f"CAKE-{number}" for number in range(GOODS)]
    with buyers(front=Front([composition.port], headers), skus=skus) as heard:
        served(heard, "two")
        for name in ("web_1", "web_2"):
            heard.enter(f"{name} is restarted")
            composition.restart(name)
            served(heard, f"{name} is back")
        old = composition.engine.run("ps", "--quiet", "--filter", "label=com.docker.compose.service=web").split()
        heard.enter("new ones are started")
        composition.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", "web=4", "web")
        for name in ("web_3", "web_4"):
            assert processes.wait_until(partial(composition.is_healthy, name), seconds=120), name
        served(heard, "four")
        composition.engine.run("stop", *old)
        composition.engine.run("rm", *old)
        served(heard, "the new ones")
    assert heard.failures == []
    print(sum(heard.requests.values()), "requests,", len(heard.orders), "orders, none failed")
    kept = composition.manage("shell", "-c", "from orders.models import Order; print(Order.objects.count())")
    assert int(kept.split()[-1]) >= len(heard.orders) > 0
    composition.manage("check_integrity")


def test_a_copy_is_made_proved_and_lies_in_a_volume_of_its_own(composition: Composition) -> None:
    told = composition.compose(
        "--profile", "backup", "run", "--rm", "-T", "backup", "python", "manage.py", "backup", "--verify", seconds=600
    )
    looking = "find /srv/shop/var/backups -name manifest.json"
    listed = composition.compose("--profile", "backup", "run", "--rm", "-T", "backup", "sh", "-c", looking)
    [copy] = [word for word in listed.split() if word.endswith("/manifest.json")]
    assert Path(copy).parent.name in told, told
    mounts = {mount["Destination"] for mount in composition.seen("worker_1")["Mounts"]}
    assert mounts == {"/srv/shop/var/media"}


def served(heard: Heard, phase: str) -> None:
    """Let people buy for a while."""
    heard.enter(phase)
    assert processes.wait_until(lambda: heard.requests[phase] >= LEAST_ANSWERS or bool(heard.failures), seconds=60)
