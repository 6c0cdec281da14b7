"""The image and the composition: only the proxy is published, nothing runs as root, secrets come from outside."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from devstack import processes, throwaway
from devstack.servers import USER, PostgresServer, new_password
from devstack.state import ROOT

DOCKER = ROOT / ".docker"


def composed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text())
    return found


def running(services: dict[str, Any]) -> list[str]:
    """The services that are always there; the others are started by name."""
    return [name for name, service in services.items() if "profiles" not in service]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = composed("compose.yaml")["services"]
    return found


@pytest.mark.fault("F21")
def test_only_the_proxy_is_published_and_to_this_machine(services: dict[str, Any]) -> None:
    assert {name for name in running(services) if "ports" in services[name]} == {"proxy"}
    assert services["proxy"]["ports"] == ["${BIND:-127.0.0.1}:${PORT:-8000}:8080"]
    assert composed("compose.tls.yaml")["services"]["proxy"]["ports"] == ["${TLS_PORT:-443}:8443"]
    assert not any(service.get("network_mode") for service in services.values())


def test_the_tools_are_reached_from_this_machine_and_started_by_name(services: dict[str, Any]) -> None:
    tools = {name: service for name, service in services.items() if service.get("profiles") == ["tools"]}
    assert set(tools) == {"pgadmin", "redis-browser"}
    assert all(port.startswith("127.0.0.1:") for service in tools.values() for port in service["ports"])
    assert all(service["cap_drop"] == ["ALL"] for service in tools.values())
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in tools.values())
    assert {name: service["cap_add"] for name, service in services.items() if "cap_add" in service} == {
        "pgadmin": ["NET_BIND_SERVICE"],  # its Python is not started without; see below
    }


def with_capability(path: Path) -> Path:
    """Return a program that carries cap_net_bind_service=eip, as the Python of pgAdmin's image does. Takes root."""
    revision_2_effective, bind_service = 0x02000001, 1 << 10
    shutil.copy2("/bin/cat", path)
    os.setxattr(path, "security.capability", struct.pack("<5I", revision_2_effective, bind_service, bind_service, 0, 0))
    return path


@pytest.mark.servers
def test_pgadmins_python_is_started_and_gets_no_capability(services: dict[str, Any]) -> None:
    """A file whose capabilities are effective is refused by the kernel where they are not in the bounding set."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        program = with_capability(Path(home) / "python")
        added = [f"+{name.lower()}" for name in services["pgadmin"].get("cap_add", ())]

        def started(bounds: list[str]) -> "subprocess.CompletedProcess[str]":
            nobody = ["setpriv", "--reuid", "5050", "--regid", "5050", "--clear-groups", "--inh-caps", "-all"]
            bounded = [*nobody, "--bounding-set", ",".join(bounds), "--no-new-privs"]
            words = ["sh", "-c", f"{program} /proc/self/status"]  # as the image's entrypoint does
            return subprocess.run([*bounded, *words], capture_output=True, text=True, check=False, timeout=30)

        refused = started(["-all"])
        assert refused.returncode, refused.stdout
        assert "not permitted" in refused.stderr
        allowed = started(["-all", *added])
        assert "CapEff:\t0000000000000000" in allowed.stdout, allowed.stderr


def test_a_backup_has_a_place_of_its_own_to_write_to(services: dict[str, Any]) -> None:
    backup = services["backup"]
    assert backup["read_only"] is True
    assert backup["profiles"] == ["backup"]
    assert "backups:/srv/shop/var/backups" in backup["volumes"]
    assert "backups" in composed("compose.yaml")["volumes"]
    assert "var/backups" in (DOCKER / "Dockerfile").read_text()
    others = [
        name for name, service in services.items() if name != "backup" and "backups:" in str(service.get("volumes"))
    ]
    assert others == ["wal", "physical"]


def test_who_asks_for_any_second_gets_the_servers_files_too(services: dict[str, Any]) -> None:
    """As often as the timer of systemd has them copied: changes alone lead nowhere."""
    assert {name for name, service in services.items() if service.get("profiles") == ["point-in-time"]} == {
        "wal", "physical",
    }  # fmt: skip
    [_sh, _c, loop] = services["physical"]["command"]
    timer = (ROOT / "deploy" / "systemd" / "balcao-physical.timer").read_text()
    assert "OnCalendar=Sun " in timer
    assert f"backup --physical --verify --if-older {7 * 24};" in loop


@pytest.fixture
def replicating_server() -> Iterator[PostgresServer]:
    """Return a private PostgreSQL that lets itself be copied, which the tests' own do not."""
    server = PostgresServer(home=throwaway.home(), password=new_password())
    try:
        server.start()
        yield server
    finally:
        server.destroy()


