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


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = composed("compose.yaml")["services"]
    return found


@pytest.mark.fault("F21")
def test_only_the_proxy_is_published(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert services["proxy"]["ports"] == ["${PORT:-8000}:8080"]
    assert composed("compose.tls.yaml")["services"]["proxy"]["ports"] == ["${TLS_PORT:-443}:8443"]
    assert not any(service.get("network_mode") for service in services.values())


def test_the_proxy_does_not_reach_what_the_shop_keeps(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "front" in service["networks"]} == {
        "proxy", "migrate", "web", "worker", "beat",
    }  # fmt: skip
    assert {name for name, service in services.items() if service["networks"] == ["back"]} == {"postgres", "valkey"}
    assert services["proxy"]["networks"] == ["front"]
    assert composed("compose.yaml")["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("name", ["proxy", "migrate", "web", "worker", "beat"])
def test_what_strangers_talk_to_may_do_little(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user", "shop") not in ("", "0", "root")
    assert not service.get("privileged")


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


def test_the_image_serves_as_nobody() -> None:
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    assert "USER shop" in lines
    commands = [line for line in lines if line.startswith("CMD ")]
    assert len(commands) == 1
    assert '"python", "-m", "config.serve", "--host", "0.0.0.0", "--port", "8000"' in commands[0]
    assert lines.index("USER shop") < lines.index(commands[0])
    assert not any(line.startswith(("USER root", "USER 0")) for line in lines)


def test_the_image_holds_no_history_no_tests_and_no_secrets() -> None:
    left_out = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".git", ".docker/.env", ".docker/tls", ".env", "**/tests", "docs", "tools", ".ci", "var"} <= set(left_out)


def _docker_compose() -> bool:
    found = shutil.which("docker")
    return found is not None and not subprocess.run(
        [found, "compose", "version"], capture_output=True, check=False, timeout=30
    ).returncode  # fmt: skip


@pytest.mark.skipif(not _docker_compose(), reason="there is no docker compose here")
@pytest.mark.parametrize("files", [("compose.yaml",), ("compose.yaml", "compose.tls.yaml")])
def test_docker_understands_the_composition(files: tuple[str, ...], tmp_path: Any) -> None:
    shutil.copytree(DOCKER, tmp_path / ".docker")
    (tmp_path / ".docker" / ".env").write_text("POSTGRES_PASSWORD=a\nREDIS_PASSWORD=b\nSECRET_KEY=c\n")
    named = [word for name in files for word in ("-f", f".docker/{name}")]
    done = subprocess.run(
        ["docker", "compose", *named, "config", "--quiet"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
