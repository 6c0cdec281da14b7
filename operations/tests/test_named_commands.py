"""Guides, units, containers and manifests name only commands, options, targets and modules that there are."""

import re
import subprocess
from importlib.util import find_spec

from django.core.management import get_commands, load_command_class

from devstack.state import ROOT

PLACES = ("*.md", ".docker", ".github", ".ci", "deploy", "Makefile", ":!CHANGELOG.md")
COMMAND = re.compile(
    r"(?:(?<!for )manage\.py|(?:^|`|sudo )balcao(?: --owner)?|ARGS=\"(?=[a-z]+_)) ?([a-z][a-z_]+)([^`|;&#\n]*)",
    re.MULTILINE,
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
TARGET = re.compile(r"(?:`|^ {4}|run: |sudo )make ([a-z][a-z0-9-]+)", re.MULTILINE)
MODULE = re.compile(r"(?:python|\$\(PY\)) -m ([a-z_]+(?:\.[a-z_]+)*)")
WORDS = re.compile(r"`([a-z_]+)( [^`\n]*)?`")
OF_OTHERS = {"sandbox", "pipenv"}  # in environments of their own


def texts() -> dict[str, str]:
    """Return what tells people and machines what to run; lists of words as one writes them in a shell."""
    told = subprocess.run(["git", "ls-files", "--", *PLACES], cwd=ROOT, check=True, capture_output=True, text=True)
    return {
        name: re.sub(r'"?, "?|\["?', " ", (ROOT / name).read_text())
        for name in told.stdout.split()
        if "package-lock" not in name
    }


def ours() -> set[str]:
    return {name for name, app in get_commands().items() if (ROOT / str(app) / "management").is_dir()}


def options_of(name: str) -> set[str]:
    command = load_command_class(get_commands()[name], name)
    return set(command.create_parser("manage.py", name)._option_string_actions)


def test_every_command_that_is_named_is_there_with_its_options() -> None:
    found = [(file, *match.groups()) for file, text in texts().items() for match in COMMAND.finditer(text)]
    assert len({name for _file, name, _rest in found}) > 15
    assert [(file, name) for file, name, _rest in found if name not in get_commands()] == []
    quoted = [(file, *match.groups("")) for file, text in texts().items() for match in WORDS.finditer(text)]
    assert [
        (file, name, option)
        for file, name, rest in [*found, *(one for one in quoted if one[1] in ours())]
        for option in OPTION.findall(rest)
        if option not in options_of(name)
    ] == []


def test_every_command_of_ours_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "operations.md").read_text()
    listed = re.findall(
        r"^\| `([a-z_]+)", reference.partition("\n## Commands\n")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert {"doctor", "backup"} <= set(listed) <= ours()
    assert sorted(name for name in ours() if not re.search(rf"`{name}\b|manage\.py {name}\b", reference)) == []


def test_every_target_and_module_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name: file for file, text in texts().items() for name in TARGET.findall(text)}
    assert {"run", "ci-servers"} <= set(named)
    assert {name: file for name, file in named.items() if name not in targets} == {}
    modules = {name: file for file, text in texts().items() for name in MODULE.findall(text)}
    assert {"config.serve", "tools.guide"} <= set(modules)
    assert {name: file for name, file in modules.items() if name not in OF_OTHERS and find_spec(name) is None} == {}


def test_every_page_of_operations_is_led_to() -> None:
    place = ROOT / "docs" / "operations"
    led_to = set(re.findall(r"\]\((\w+\.md)\)", (place / "README.md").read_text()))
    assert led_to == {path.name for path in place.glob("*.md")} - {"README.md"}
