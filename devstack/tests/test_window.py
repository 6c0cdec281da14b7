"""Building the shop window: once per change, and in words where it cannot be built."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from devstack import node, window
from devstack.errors import StackError

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a window of one line, which needs one package."""
    manifest = {"name": "x", "private": True, "dependencies": {"nothing-that-is-anywhere": "1.0.0"}}
    locked = {"version": "1.0.0", "integrity": "sha512-AAAA"}
    lock = {
        "name": "x",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": manifest, "node_modules/nothing-that-is-anywhere": locked},
    }
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "main.ts").write_text("export {};")
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(window, "ROOT", tmp_path)
    monkeypatch.setattr(window, "BUILT", tmp_path / "built")
    monkeypatch.setattr(window, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(window, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(window, "PACKAGES_STAMP", tmp_path / "node_modules" / "stamp")
    return tmp_path


def test_every_file_counts_and_what_npm_installed_does_not(place: Path) -> None:
    before = window.fingerprint()
    (place / "web" / "node_modules").mkdir()
    (place / "web" / "node_modules" / "x.js").write_text("1")
    assert window.fingerprint() == before
    (place / "web" / "main.ts").write_text("export { };")
    changed = window.fingerprint()
    assert changed != before
    (place / "web" / "main.ts").rename(place / "web" / "other.ts")
    assert window.fingerprint() not in (before, changed)


def test_what_stands_as_it_should_is_not_built_again(place: Path) -> None:
    window.BUILT.mkdir()
    window.STAMP.write_text(window.fingerprint())
    assert window.build() == "up to date"
    assert window.in_words() == "up to date"


def test_without_packages_the_shop_hears_it_in_a_sentence(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", NOBODY)
    monkeypatch.setenv("npm_config_cache", str(place / "cache"))
    said = window.in_words()
    assert said.startswith("not built, the catalogue is shown as text: npm cannot get the packages of the window: ")
    assert "\n" not in said
    window.BUILT.mkdir()
    assert window.in_words().startswith("not built, the one of before is shown: npm cannot get")
    with pytest.raises(StackError) as failure:
        window.build()
    assert "registry" in failure.value.remedy


def test_two_who_build_at_once_take_turns(place: Path) -> None:
    window.BUILT.mkdir()
    window.STAMP.write_text(window.fingerprint())
    said: list[str] = []
    second = threading.Thread(target=lambda: said.append(window.build()))
    with window.alone():
        second.start()
        second.join(0.3)
        assert said == []
    second.join(30)
    assert said == ["up to date"]


def test_npm_that_takes_too_long_is_not_waited_for(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "PATIENCE_SECONDS", 0.01)
    assert "did not get the packages of the window in time" in window.in_words()


def test_node_is_that_of_the_packages() -> None:
    assert node.run("--version", seconds=60).stdout.startswith("v24.")
    assert shutil.which("node", path=node.environment()["PATH"]) == str(node.home() / "bin" / "node")
