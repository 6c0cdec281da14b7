"""Makes a release: one version in every place that says one, its section of the changelog, a commit and a tag.

    python -m tools.release 0.2.0

`VERSION` in `config/settings/base.py` is the one source; the packages of the window and of the typed client follow it.
Nothing is pushed. What a release promises, and how one upgrades to it, stands in `docs/releases.md`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("config/settings/base.py")
CHANGELOG = Path("CHANGELOG.md")
PACKAGES = (Path("web/package.json"), Path("clients/typescript/package.json"))
LOCK = Path("package-lock.json")
UNRELEASED = "## [Unreleased]\n"
_VERSION = re.compile(r'^VERSION = "(\d+\.\d+\.\d+)"$', re.MULTILINE)
_PACKAGE = re.compile(r'("version": |"@balcao/client": )"\d+\.\d+\.\d+"')
_SECTION = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)


class ReleaseError(Exception):
    """Why there is no release."""


def version_of(source: str) -> str:
    """Return the version that a settings file says. Raises ReleaseError."""
    found = _VERSION.search(source)
    if found is None:
        raise ReleaseError(f"{SOURCE} says no VERSION")
    return found.group(1)


def sections(changelog: str) -> list[tuple[str, str]]:
    """Return the releases of a changelog, each with its day, in the order in which they stand."""
    return _SECTION.findall(changelog)


def judge(*, wanted: str, current: str) -> None:
    """Refuse what is no version after the current one. Raises ReleaseError."""
    if not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", wanted):
        raise ReleaseError(f"{wanted} is no version; 0.2.0 is one")
    if _ordered(wanted) <= _ordered(current):
        raise ReleaseError(f"{wanted} does not come after {current}")


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def closed(changelog: str, *, version: str, day: date) -> str:
    """Return the changelog with what was unreleased below the version. Raises ReleaseError."""
    before, found, rest = changelog.partition(UNRELEASED)
    if not found:
        raise ReleaseError(f"{CHANGELOG} has no section {UNRELEASED.strip()}")
    unreleased = _SECTION.split(rest, maxsplit=1)[0]
    if not unreleased.strip():
        raise ReleaseError("nothing has changed since the last release")
    return f"{before}{UNRELEASED}\n## [{version}] - {day.isoformat()}\n{rest}"


def renamed(text: str, *, version: str) -> str:
    """Return a package.json of ours with the version, where it says its own and that of the client."""
    return _PACKAGE.sub(rf'\1"{version}"', text)


def relocked(text: str, *, version: str) -> str:
    """Return the lock of all packages with the version in our own."""
    found = json.loads(text)
    for name, package in found["packages"].items():
        if "node_modules/" in name:
            continue
        if "version" in package:
            package["version"] = version
        if "@balcao/client" in package.get("dependencies", {}):
            package["dependencies"]["@balcao/client"] = version
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def release(wanted: str, *, day: date, root: Path) -> Mapping[Path, str]:
    """Return what each file becomes. Raises ReleaseError."""
    source = (root / SOURCE).read_text()
    judge(wanted=wanted, current=version_of(source))
    return {
        SOURCE: _VERSION.sub(f'VERSION = "{wanted}"', source),
        CHANGELOG: closed((root / CHANGELOG).read_text(), version=wanted, day=day),
        LOCK: relocked((root / LOCK).read_text(), version=wanted),
        **{path: renamed((root / path).read_text(), version=wanted) for path in PACKAGES},
    }


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(done.stderr.strip() or f"git {words[0]} failed")
    return done.stdout.strip()


def main(words: Sequence[str]) -> int:
    """Write, commit and tag; return the exit code."""
    try:
        if len(words) != 1:
            raise ReleaseError("name the version: python -m tools.release 0.2.0")
        [wanted] = words
        if _git("status", "--porcelain"):
            raise ReleaseError("there are changes that are not committed")
        if _git("tag", "--list", f"v{wanted}"):
            raise ReleaseError(f"v{wanted} is tagged already")
        for path, text in release(wanted, day=datetime.now(tz=UTC).date(), root=ROOT).items():
            (ROOT / path).write_text(text)
        _git("commit", "--all", "--quiet", "--message", f"chore(release): {wanted}")
        _git("tag", "--annotate", f"v{wanted}", "--message", f"Version {wanted}")
    except ReleaseError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"v{wanted} is committed and tagged. `git push --follow-tags` shares it.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
