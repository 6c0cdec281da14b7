"""The places that the shop is put to: systemd, containers, Kubernetes and CI say the same things."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.postgres.base import SILENCE
from config.listening import DRAIN_SECONDS
from devstack.state import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
SYSTEMD = ROOT / "deploy" / "systemd"
NOT_LISTED = {"kustomization.yaml", "secret.example.yaml"}


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        for found in yaml.safe_load_all(path.read_text()):
            yield path.name, found


def pods() -> dict[str, dict[str, Any]]:
    """Return what runs in pods, by its component."""
    found = {}
    for _name, document in documents():
        spec = document.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            found[template["metadata"]["labels"]["app.kubernetes.io/component"]] = template["spec"]
    return found


def started_by_systemd(unit: str) -> list[str]:
    """Return the command of a unit, without the place of its program."""
    lines = (SYSTEMD / unit).read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("ExecStart=")]
    program, *words = shlex.split(line.removeprefix("ExecStart=").replace("%%", "%"))
    return [Path(program).name, *words]


def test_every_manifest_is_listed() -> None:
    for place in (KUBERNETES, KUBERNETES / "point-in-time"):
        listed = yaml.safe_load((place / "kustomization.yaml").read_text())["resources"]
        assert set(listed) == {path.name for path in place.glob("*.yaml")} - NOT_LISTED


def test_no_manifest_that_is_committed_holds_a_secret() -> None:
    assert [name for name, found in documents() if found["kind"] == "Secret" and name not in NOT_LISTED] == []


def required() -> set[str]:
    """Return the variables without which production does not start; read as text, for its settings ask for them."""
    text = (ROOT / "config" / "settings" / "production.py").read_text()
    return set(re.findall(r'"([A-Z_]+)"', text.partition("REQUIRED = (")[2].partition(")")[0]))


def test_what_production_asks_for_is_named_wherever_it_is_set() -> None:
    assert {"SECRET_KEY", "DATABASE_URL"} <= required()
    manifests = {
        name for _file, found in documents() for part in ("data", "stringData") for name in found.get(part, {})
    }
    assert required() - manifests == set()
    for path in ("docs/operations/install.md", "docs/pt-br/instalacao.md", ".docker/Dockerfile"):
        text = (ROOT / path).read_text()
        assert [name for name in sorted(required()) if f"{name}=" not in text] == [], path


@pytest.mark.parametrize("name", ["web", "worker", "letters", "beat", "migrate", "backup", "wal", "physical"])
def test_what_runs_in_a_pod_may_do_little(name: str) -> None:
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert {"requests", "limits"} <= set(container["resources"])


def test_a_web_pod_is_asked_whether_it_lives_and_whether_it_can_serve() -> None:
    (web,) = pods()["web"]["containers"]
    asked = {probe: web[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {
        "startupProbe": "/health/live/", "livenessProbe": "/health/live/", "readinessProbe": "/health/ready/",
    }  # fmt: skip


@pytest.mark.servers
def test_kubernetes_knows_every_word_of_the_manifests() -> None:
    """With kubernetes-validate and its 108 MB of schemas, which `make ci-servers` alone installs."""
    validator = import_module("kubernetes_validate")
    for name, document in documents():
        if name != "kustomization.yaml":
            validator.validate(document, validator.latest_version(), strict=True)


def time_to_end(name: str, unit: str) -> list[int]:
    """Return how many seconds a process has to end what it began: in containers, in pods, and under systemd."""
    composed = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"][name]
    (systemd,) = re.findall(r"^TimeoutStopSec=(\d+)$", (SYSTEMD / unit).read_text(), re.MULTILINE)
    pod = pods()[name]
    waits = sum(int(container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])[1])
                for container in pod["containers"])  # fmt: skip
    return [
        int(str(composed.get("stop_grace_period", "10s")).removesuffix("s")),
        pod["terminationGracePeriodSeconds"] - waits,
        int(systemd),
    ]


def test_web_may_answer_everywhere_what_it_has_received() -> None:
    assert min(time_to_end("web", "balcao-web@.service")) > DRAIN_SECONDS + 5


@pytest.mark.parametrize("name", ["worker", "letters"])
def test_tasks_have_as_long_to_end_everywhere(name: str) -> None:
    assert time_to_end(name, f"balcao-{name}.service") == [60, 60, 60]


@pytest.mark.parametrize("name", ["worker", "letters", "beat"])
def test_a_process_is_started_alike_everywhere(name: str) -> None:
    composed = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"][name]["command"]
    (container,) = pods()[name]["containers"]
    systemd = started_by_systemd(f"balcao-{name}.service")

    def told(words: list[str]) -> list[str]:
        return [word.rstrip("=") for word in words if word and not word.endswith("schedule")]

    assert told(container["args"]) == told(composed) == told(systemd)
    page = (ROOT / "docs" / "operations.md").read_text().replace("\\\n", "")
    shown = [shlex.split(line) for line in re.findall(r"^    (celery .*)$", page, re.MULTILINE)]
    assert told(systemd) in [told(words) for words in shown]


@pytest.mark.parametrize("name", ["worker", "letters"])
def test_two_workers_of_one_machine_are_told_apart(name: str) -> None:
    composed = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"][name]
    lines = (SYSTEMD / f"balcao-{name}.service").read_text().splitlines()
    assert len([line for line in lines if f" --hostname {name}@%%h " in line]) == 1  # %h is a home to systemd
    asked = f"celery --app config inspect ping --destination {name}@$$HOSTNAME --timeout 5"
    assert composed["healthcheck"]["test"] == ["CMD-SHELL", asked]


def test_changes_are_received_alike_everywhere() -> None:
    composed = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"]["wal"]
    assert started_by_systemd("balcao-wal.service") == composed["command"]
    unit = (SYSTEMD / "balcao-wal.service").read_text()
    assert f"TimeoutStopSec={composed['stop_grace_period'].removesuffix('s')}\n" in unit
    assert pods()["wal"]["containers"][0]["args"] == composed["command"]
    assert pods()["wal"]["terminationGracePeriodSeconds"] == int(composed["stop_grace_period"].removesuffix("s"))
    assert pods()["physical"]["containers"][0]["args"] == started_by_systemd("balcao-physical.service")
    assert "Restart=always\n" in unit
    assert "PartOf=" not in unit  # what is changed while the shop rests is kept, too


def test_the_command_takes_settings_as_systemd_does_and_runs_nothing_in_them(tmp_path: Path) -> None:
    (tmp_path / "balcao.env").write_text(
        "# a remark\n\nDEFAULT_FROM_EMAIL=Balcão <nao-responda@shop.example.com>\n"
        "EMAIL_URL=smtp+tls://user:a$HOME&b`id`;c@smtp.example.com:587\n"
        "DATABASE_URL=postgres://balcao_app@127.0.0.1/balcao?a=b&c=d\nDATABASE_POOLER=transaction\n"
        "SENTRY_ENVIRONMENT=\"two words\"\nALLOWED_HOSTS='shop.example.com'"
    )
    (tmp_path / "owner.env").write_text("DATABASE_URL=postgres://balcao_owner@127.0.0.1/balcao\nDATABASE_POOLER=\n")
    for name, does in (("id", "echo 0"), ("setpriv", 'env; echo "$*"')):  # root, and who becomes somebody else
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)

    def told(*words: str) -> list[str]:
        command = [str(ROOT / "deploy" / "bin" / "balcao"), *words]
        around = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BALCAO_SETTINGS": str(tmp_path)}
        return subprocess.run(command, env=around, check=True, capture_output=True, text=True).stdout.splitlines()

    found = told("shell", "--command", "a b")
    assert {
        "DEFAULT_FROM_EMAIL=Balcão <nao-responda@shop.example.com>",
        "EMAIL_URL=smtp+tls://user:a$HOME&b`id`;c@smtp.example.com:587",
        "DATABASE_URL=postgres://balcao_app@127.0.0.1/balcao?a=b&c=d",
        "DATABASE_POOLER=transaction", "SENTRY_ENVIRONMENT=two words", "ALLOWED_HOSTS=shop.example.com",
    } <= set(found)  # fmt: skip
    assert found[-1].endswith("manage.py shell --command a b")
    as_owner = told("--owner", "migrate")
    assert {"DATABASE_URL=postgres://balcao_owner@127.0.0.1/balcao", "DATABASE_POOLER="} <= set(as_owner)
    assert as_owner[-1].endswith("manage.py migrate")
    (tmp_path / "copier.env").write_text("DATABASE_URL=postgres://balcao_copier@127.0.0.1/balcao\nDATABASE_POOLER=\n")
    as_copier = told("--copier", "receive_wal", "--drop-slot")
    assert {"DATABASE_URL=postgres://balcao_copier@127.0.0.1/balcao", "DATABASE_POOLER="} <= set(as_copier)
    assert as_copier[-1].endswith("manage.py receive_wal --drop-slot")


def test_web_is_started_alike_everywhere() -> None:
    (container,) = pods()["web"]["containers"]
    systemd = started_by_systemd("balcao-web@.service")
    assert systemd[:3] == container["args"][:3] == ["python", "-m", "config.serve"]
    assert systemd[-4:] == container["args"][-4:]


def test_the_key_of_the_archive_may_hold_any_sign_of_base64(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations" / "pgbackrest.md").read_text()
    [line] = re.findall(r"^ +(sed .*change-me.*)$", page, re.MULTILINE)
    conf, openssl = tmp_path / "pgbackrest.conf", tmp_path / "openssl"
    conf.write_text((ROOT / "deploy" / "pgbackrest" / "pgbackrest.conf").read_text())
    openssl.write_text("#!/bin/sh\necho 'AZaz09+/='\n")
    openssl.chmod(0o755)
    around = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", line.replace("/etc/pgbackrest.conf", str(conf))], env=around, check=True, timeout=30)
    assert "\nrepo1-cipher-pass=AZaz09+/=\n" in conf.read_text()


def test_a_proxy_waits_a_little_longer_than_the_shop_and_then_asks_the_next_one_what_is_only_read() -> None:
    proxy, nginx = ROOT / ".docker" / "proxy", ROOT / "deploy" / "nginx"
    [patience] = map(int, re.findall(r"^proxy_read_timeout (\d+)s;", (proxy / "shop.conf").read_text(), re.MULTILINE))
    assert SILENCE < patience < 30
    for file in (proxy / "nginx.conf", nginx / "balcao.limits"):
        text = file.read_text()
        assert "proxy_next_upstream error timeout;" in text  # without `non_idempotent`, so no POST goes twice
        assert "proxy_read_timeout" not in text
        assert all(int(seconds) > patience for seconds in re.findall(r"next_upstream_timeout (\d+)s", text))


def test_ci_runs_what_is_run_here_and_publishes_what_was_green() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    commands = {name: [step.get("run") for step in job["steps"]] for name, job in jobs.items()}
    assert ".ci/run" in commands["green"]
    assert "sudo make ci-servers" in commands["servers"]
    assert "sudo make e2e" in commands["browser"]
    assert "make sbom" in commands["parts"]
    assert jobs["image"]["needs"] == jobs["parts"]["needs"] == ["green", "browser", "servers"]
    (built,) = [step["with"] for step in jobs["image"]["steps"] if "build-push-action" in step.get("uses", "")]
    assert (built["sbom"], built["push"]) == (True, True)


def test_every_image_that_is_deployed_is_published() -> None:
    """Of a fork, `example/balcao` is its own name; an overlay says so (docs/operations/kubernetes.md)."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["image"]
    steps = {step.get("uses", "").partition("@")[0]: step.get("with", {}) for step in job["steps"]}
    named, built = steps["docker/metadata-action"]["images"], steps["docker/build-push-action"]
    assert built["target"] == "${{ matrix.target }}"
    assert built["tags"] == "${{ steps.named.outputs.tags }}"

    def filled(image: dict[str, str]) -> str:
        return str(named).replace("${{ github.repository }}", "example/balcao").replace(
            "${{ matrix.suffix }}", image["suffix"]
        )  # fmt: skip

    published = {filled(image): image["target"] for image in job["strategy"]["matrix"]["include"]}
    listed = [
        image for path in KUBERNETES.rglob("kustomization.yaml") for image in yaml.safe_load(path.read_text())["images"]
    ]
    assert {image["newName"] for image in listed} == set(published)
    run = {container["image"] for pod in pods().values() for container in pod["containers"]}
    assert run == {image["name"] for image in listed}
    composed = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"]
    targets = {
        service["image"].partition(":")[0]: service["build"].get("target", "")
        for service in composed.values() if "build" in service
    }  # fmt: skip
    assert {f"ghcr.io/example/{name}": target for name, target in targets.items()} == published


