"""What operators ask about stock and times: answered by the rows, refused in one line, with an exit code for scripts."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from backoffice.tests.desk import at_desk
from cart.tests.factories import a_cart
from catalog.models import Variant
from inventory import services as inventory
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.tests.factories import MONDAY, STAFF, receive, stocked
from operations.integrity import findings
from orders.tests.doors import an_order
from scheduling.models import ProfessionalService, TimeOff
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(settings: Any) -> Iterator[None]:
    settings.SHOP_NOW = MONDAY
    with translation.override("pt-br"):
        yield


def ask(*words: str) -> tuple[int, list[str]]:
    """Return the exit code and the lines; a refusal's own line comes last."""
    out = StringIO()
    try:
        call_command(*words, stdout=out)
    except CommandError as problem:
        return problem.returncode, [*out.getvalue().splitlines(), str(problem)]
    return 0, out.getvalue().splitlines()


class TestStockAt:
    def test_units_of_an_instant_are_what_had_moved_by_then(self) -> None:
        stocked(sku="PAO", units=10)
        receive(sku="PAO", units=5, now=MONDAY + DAY)
        inventory.adjust_stock(
            sku="PAO", operation="remove", quantity=3, reason="Quebra", actor=STAFF, now=MONDAY + 2 * DAY
        )
        StockItem.objects.update(on_hand=99)  # whatever the figure says
        for asked, units in (
            ("2026-03-02T08:59:59", "0"),
            ("2026-03-02T09:00", "10"),
            ("2026-03-03T08:59:59-03:00", "10"),
            ("2026-03-03T12:00+00:00", "15"),
            ("2026-03-04 09:00", "12"),
            ("2199-12-31T23:59", "12"),
        ):
            code, lines = ask("stock_at", "--sku", "PAO", "--at", asked)
            assert (code, lines[0].partition(": ")[2].split()[0]) == (0, units), asked
        assert lines[1] == "Última mudança: -3 em 4 de março de 2026 às 09:00. Retirado: Quebra"

    @pytest.mark.parametrize("sku", ["NADA", "CORTE", "\udcff", "", "P" * 5000])
    def test_what_has_no_units_is_refused(self, sku: str) -> None:
        make.salon()
        code, lines = ask("stock_at", "--sku", sku, "--at", "2026-03-02T09:00")
        assert (code, len(lines)) == (2, 1)

    @pytest.mark.parametrize(
        "at", ["", "ontem", "2026-02-30T10:00", "0001-01-01T00:00", "9999-12-31T23:59:59", "2026-03-02T25:00", "1e9"]
    )
    def test_what_is_no_instant_is_refused(self, at: str) -> None:
        stocked(sku="PAO", units=1)
        code, lines = ask("stock_at", "--sku", "PAO", "--at", at)
        assert code == 2
        assert [line for line in lines if "2026-12-24T15:00" not in line] == []


class TestReconcile:
    def test_agreeing_stock_is_left_alone(self) -> None:
        stocked(sku="PAO", units=10, price="5.00")
        an_order({"PAO": 3})
        assert ask("reconcile_stock", "--repair") == (0, ["Todo o estoque bate com os movimentos e as reservas."])

    def test_what_differs_is_told_and_mended_only_where_asked(self) -> None:
        for sku in ("PAO", "BOLO", "FIM"):
            stocked(sku=sku, units=10, price="5.00")
        an_order({"PAO": 3})
        movements = list(StockMovement.objects.values())
        StockItem.objects.filter(variant__sku="PAO").update(on_hand=12, reserved=7)
        StockItem.objects.filter(variant__sku="BOLO").update(reserved=1)
        told = [
            "BOLO: na loja 10, pelos movimentos 10; guardado 1, pelas reservas 0",
            "PAO: na loja 12, pelos movimentos 10; guardado 7, pelas reservas 3",
        ]
        for words in ((), ("--repair", "--dry-run")):
            assert ask("reconcile_stock", *words) == (1, [*told, "2 SKUs não batem com as suas linhas."])
        assert ask("reconcile_stock", "--sku", "PAO")[1][0] == told[1]
        assert ask("reconcile_stock", "--sku", "FIM")[0] == 0
        assert len(findings(now=MONDAY)) > 0

        code, lines = ask("reconcile_stock", "--repair")
        assert (code, [line for line in lines if not line.startswith(" ")][:2]) == (0, told)
        figures = (
            dict(StockItem.objects.values_list("variant__sku", "on_hand")),
            dict(StockItem.objects.values_list("variant__sku", "reserved")),
        )
        assert figures == ({"PAO": 10, "BOLO": 10, "FIM": 10}, {"PAO": 3, "BOLO": 0, "FIM": 0})
        assert list(StockMovement.objects.values()) == movements
        assert findings(now=MONDAY) == []

    def test_more_promised_than_has_come_is_nobodys_to_mend_but_people(self) -> None:
        stocked(sku="PAO", units=2, price="5.00")
        an_order({"PAO": 2})
        StockItem.objects.update(on_hand=20, reserved=9)
        StockReservation.objects.update(quantity=9)
        code, lines = ask("reconcile_stock", "--repair")
        assert (code, lines[1]) == (
            1,
            "  Está prometido mais do que chegou: conte, ou cancele o que guarda as unidades.",
        )
        assert StockItem.objects.values_list("on_hand", "reserved").get() == (20, 9)

    def test_an_unknown_sku_is_refused(self) -> None:
        assert ask("reconcile_stock", "--sku", "NADA")[0] == 2


