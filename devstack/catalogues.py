"""Translations without gettext installed: compile the catalogues, and tell when one is stale or incomplete.

`python -m devstack.catalogues check|compile`. The compiled files are committed, so that a fresh machine needs no
tools; this is what keeps them honest.
"""

import ast
import gettext
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
MAGIC = 0x950412DE
CONTEXT_END = "\x04"
MARK = re.compile(r"_|n?p?gettext(_lazy|_noop)?")
DIRECTIVE = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)\s+(".*")$')

QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)


@dataclass
class Entry:
    """One message of a .po file; `texts` holds the translation, or one for each plural form."""

    line: int
    fuzzy: bool = False
    context: str | None = None
    message: str = ""
    plural: str | None = None
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key under which gettext looks the message up."""
        name = self.message if self.context is None else f"{self.context}{CONTEXT_END}{self.message}"
        return name if self.plural is None else f"{name}\0{self.plural}"

    @property
    def value(self) -> str:
        """The translation as gettext stores it."""
        return "\0".join(text for _, text in sorted(self.texts.items()))

    @property
    def is_translated(self) -> bool:
        """Whether every form has a text and a person has looked at it."""
        return bool(self.texts) and all(self.texts.values()) and not self.fuzzy


def parse(path: Path) -> list[Entry]:
    """Return the messages of a .po file, header first, obsolete ones left out. Raises ValueError for other text."""
    entries: list[Entry] = []
    part, fuzzy, current = "", False, None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        found = DIRECTIVE.match(line)
        if found is None:
            if not (line.startswith('"') and current is not None):
                raise ValueError(f"{path}:{number}: not a line of a catalogue: {line}")
            _extend(current, part, str(ast.literal_eval(line)))
            continue
        word, form, quoted = found.groups()
        if word == "msgctxt" or (word == "msgid" and part != "msgctxt"):
            current = Entry(line=number, fuzzy=fuzzy)
            entries.append(current)
            fuzzy = False
        if current is None:
            raise ValueError(f"{path}:{number}: a translation without a message")
        part = f"msgstr {form or 0}" if word.startswith("msgstr") else word
        _extend(current, part, str(ast.literal_eval(quoted)))
    return entries


def _extend(entry: Entry, part: str, text: str) -> None:
    if part == "msgctxt":
        entry.context = (entry.context or "") + text
    elif part == "msgid":
        entry.message += text
    elif part == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    else:
        form = int(part.split()[1])
        entry.texts[form] = entry.texts.get(form, "") + text


def compiled(entries: list[Entry]) -> bytes:
    """Return the bytes of the .mo file for these messages (GNU gettext manual, "The Format of GNU MO Files")."""
    kept = {entry.key: entry.value for entry in entries if entry.message == "" or entry.is_translated}
    pairs = sorted((key.encode(), value.encode()) for key, value in kept.items())
    names = b"".join(key + b"\0" for key, _ in pairs)
    texts = b"".join(value + b"\0" for _, value in pairs)
    tables = 7 * 4
    name_at, text_at = tables + 16 * len(pairs), tables + 16 * len(pairs) + len(names)
    name_table, text_table = [], []
    for key, value in pairs:
        name_table += [len(key), name_at]
        text_table += [len(value), text_at]
        name_at += len(key) + 1
        text_at += len(value) + 1
    head = struct.pack("<7I", MAGIC, 0, len(pairs), tables, tables + 8 * len(pairs), 0, tables + 16 * len(pairs))
    return head + struct.pack(f"<{4 * len(pairs)}I", *name_table, *text_table) + names + texts


def _meaning(path: Path) -> dict[object, str]:
    with path.open("rb") as handle:
        catalogue: dict[object, str] = vars(gettext.GNUTranslations(handle))["_catalog"]
    catalogue.pop("", None)
    return catalogue


def sources(root: Path = ROOT) -> list[Path]:
    """Return every .po file of the project's own apps."""
    return sorted(
        path for path in root.glob("*/locale/*/LC_MESSAGES/*.po") if not path.parts[len(root.parts)].startswith(".")
    )