def test_what_a_page_says_of_kubernetes_is_there() -> None:
    page = (ROOT / "docs" / "operations" / "kubernetes.md").read_text()
    kinds = {"deployment": "Deployment", "job": "Job", "cronjob": "CronJob"}
    there = {(found["kind"], found["metadata"]["name"]) for _name, found in documents() if "metadata" in found}
    named = {(kinds[kind], name) for kind, name in re.findall(r"\b(deployment|job|cronjob)/(balcao-\w+)", page)}
    assert named - there == set()
    assert {name for _kind, name in named} >= {"balcao-migrate", "balcao-web", "balcao-backup", "balcao-physical"}
    secrets = {
        source["secretRef"]["name"]
        for pod in pods().values() for container in pod["containers"] for source in container["envFrom"]
        if "secretRef" in source
    }  # fmt: skip
    assert {("Secret", name) for name in secrets} - there == set()
    assert [path for path in re.findall(r"deploy/[\w./-]+\w", page) if not (ROOT / path).exists()] == []


def test_prometheus_gets_in_and_spans_get_out() -> None:
    policies = {
        found["metadata"]["name"]: found["spec"] for _n, found in documents() if found["kind"] == "NetworkPolicy"
    }
    [*_controller, prometheus] = policies["balcao-web"]["ingress"]
    [asker] = prometheus["from"]
    assert asker["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "prometheus"}
    assert asker["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}
    assert prometheus["ports"] == [{"port": "http", "protocol": "TCP"}]
    example = (ROOT / ".docker" / ".env.example").read_text()
    [collector] = re.findall(r"OTEL_EXPORTER_OTLP_ENDPOINT=http://[\w.]+:(\d+)", example)
    reached = {port["port"] for way in policies["balcao"]["egress"] for port in way["ports"]}
    assert {5432, 6432, 6379, 443, int(collector)} <= reached