def test_changes_are_received_from_the_compositions_network(
    services: dict[str, Any], replicating_server: PostgresServer
) -> None:
    """With the rules that the image of PostgreSQL writes for a new volume, and then with what our script adds to them."""
    server = replicating_server
    (server.data / "pg_hba.conf").write_text("local all all trust\nhost all all all scram-sha-256\n")
    assert "pg_isready --host 127.0.0.1 " in services["postgres"]["healthcheck"]["test"][1]  # not while scripts run
    [script] = [word.split(":") for word in services["postgres"]["volumes"] if "/docker-entrypoint-initdb.d/" in word]
    assert script[2] == "ro"

    def refusal(words: str = "") -> str:
        try:
            psycopg.connect(f"{server.url}{words}", connect_timeout=10).close()
        except psycopg.OperationalError as problem:
            return str(problem)
        return ""

    def reload() -> None:
        with psycopg.connect(server.url, autocommit=True) as session:
            session.execute("SELECT pg_reload_conf()")

    reload()
    asks = "?replication=true"
    assert processes.wait_until(lambda: "no pg_hba.conf entry for replication" in refusal(asks), seconds=30)
    assert refusal() == ""
    told = {"PGDATA": str(server.data), "POSTGRES_USER": USER, "PATH": os.environ["PATH"]}
    subprocess.run([str(DOCKER / script[0])], env=told, check=True, timeout=30)
    reload()
    assert processes.wait_until(lambda: refusal(asks) == "", seconds=30), refusal(asks)


