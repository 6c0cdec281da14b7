"""The image and the composition: only the proxy is published, nothing runs as root, secrets come from outside."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

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
    assert others == ["wal"]


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
        "postgres", "valkey", "backup", "wal",
    }  # fmt: skip
    assert services["proxy"]["networks"] == ["front"]
    assert composed("compose.yaml")["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("name", ["proxy", "migrate", "web", "worker", "letters", "beat", "backup", "wal"])
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
        for volume in composed(name)["services"]["proxy"]["volumes"]
    ]
    assert [path for path in mounted if path != "./tls" and not (DOCKER / path).is_file()] == []
    assert len(mounted) == 6


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