def findings(path: Path) -> list[str]:
    """Return what is wrong with one catalogue: a message missing, unchecked or there twice, a stale compiled file."""
    entries = [entry for entry in parse(path) if entry.message]
    found = [
        f"{path}:{entry.line}: not translated: {entry.message[:60]!r}" for entry in entries if not entry.is_translated
    ]
    first: dict[tuple[str | None, str], int] = {}
    for entry in entries:  # gettext, which collects the texts, refuses a catalogue that says one thing twice
        line = first.setdefault((entry.context, entry.message), entry.line)
        if line != entry.line:
            found.append(f"{path}:{entry.line}: already in line {line}: {entry.message[:60]!r}")
    target, fresh = path.with_suffix(".mo"), path.with_suffix(".mo.new")
    if not target.exists():
        return [*found, f"{target}: missing; run `make messages`"]
    fresh.write_bytes(compiled(parse(path)))
    try:
        if _meaning(fresh) != _meaning(target):
            found.append(f"{target}: older than its source; run `make messages`")
    finally:
        fresh.unlink()
    return found


def disagreements(paths: list[Path]) -> list[str]:
    """Return where two catalogues of a language translate a message differently; at run time only one of them wins."""
    first: dict[tuple[str, str], tuple[Path, str]] = {}
    found = []
    for path in paths:
        language = path.parts[-3]
        for entry in parse(path):
            other, value = first.setdefault((language, entry.key), (path, entry.value))
            if entry.message and value != entry.value:
                found.append(f"{path}:{entry.line}: {entry.message[:60]!r} is translated differently in {other}")
    return found


def unlisted(root: Path = ROOT) -> list[str]:
    """Return the messages that the code translates and no catalogue of the project lists."""
    listed = {entry.key.split("\0")[0] for path in sources(root) for entry in parse(path)}
    return [
        f"{source}:{line}: in no catalogue: {message[:60]!r}"
        for app in sorted({path.parts[len(root.parts)] for path in sources(root)})
        for source in sorted((root / app).rglob("*.py"))
        if "tests" not in source.parts
        for line, message in _marked(source)
        if message not in listed
    ]


def _marked(source: Path) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        if MARK.fullmatch(name) and texts and all(isinstance(text, str) for text in texts[:1]):
            with_context = "pgettext" in name
            found.append((node.lineno, CONTEXT_END.join(map(str, texts[: 2 if with_context else 1]))))
    return found


def unused(root: Path = ROOT) -> list[str]:
    """Return the messages of catalogues that no code and no template says.

    A text that is translated by a variable, such as the label of a choice, still stands somewhere in the code; those in
    tests and migrations do not count.
    """
    said = _said(root)
    return [
        f"{path}:{entry.line}: said nowhere: {entry.message[:60]!r}"
        for path in sources(root)
        for entry in parse(path)
        if entry.message and not {entry.message, entry.context or entry.message} <= said
    ]


def _said(root: Path) -> set[str]:
    said: set[str] = set()
    for top in {path.parts[len(root.parts)] for path in root.glob("*/*.py")}:
        if top.startswith("."):
            continue
        for source in (root / top).rglob("*.py"):
            if not {"tests", "migrations", "node_modules"} & set(source.relative_to(root).parts):
                tree = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
                said |= {node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        for template in (root / top).glob("templates/**/*.*"):
            quoted = QUOTED.findall(templatize(template.read_text(encoding="utf-8")))
            said |= {str(ast.literal_eval(text)) for text in quoted}
    return said


def main(words: list[str]) -> int:
    """Check or compile every catalogue; return the exit code."""
    paths = sources()
    if words == ["compile"]:
        for path in paths:
            path.with_suffix(".mo").write_bytes(compiled(parse(path)))
        print(f"{len(paths)} catalogues compiled")
        return 0
    if words != ["check"]:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = [finding for path in paths for finding in findings(path)] + disagreements(paths)
    wrong += unlisted() + unused()
    print("\n".join(wrong) if wrong else f"{len(paths)} catalogues are complete and compiled")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