class TestGoods:
    def verdict_at_desk(self, client: Client) -> str:
        item = StockItem.objects.get(variant__sku="BOLO")
        return str(client.get(f"/admin/why/stock/{item.pk}/").context["verdict"])

    def test_says_what_the_desk_says(self) -> None:
        desk = at_desk(role="owner")
        stocked(sku="BOLO", units=3, price="59.90")
        code, lines = ask("why_not_available", "--sku", "BOLO")
        assert (code, lines[0].partition(": ")[2]) == (0, self.verdict_at_desk(desk))
        order = an_order({"BOLO": 2}, customer={"name": "Ana Lima", "email": "ana@example.com"})
        a_cart({"BOLO": 1})
        code, lines = ask("why_not_available", "--sku", "BOLO")
        assert (code, lines[0].partition(": ")[2]) == (1, self.verdict_at_desk(desk))
        assert lines[1:4] == ["  Na loja: 3", "  Guardado para alguém: 3", "  Pode ser vendido agora: 0"]
        assert max(lines[4:6]) == f"  2: Pedido {order['number']}"
        assert min(lines[4:6]).startswith("  1: Num carrinho, até ")
        assert "Ana" not in "".join(lines)
        Variant.objects.filter(sku="BOLO").update(is_active=False)
        code, lines = ask("why_not_available", "--sku", "BOLO")
        assert (code, lines[0].partition(": ")[2]) == (1, self.verdict_at_desk(desk))

    def test_goods_that_never_came_are_not_there(self) -> None:
        stocked(sku="NOVO", units=0)
        code, lines = ask("why_not_available", "--sku", "NOVO")
        assert (code, "Não há nenhum" in lines[0] or "Não há" in lines[0]) == (1, True)

    @pytest.mark.parametrize(
        "words", [(), ("--sku", "A", "--service", "B"), ("--sku", "NADA"), ("--sku", "CORTE"), ("--sku", "\udcff")]
    )
    def test_what_means_nothing_is_refused_in_a_line(self, words: tuple[str, ...]) -> None:
        make.salon()
        code, lines = ask("why_not_available", *words)
        assert (code, len(lines)) == (2, 1)


class TestTimes:
    def test_says_what_the_desk_says(self) -> None:
        salon = make.salon()
        make.book(at(10), who=salon.id("Ana"))
        code, lines = ask("why_not_available", "--service", "CORTE", "--day", "2026-03-03", "--professional", "ana")
        assert code == 0
        assert lines[0].startswith("Ana, ")
        asked = {"service": "CORTE", "professional": str(salon.id("Ana")), "day": "2026-03-03"}
        rows = at_desk(role="owner").get("/admin/why/", asked).context["rows"]
        assert lines[1:] == [f"  {span}  {' '.join(why)}" for span, why in rows]

    def test_a_day_without_a_free_time_names_the_next(self) -> None:
        salon = make.salon()
        for person in salon.people.values():
            TimeOff.objects.create(professional=person, starts_at=at(0), ends_at=at(0, day=2), reason="Curso")
        code, lines = ask("why_not_available", "--service", "CORTE", "--day", "2026-03-03")
        assert (code, lines[-1]) == (1, "Indisponível.")
        assert lines[-2].startswith("O próximo horário livre é 4 de março de 2026 às ")

    def test_the_window_is_bound_by_notice_and_horizon(self) -> None:
        make.salon()
        far = ("--service", "CORTE", "--day", "2027-03-02")
        assert ask("why_not_available", *far)[0] == 0
        code, lines = ask("why_not_available", *far, "--window")
        assert (code, [line for line in lines if "Longe demais" in line] != []) == (1, True)

    def test_what_is_not_sold_or_done_by_nobody_is_not_available(self) -> None:
        make.salon()
        ProfessionalService.objects.all().delete()
        assert ask("why_not_available", "--service", "CORTE") == (1, ["Ninguém faz tudo isso.", "Indisponível."])
        Variant.objects.filter(sku="CORTE").update(is_active=False)
        code, lines = ask("why_not_available", "--service", "CORTE")
        assert (code, lines[0].startswith("Não está à venda")) == (1, True)

    @pytest.mark.parametrize(
        "words",
        [
            ("--service", "NADA"),
            ("--service", "\udcff"),
            ("--service", "CORTE", "--day", "amanhã"),
            ("--service", "CORTE", "--day", "1999-01-01"),
            ("--service", "CORTE", "--professional", "Ninguém"),
            ("--service", "CORTE") * 40,
        ],
    )
    def test_what_means_nothing_is_refused_in_a_line(self, words: tuple[str, ...]) -> None:
        make.salon()
        code, lines = ask("why_not_available", *words)
        assert (code, len(lines)) == (2, 1)
