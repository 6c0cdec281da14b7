"""What counts as too low a figure."""

from typing import Any

from tools import lighthouse


def page(*lost: str, **scores: list[int]) -> dict[str, Any]:
    return {"scores": scores, "lost": list(lost)}


def test_the_median_counts() -> None:
    found = {"home": page(performance=[40, 96, 97, 95, 99]), "product": page(performance=[94, 99, 94])}
    assert lighthouse.below(found) == ["product: performance 94"]


def test_closed_pages_are_not_judged_by_search_engines() -> None:
    found = {"checkout": page(seo=[60], accessibility=[94]), "home": page(seo=[94], accessibility=[95])}
    assert lighthouse.below(found) == ["checkout: accessibility 94", "home: seo 94"]


def test_the_table_says_what_cost_points() -> None:
    said = lighthouse.table({"home": page("seo: no title", seo=[80])})
    assert said.splitlines() == ["home      seo 80", "          seo: no title"]
