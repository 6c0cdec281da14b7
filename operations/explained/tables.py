"""Tables in Markdown."""

from collections.abc import Iterable, Mapping, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    return [_line(head), "|" + "---|" * len(head), *map(_line, rows)]


def with_tables(text: str, tables: Mapping[Sequence[str], Iterable[Sequence[str]]]) -> str:
    """Return a page with the rows below each of these heads as given; all else stays as it is written."""
    for head, rows in tables.items():
        first, rule, *_nothing = table(head, [])
        before, found, after = text.partition(f"{first}\n{rule}\n")
        if not found:
            raise ValueError(f"no table of {', '.join(head)}")
        rest = after.splitlines(keepends=True)
        while rest and rest[0].startswith("|"):
            rest.pop(0)
        text = before + "".join(f"{line}\n" for line in table(head, rows)) + "".join(rest)
    return text


def with_block(text: str, block: Iterable[str]) -> str:
    """Return a page with its one diagram as given."""
    before, _fence, after = text.partition("```mermaid\n")
    return before + "\n".join(block) + after.partition("```")[2]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