def test_logs_are_bounded(services: dict[str, Any]) -> None:
    options = {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert {name: service.get("logging") for name, service in services.items()} == dict.fromkeys(services, options)


def test_an_older_compose_understands_the_words_at_the_top() -> None:
    assert {word for word in composed("compose.yaml") if not word.startswith("x-")} == {
        "services",
        "networks",
        "volumes",
    }
    assert "\nCOMPOSE_PROJECT_NAME=balcao\n" in (DOCKER / ".env.example").read_text()


def test_two_web_containers_answer(services: dict[str, Any]) -> None:
    assert services["web"]["deploy"] == {"replicas": 2}
    assert "proxy_next_upstream error timeout;" in (DOCKER / "proxy" / "nginx.conf").read_text()


def test_the_proxy_does_not_reach_what_the_shop_keeps(services: dict[str, Any]) -> None:
    assert {name for name in running(services) if "front" in services[name]["networks"]} == {
        "proxy", "migrate", "web", "worker", "letters", "beat",
    }  # fmt: skip
    assert {name for name, service in services.items() if service["networks"] == ["back"]} == {
        "postgres", "valkey", "backup", "wal", "physical",
    }  # fmt: skip
    assert services["proxy"]["networks"] == ["front"]
    assert composed("compose.yaml")["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("name", ["proxy", "migrate", "web", "worker", "letters", "beat", "backup", "wal", "physical"])
def test_what_strangers_talk_to_may_do_little(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user", "shop") not in ("", "0", "root")
    assert not service.get("privileged")


def test_copies_are_made_with_programs_of_the_servers_own_version(services: dict[str, Any]) -> None:
    assert services["backup"]["build"]["target"] == "backup"
    assert f"FROM {services['postgres']['image']} AS backup\n" in (DOCKER / "Dockerfile").read_text()
    environment = services["backup"]["environment"]
    assert environment["BACKUP_DIR"] == "/srv/shop/var/backups"
    assert environment["BACKUP_SCRATCH_DIR"].startswith(environment["BACKUP_DIR"])


def test_no_secret_stands_in_the_composition() -> None:
    words = re.findall(r"^ +\w*PASSWORD\w*: (\S+)", (DOCKER / "compose.yaml").read_text(), re.MULTILINE)
    assert words
    assert all(word.startswith("${") for word in words)
    assert (
        re.findall(r"^(?:SECRET_KEY|POSTGRES_PASSWORD|REDIS_PASSWORD)=.+", (DOCKER / ".env.example").read_text()) == []
    )


def test_the_count_of_proxies_is_that_of_the_composition() -> None:
    assert "\nTRUSTED_PROXIES=2\n" in (DOCKER / ".env.example").read_text()
    assert composed("compose.tls.yaml")["services"]["web"]["environment"] == {"TRUSTED_PROXIES": "1"}


def test_every_file_that_is_mounted_is_there() -> None:
    mounted = [
        str(volume).split(":", maxsplit=1)[0]
        for name in ("compose.yaml", "compose.tls.yaml")
        for service in composed(name)["services"].values()
        for volume in service.get("volumes", ())
        if str(volume).startswith(".")
    ]
    assert [path for path in mounted if path != "./tls" and not (DOCKER / path).is_file()] == []
    assert len(mounted) == 7


def test_source_maps_leave_only_by_a_secret_of_the_build_and_are_in_no_image() -> None:
    stages = re.split(r"^FROM ", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE)
    builds, serves = stages[-2], stages[-1]
    assert (
        "--mount=type=secret,id=sentry_auth_token,env=SENTRY_AUTH_TOKEN .venv/bin/python -m devstack.sourcemaps"
        in builds
    )
    assert "SENTRY" not in serves
    assert re.findall(r"COPY --from=window (\S+)", serves) == ["/srv/shop/window/static/window/built"]


def test_the_image_serves_as_nobody() -> None:
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    commands = [line for line in lines if line.startswith("CMD ")]
    assert len(commands) == 1
    assert '"python", "-m", "config.serve", "--host", "0.0.0.0", "--port", "8000"' in commands[0]
    assert lines.index("USER 10001:10001") < lines.index(commands[0])
    assert not any(line.startswith(("USER root", "USER 0", "USER shop")) for line in lines)


def test_the_image_holds_no_history_no_tests_and_no_secrets() -> None:
    left_out = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".docker/.env", ".docker/tls", ".env", "**/tests", "docs", "tools", ".ci", "var"} <= set(left_out)


def composers() -> list[list[str]]:
    """Return the commands of every compose of this machine: Docker's own, and the older one that Debian has."""
    found = [["docker", "compose"]] if shutil.which("docker") else []
    found += [["docker-compose"]] if shutil.which("docker-compose") else []
    return [
        words
        for words in found
        if not subprocess.run([*words, "version"], capture_output=True, check=False, timeout=60).returncode
    ]


@pytest.mark.servers
@pytest.mark.parametrize("files", [("compose.yaml",), ("compose.yaml", "compose.tls.yaml")])
def test_docker_understands_the_composition(files: tuple[str, ...], tmp_path: Any) -> None:
    commands = composers()
    assert commands, "apt-get install docker-compose"
    shutil.copytree(DOCKER, tmp_path / ".docker")
    (tmp_path / ".docker" / ".env").write_text("POSTGRES_PASSWORD=a\nREDIS_PASSWORD=b\nSECRET_KEY=c\n")
    named = [word for name in files for word in ("-f", f".docker/{name}")]
    for words in commands:
        done = subprocess.run(
            [*words, *named, "config", "--quiet"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stderr)
