"""The owner's manual: every picture is there and small, every page it names exists, and its table is written by a command."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backoffice.tests.desk import at_desk
from tools import manual

PAGE = manual.PAGE.read_text()
PAGES = sorted(set(re.findall(r"`(/admin/[\w/-]*)`", PAGE)))
LINKS = sorted(set(re.findall(r"\]\((?!http)([^)#]+)", PAGE)))
DAY = [
    {"name": "Vender", "clicks": 2, "letters": 13, "seconds": 5},
    {"name": "Fechar", "clicks": 6, "letters": 7, "seconds": 7},
]


@pytest.fixture
def owner() -> Client:
    return at_desk(role="owner")


def test_it_names_pages_and_shows_pictures() -> None:
    assert len(PAGES) > 10
    assert len(manual.named(PAGE)) > 10
    assert set(manual.named(PAGE)) == {picture.name for picture in manual.PICTURES.iterdir()}


@pytest.mark.parametrize("link", LINKS)
def test_what_it_links_to_is_there_and_small(link: str) -> None:
    target = manual.PAGE.parent / link
    assert target.exists()
    assert target.suffix != ".webp" or target.stat().st_size <= manual.LARGEST


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_page_it_names_opens_for_the_owner(path: str, owner: Client) -> None:
    assert owner.get(path, follow=True).status_code == 200


def test_the_table_adds_up() -> None:
    lines = manual.table(
        {"1440": DAY, "390": [{**row, "clicks": row["clicks"] + 1} for row in _numbers()]}
    ).splitlines()
    assert lines[2:] == [
        "| Vender | 2 | 3 | 13 | 5 | 5 |",
        "| Fechar | 6 | 7 | 7 | 7 | 7 |",
        "| **o dia inteiro** | 8 | 10 | 20 | 12 | 12 |",
    ]


def _numbers() -> list[dict[str, Any]]:
    return [dict(row) for row in DAY]


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"before\n{manual.BEGINS}\nold\n{manual.ENDS}\nafter\n"
    written = manual.between_the_marks(page, "new")
    assert written == f"before\n{manual.BEGINS}\n\nnew\n\n{manual.ENDS}\nafter\n"
    assert manual.between_the_marks(written, "new") == written
    with pytest.raises(manual.ManualError, match="lost its marks"):
        manual.between_the_marks("a page without marks", "new")


def test_a_picture_that_no_walk_takes_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(manual.ManualError, match="takes no pictures"):
        manual.make(tmp_path)
    assert manual.PAGE.read_text() == PAGE
