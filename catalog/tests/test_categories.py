"""The tree of categories."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import selectors
from catalog import services as catalog
from catalog.errors import CategoryInUse, CategoryLoop, CategoryTooDeep, SlugTaken
from catalog.models import Category
from catalog.tests import factories
from common.errors import Malformed, NotFound, Refusal
from common.testing import race

pytestmark = pytest.mark.django_db


def refused(work: Callable[[], Any], refusal: type[Refusal]) -> Refusal:
    before = list(Category.objects.order_by("pk").values())
    with pytest.raises(refusal) as caught:
        work()
    assert list(Category.objects.order_by("pk").values()) == before
    return caught.value


def move(category: Category, parent: Category | None) -> Category:
    return catalog.change_category(
        category_id=category.pk,
        name=category.name,
        slug="",
        parent_id=parent.pk if parent else None,
        position=category.position,
    )


def test_a_tree_grows() -> None:
    bakery = catalog.create_category(name=" Padaria ")
    breads = catalog.create_category(name="Pães", parent_id=bakery.pk)
    cakes = catalog.create_category(name="Bolos", parent_id=bakery.pk)
    barber = catalog.create_category(name="Barbearia", slug="barba")
    assert [(row.slug, row.position) for row in (bakery, breads, cakes, barber)] == [
        ("padaria", 0),
        ("paes", 0),
        ("bolos", 1),
        ("barba", 1),
    ]
    assert selectors.category_paths() == {
        bakery.pk: "Padaria",
        breads.pk: "Padaria › Pães",
        cakes.pk: "Padaria › Bolos",
        barber.pk: "Barbearia",
    }
    assert sorted(selectors.category_ids(slug="padaria")) == [bakery.pk, breads.pk, cakes.pk]
    assert selectors.category_ids(slug="nada") == []


def test_a_category_is_renamed_and_moved() -> None:
    bakery, cakes = catalog.create_category(name="Padaria"), catalog.create_category(name="Bolos")
    changed = catalog.change_category(
        category_id=cakes.pk, name="Bolos e tortas", slug="", parent_id=bakery.pk, position=3
    )
    assert (changed.slug, changed.name, changed.parent_id, changed.position) == (
        "bolos",
        "Bolos e tortas",
        bakery.pk,
        3,
    )
    again = catalog.change_category(category_id=cakes.pk, name="Bolos", slug="tortas", parent_id=None, position=0)
    assert (again.slug, again.parent_id) == ("tortas", None)


def test_no_category_stands_within_itself() -> None:
    top = catalog.create_category(name="A")
    middle = catalog.create_category(name="B", parent_id=top.pk)
    low = catalog.create_category(name="C", parent_id=middle.pk)
    for parent in (top, middle, low):
        refused(lambda parent=parent: move(top, parent), CategoryLoop)  # type: ignore[misc]
    assert move(low, top).parent_id == top.pk


def test_a_tree_has_six_ranks_at_most() -> None:
    chain = [catalog.create_category(name="0")]
    for number in range(1, 6):
        chain.append(catalog.create_category(name=str(number), parent_id=chain[-1].pk))
    told = refused(lambda: catalog.create_category(name="6", parent_id=chain[-1].pk), CategoryTooDeep)
    assert told.data == {"deepest": 6}
    lone = catalog.create_category(name="lone")
    refused(lambda: move(chain[0], lone), CategoryTooDeep)


def test_refusals() -> None:
    catalog.create_category(name="Padaria")
    other = catalog.create_category(name="Padaria")
    assert other.slug == "padaria-2"
    told = refused(lambda: catalog.create_category(name="X", slug="padaria"), SlugTaken)
    assert told.data == {"slug": "padaria"}
    refused(
        lambda: catalog.change_category(category_id=other.pk, name="X", slug="padaria", parent_id=None, position=0),
        SlugTaken,
    )
    refused(lambda: catalog.create_category(name="X", parent_id=0), NotFound)
    refused(lambda: catalog.change_category(category_id=0, name="X", slug="", parent_id=None, position=0), NotFound)
    for values in ({"name": " "}, {"name": "x" * 81}, {"name": "X", "slug": "a b"}, {"name": "X", "position": -1}):
        refused(lambda values=values: catalog.create_category(**values), Malformed)  # type: ignore[misc]


def test_only_an_empty_category_can_be_removed() -> None:
    top = catalog.create_category(name="A")
    low = catalog.create_category(name="B", parent_id=top.pk)
    factories.product(category=low)
    assert refused(lambda: catalog.remove_category(category_id=top.pk), CategoryInUse).data == {
        "products": 0,
        "categories": 1,
    }
    assert refused(lambda: catalog.remove_category(category_id=low.pk), CategoryInUse).data == {
        "products": 1,
        "categories": 0,
    }
    refused(lambda: catalog.remove_category(category_id=0), NotFound)
    empty = catalog.create_category(name="C")
    catalog.remove_category(category_id=empty.pk)
    assert not Category.objects.filter(pk=empty.pk).exists()


@pytest.mark.parametrize(
    ("values", "constraint"), [({"slug": ""}, "category_slug_given"), ({"name": ""}, "category_name_given")]
)
def test_the_database_refuses_impossible_categories(values: dict[str, str], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.category(**values)


def test_the_database_refuses_a_category_within_itself() -> None:
    row = factories.category()
    with pytest.raises(IntegrityError, match="category_not_its_own_parent"), transaction.atomic():
        connection.cursor().execute("UPDATE catalog_category SET parent_id = id WHERE id = %s", [row.pk])


def test_even_a_loop_made_by_hand_does_not_hang_a_question() -> None:
    first, second = factories.category(), factories.category()
    for row, parent in ((first, second), (second, first)):
        Category.objects.filter(pk=row.pk).update(parent=parent)
    assert sorted(selectors.category_ids(slug=first.slug)) == sorted([first.pk, second.pk])
    assert selectors.category_paths() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_moves_together_close_no_loop() -> None:
    for _round in range(5):
        first, second = factories.category(), factories.category()
        pairs = [(first, second), (second, first)]

        def work(number: int, pairs: list[tuple[Category, Category]] = pairs) -> Category:
            return move(*pairs[number])

        results = race(workers=2, work=work)
        assert sorted(type(result).__name__ for result in results) == ["Category", "CategoryLoop"]
