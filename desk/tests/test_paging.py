"""A long list is counted to a bound and says so."""

import pytest
from django.contrib.auth.models import Group
from django.template import Context, Template

from common.testing import statements
from desk import paging
from desk.paging import AtLeast, BoundedPaginator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNTED", 10)


@pytest.mark.parametrize(("rows", "shown", "pages"), [(0, "0", 1), (10, "10", 3), (11, "10+", 3), (40, "10+", 3)])
def test_a_list_is_counted_to_its_bound(rows: int, shown: str, pages: int) -> None:
    Group.objects.bulk_create([Group(name=f"g{number:02}") for number in range(rows)])
    with statements() as ran:
        paginator = BoundedPaginator(Group.objects.order_by("name"), 4)
        assert (str(paginator.count), paginator.num_pages) == (shown, pages)
    assert len(ran) == 1
    assert "LIMIT 11" in ran[0]
    assert "ORDER BY" not in ran[0]


def test_a_bounded_number_is_shown_as_one() -> None:
    assert Template("{{ number }} linhas").render(Context({"number": AtLeast(1000)})) == "1000+ linhas"
    assert AtLeast(1000) == 1000
