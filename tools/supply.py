"""What the shop is made of: known faults of its packages, their licences, the list of parts, and secrets in the tree.

    python -m tools.supply audit      ask the database of known faults about every package of the lock
    python -m tools.supply licences   hold every installed package to the licences of pyproject.toml
    python -m tools.supply sbom FILE  write the list of parts that go into the image (CycloneDX)
    python -m tools.supply secrets    look for keys and passwords in every file that is committed

Kept tools do the work (pip-audit, pip-licenses, cyclonedx-bom, detect-secrets); here is only how they are asked.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
BASELINE = ROOT / ".secrets.baseline"
SECTIONS = ("default", "embedded", "web", "develop", "servers")
BATCH = 400
MOVED = 3
"""What detect-secrets-hook ends with when it found nothing new, and known lines elsewhere."""

NPM_LOCKS = ("package-lock.json", "tools/lighthouse/package-lock.json")
NPM_LICENCES = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC-BY-4.0", "CC0-1.0", "ISC", "MIT",
        "MPL-2.0", "Python-2.0", "Unlicense",
    }
)  # fmt: skip
"""What npm's packages may be licensed under, as SPDX names it; CC-BY is for tables of facts."""

GUESSES = ("Base64HighEntropyString", "BasicAuthDetector", "HexHighEntropyString", "KeywordDetector")
"""Detectors that take any word beside "password" for a secret. Where passwords open nothing they are off: in tests, and
in texts for people."""

HARMLESS = ("/tests/", "/web/src/messages/", "/clients/typescript/src/schema.d.ts")


def ask(tool: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the kept tools and return what it said."""
    return subprocess.run([str(TOOLS / tool), *words], cwd=ROOT, capture_output=True, text=True, check=False)


def pinned(lock: dict[str, Any]) -> dict[str, str]:
    """Return every package of the lock that is installed somewhere, with its one version."""
    found = {name: entry["version"] for section in SECTIONS for name, entry in lock.get(section, {}).items()}
    return dict(sorted(found.items()))


def judged(told: str, *, packages: int) -> tuple[int, str]:
    """Return the exit status and the sentence for what pip-audit answered in JSON.

    A package it could not ask about is no package without faults: without a database the answer is "not known".
    """
    try:
        answers = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 2, "No database of known faults could be reached, so nothing is known. Ask again where there is one."
    asked = [answer for answer in answers if "vulns" in answer]
    faulty = [answer for answer in asked if answer["vulns"]]
    lines = [
        f"{answer['name']} {answer['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none'}"
        for answer in faulty
        for fault in answer["vulns"]
    ]
    if not asked:
        return 2, "The database of known faults knows none of these packages, so nothing is known. Is it the right one?"
    lines.append(f"{len(asked)} of {packages} packages were asked about, {len(faulty)} have known faults.")
    return (1 if faulty else 0 if len(asked) == packages else 2), "\n".join(lines)


def audit() -> int:
    """Ask about every package of the lock, without installing any."""
    versions = pinned(json.loads((ROOT / "Pipfile.lock").read_text()))
    with tempfile.TemporaryDirectory() as place:
        listed = Path(place) / "requirements.txt"
        listed.write_text("".join(f"{name}{version}\n" for name, version in versions.items()))
        done = ask(
            "pip-audit", "--requirement", str(listed), "--no-deps", "--disable-pip", "--format", "json",
            "--progress-spinner", "off",
        )  # fmt: skip
    status, sentence = judged(done.stdout, packages=len(versions))
    print(sentence)
    return status


def licences() -> int:
    """Hold installed packages to the licences that `[tool.pip-licenses]` allows, and npm's to ours."""
    done = ask("pip-licenses", "--format", "plain", "--order", "license")
    print(done.stdout, done.stderr, sep="")
    foreign = [line for name in NPM_LOCKS for line in unlicensed(json.loads((ROOT / name).read_text()))]
    print(*foreign, sep="\n")
    return done.returncode or (1 if foreign else 0)


def unlicensed(lock: dict[str, Any]) -> list[str]:
    """Return the packages of npm's lock whose licence is not allowed or not named; our own are the shop's."""
    packages = {
        name.rpartition("node_modules/")[2]: entry
        for name, entry in lock["packages"].items()
        if "node_modules/" in name and not entry.get("link")
    }
    return [
        f"{name} {entry.get('version')}: {entry.get('license', 'no licence is named')}"
        for name, entry in packages.items()
        if not _is_allowed(entry.get("license", ""))
    ]


def _is_allowed(expression: str) -> bool:
    """Tell whether one way to read an SPDX expression is allowed: any of "A OR B", all of "A AND B"."""
    ways = expression.strip("()").split(" OR ")
    return any(all(one.strip("() ") in NPM_LICENCES for one in way.split(" AND ")) for way in ways)


def sbom(path: str) -> int:
    """Write the parts of the image, from the lock's own section for it."""
    done = ask("cyclonedx-py", "pipenv", "--output-reproducible", "--output-format", "JSON", "--output-file", path, ".")
    print(done.stderr, file=sys.stderr, end="")
    return done.returncode


def suspects(files: Sequence[str], *, baseline: Path = BASELINE) -> str:
    """Return what looks like a secret in these files and is not in the baseline; nothing where all is well."""
    harmless = [name for name in files if any(part in f"/{name}" for part in HARMLESS)]
    others = [name for name in files if name not in set(harmless) and name != BASELINE.name]
    guesses = [word for name in GUESSES for word in ("--disable-plugin", name)]
    said = ""
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copy(baseline, place)  # the tool writes into its baseline where lines have moved
        for words, names in ((["--baseline", str(copy)], others), (guesses, harmless)):
            for start in range(0, len(names), BATCH):
                done = ask("detect-secrets-hook", "--no-verify", *words, *names[start : start + BATCH])
                said += "" if done.returncode in (0, MOVED) else done.stdout + done.stderr
    return said


def secrets() -> int:
    """Look through every committed file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = suspects([name for name in listed.split("\0") if name and (ROOT / name).is_file()])
    print(found or "No secret was found.")
    return 1 if found else 0


def main(words: Sequence[str]) -> int:
    """Do what the first word says."""
    match list(words):
        case ["audit"]:
            return audit()
        case ["licences"]:
            return licences()
        case ["sbom", path]:
            return sbom(path)
        case ["secrets"]:
            return secrets()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
