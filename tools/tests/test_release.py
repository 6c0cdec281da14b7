"""One version in every place that says one, and a changelog that knows it."""

import itertools
import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tools import release
from tools.release import ReleaseError

DAY = date(2026, 12, 1)
CHANGELOG = """# Changelog

## [Unreleased]

### Added

- A bell on the door.

## [0.1.0] - 2026-11-28

### Added

- The door.
"""


def test_every_place_says_the_same_version() -> None:
    version = release.version_of((release.ROOT / release.SOURCE).read_text())
    for path in release.PACKAGES:
        text = (release.ROOT / path).read_text()
        assert f'"version": "{version}"' in text, path
        assert release.renamed(text, version=version) == text, path
    lock = (release.ROOT / release.LOCK).read_text()
    assert release.relocked(lock, version=version) == lock
    assert release.sections((release.ROOT / release.CHANGELOG).read_text())[0][0] == version


def test_releases_of_the_changelog_go_back_in_time() -> None:
    known = release.sections((release.ROOT / release.CHANGELOG).read_text())
    assert known
    days = [day for _version, day in known]
    assert days == sorted(days, reverse=True)
    for newer, older in itertools.pairwise(known):
        release.judge(wanted=newer[0], current=older[0])


def test_what_was_unreleased_becomes_the_version() -> None:
    closed = release.closed(CHANGELOG, version="0.2.0", day=DAY)
    assert release.sections(closed) == [("0.2.0", "2026-12-01"), ("0.1.0", "2026-11-28")]
    assert "## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- A bell on the door.\n" in closed
    with pytest.raises(ReleaseError, match="nothing has changed"):
        release.closed(closed, version="0.3.0", day=DAY)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("0.1.0", "after 0.1.0"),
        ("0.0.9", "after 0.1.0"),
        ("v0.2.0", "no version"),
        ("0.2", "no version"),
        ("01.2.3", "no version"),
    ],
)
def test_a_version_comes_after_the_one_before(wanted: str, why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        release.judge(wanted=wanted, current="0.1.0")


def test_versions_are_numbers_and_no_words() -> None:
    release.judge(wanted="0.10.0", current="0.9.0")


def test_packages_of_others_keep_their_version() -> None:
    lock = json.dumps(
        {
            "packages": {
                "": {},
                "web": {"version": "0.1.0", "dependencies": {"@balcao/client": "0.1.0", "react": "19.0.0"}},
                "node_modules/react": {"version": "0.1.0"},
            }
        }
    )
    packages = json.loads(release.relocked(lock, version="0.2.0"))["packages"]
    assert packages["web"] == {"version": "0.2.0", "dependencies": {"@balcao/client": "0.2.0", "react": "19.0.0"}}
    assert packages["node_modules/react"] == {"version": "0.1.0"}


def test_a_release_is_a_commit_and_a_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    git("config", "user.name", "Ana Lima")
    git("config", "user.email", "ana@example.com")
    for path in (release.SOURCE, *release.PACKAGES, release.LOCK):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / release.SOURCE).write_text('VERSION = "0.1.0"\n')
    for path in release.PACKAGES:
        (tmp_path / path).write_text('{ "version": "0.1.0" }\n')
    (tmp_path / release.LOCK).write_text(json.dumps({"packages": {"web": {"version": "0.1.0"}}}))
    (tmp_path / release.CHANGELOG).write_text(CHANGELOG)
    git("add", "--all")
    git("commit", "--quiet", "--message", "begin")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    assert release.main(["0.2.0"]) == 0
    assert git("tag", "--points-at", "HEAD") == "v0.2.0\n"
    assert git("show", "HEAD:config/settings/base.py") == 'VERSION = "0.2.0"\n'
    assert release.main(["0.2.0"]) == 1
    (tmp_path / "left.txt").write_text("not committed")
    assert release.main(["0.3.0"]) == 1
    assert git("log", "--format=%s") == "chore(release): 0.2.0\nbegin\n"
