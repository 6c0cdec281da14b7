"""Pages that follow from the code say what it says."""

import pytest

from devstack.state import ROOT
from operations.explained import fresh, stale
from operations.explained.tables import table, with_tables


def test_no_page_is_stale() -> None:
    assert stale(docs=ROOT / "docs") == [], "run `make docs`"


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("operations/watching.md", "`balcao_build_info`"),
        ("database/README.md", "`orders_orderline`"),
        ("database/orders.md", "order_total_adds_up"),
    ],
)
def test_a_row_that_says_something_else_is_found(place: str, word: str) -> None:
    text = (ROOT / "docs" / place).read_text()
    assert word in text
    assert fresh(place, text=text.replace(word, "`another`", 1)) == text


def test_rows_are_replaced_and_all_else_stays() -> None:
    page = "# Page\n\n| a | b |\n|---|---|\n| old | row |\n\nText.\n\n| c |\n|---|\n"
    found = with_tables(page, {("a", "b"): [("1", "x|y")], ("c",): [("3",)]})
    assert found == "# Page\n\n| a | b |\n|---|---|\n| 1 | x\\|y |\n\nText.\n\n| c |\n|---|\n| 3 |\n"
    with pytest.raises(ValueError, match="no table of d"):
        with_tables(page, {("d",): []})
    assert table(("a",), []) == ["| a |", "|---|"]
