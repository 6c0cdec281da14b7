"""A list works out once what all its rows share."""

from typing import Any

import pytest
from django.urls import reverse
from unfold.templatetags import unfold_list

from accounts.tests import factories as people
from backoffice.tests.desk import at_desk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [2, 12])
def test_the_headers_of_a_list_are_worked_out_once_however_many_rows_it_has(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    original = unfold_list.label_for_field

    def label_for_field(name: str, *args: Any, **more: Any) -> Any:
        asked.append(name)
        return original(name, *args, **more)

    monkeypatch.setattr(unfold_list, "label_for_field", label_for_field)
    for number in range(rows):
        people.customer(name=f"Ana {number:02}", email=f"ana{number}@cliente.example")
    desk = at_desk(role="owner")
    for ordering, first in (("1", "Ana 00"), ("-1", f"Ana {rows - 1:02}")):
        asked.clear()
        page = desk.get(reverse("admin:accounts_customer_changelist"), {"o": ordering})
        text = page.content.decode()
        assert len(asked) == len(set(asked)) > 2
        assert min((f"Ana {number:02}" for number in range(rows)), key=text.index) == first
