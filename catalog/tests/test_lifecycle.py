"""What may become of a product, case by case."""

from catalog import lifecycle
from catalog.models import Product


def test_the_table_of_states() -> None:
    table = {verb: dict(states) for verb, states in lifecycle.VERBS.items()}
    assert table == {
        "publish": {"draft": "published", "published": "published"},
        "hide": {"published": "draft", "draft": "draft"},
        "archive": {"draft": "archived", "published": "archived", "archived": "archived"},
        "unarchive": {"archived": "draft"},
    }
    assert {state for states in table.values() for pair in states.items() for state in pair} == set(
        Product.Status.values
    )


def test_a_verb_leads_where_the_table_says_or_nowhere() -> None:
    assert lifecycle.after(verb="hide", status="published") == "draft"
    assert lifecycle.after(verb="unarchive", status="published") is None


def test_only_verbs_that_change_something_are_open() -> None:
    assert lifecycle.open_verbs(status="draft") == ["publish", "archive"]
    assert lifecycle.open_verbs(status="published") == ["hide", "archive"]
    assert lifecycle.open_verbs(status="archived") == ["unarchive"]
