"""The desk's pages: rules in words, statements, payouts, and each professional's own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, complaints_of, member, messages_of, text_of
from catalog.models import Product
from commissions.models import CommissionEntry, CommissionPayout, CommissionRule
from commissions.tests.factories import MONDAY, charge, rule
from commissions.wording import rule_words
from common.testing import statements
from orders.tests.factories import stocked
from scheduling.models import AvailabilityRule, Professional, ProfessionalService
from scheduling.tests.factories import Salon, at, booked, salon

pytestmark = pytest.mark.django_db
ADD = "admin:commissions_commissionrule_add"


@pytest.fixture
def shop(settings: Any) -> Salon:
    settings.SHOP_NOW = MONDAY
    return salon(names=("Ana", "Bia"))


@pytest.fixture
def owner(shop: Salon) -> Client:
    return at_desk(role="owner")


def typed(person: Professional, **values: Any) -> dict[str, Any]:
    page = {
        "professional": str(person.pk), "target": "visit", "product": "", "share": "40%", "discount_borne_by": "both",
        "consumables": "", "fee_borne_by": "shop", "card_fee": "", "pix_fee": "", "valid_from": "02/03/2026",
    }  # fmt: skip
    return page | values


def of(name: str, *args: int) -> str:
    return reverse(f"admin:commissions_commissionentry_{name}", args=args)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "40% de todos os serviços, depois do desconto"),
        ({"share": "33,33%", "discount_borne_by": "shop"}, "33,33% de todos os serviços, antes do desconto"),
        ({"share": "R$ 15,00", "target": "goods"}, "R$ 15,00 por unidade: todos os produtos"),
        (
            {"discount_borne_by": "professional", "consumables": "5,50"},
            "40% de todos os serviços, o desconto sai da comissão, menos R$ 5,50 de materiais",
        ),
        (
            {"fee_borne_by": "both", "card_fee": "3,49", "pix_fee": "1"},
            "40% de todos os serviços, depois do desconto, depois da taxa (cartão 3,49%, Pix 1%)",
        ),
        (
            {"fee_borne_by": "professional", "card_fee": "3.5%"},
            "40% de todos os serviços, depois do desconto, a taxa sai da comissão (cartão 3,5%)",
        ),
    ],
)
def test_a_rule_is_typed_on_one_page_and_said_in_words(
    shop: Salon, owner: Client, values: dict[str, str], words: str
) -> None:
    answer = owner.post(reverse(ADD), typed(shop.people["Ana"], **values), follow=True)
    assert words in text_of(answer)
    assert rule_words(CommissionRule.objects.get()) == words
    assert MONDAY <= CommissionRule.objects.get().starts_at < MONDAY + timedelta(minutes=5)


def test_a_rule_for_a_service_a_product_or_a_category(shop: Salon, owner: Client) -> None:
    cut, cake = shop.services["CORTE"], stocked(sku="BOLO", units=1).product
    wanted = [
        {"target": f"service:{cut.pk}"},
        {"target": "product", "product": str(cake.pk)},
        {"target": f"category:{cake.category_id}"},
    ]
    for values in wanted:
        assert owner.post(reverse(ADD), typed(shop.people["Ana"], **values)).status_code == 302
    said = [rule_words(one).split(",")[0] for one in CommissionRule.objects.order_by("pk")]
    assert said == ["40% de Corte", f"40% de {cake.name}", f"40% de tudo em {cake.category.name}"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"share": "40"}, "Quanto: Digite 40% ou R$ 40,00."),
        ({"share": "140%"}, "Quanto: De 0 a 100%, com duas casas no máximo."),
        ({"share": "muito"}, "Quanto: Digite 40% ou R$ 40,00."),
        ({"target": "product"}, "Produto: Escolha o produto."),
        ({"valid_from": "01/03/2026"}, "Válido de: Hoje, no mínimo: o que já foi ganho nunca muda."),
        ({"fee_borne_by": "both"}, "Taxa do cartão em %: Diga de quanto é a taxa."),
        ({"fee_borne_by": "both", "card_fee": "31"}, "Taxa do cartão em %: De 0 a 30%."),
    ],
)
def test_what_no_rule_can_say_is_refused_beside_its_field(
    shop: Salon, owner: Client, values: dict[str, str], complaint: str
) -> None:
    answer = owner.post(reverse(ADD), typed(shop.people["Ana"], **values))
    assert complaints_of(answer) == [complaint]
    assert not CommissionRule.objects.exists()


def test_a_rule_gets_a_last_day_and_no_second_one(shop: Salon, owner: Client) -> None:
    made = rule(shop.people["Ana"])
    page = reverse("admin:commissions_commissionrule_end", args=[made.pk])
    assert "40% de todos os serviços" in text_of(owner.get(page))
    assert owner.post(page, {"last_day": "2026-03-01"}).status_code == 400
    assert owner.post(page, {"last_day": "2026-03-10"}).status_code == 302
    assert owner.post(page, {"last_day": "2026-03-20"}).status_code == 409
    made.refresh_from_db()
    assert made.ends_at is not None
    assert made.ends_at.isoformat() == "2026-03-11T03:00:00+00:00"
    listed = text_of(owner.get(reverse("admin:commissions_commissionrule_changelist")))
    assert "10/03/2026" in listed


def test_where_nobody_could_earn_the_page_says_so_and_leads_there(shop: Salon, owner: Client) -> None:
    assert not owner.get(reverse(ADD)).context["desk_page"]["missing"]
    ProfessionalService.objects.all().delete()
    AvailabilityRule.objects.all().delete()
    Professional.objects.all().delete()
    page = owner.get(reverse(ADD))
    [(told, leads)] = page.context["desk_page"]["missing"]
    assert str(told) in text_of(page)
    assert owner.get(leads).status_code == 200


def earned(shop: Salon, *names: str) -> None:
    for name in names:
        rule(shop.people[name])
        charge(booked(at(10), who=shop.id(name)))


def test_the_overview_and_a_statement_add_up(shop: Salon, owner: Client) -> None:
    earned(shop, "Ana", "Bia")
    overview = text_of(owner.get(of("changelist")))
    assert overview.count("R$ 20,00") >= 4
    assert "R$ 40,00" in overview
    page = owner.get(of("statement", shop.people["Ana"].pk), {"first": "2026-03-01", "last": "2026-03-02"})
    shown = text_of(page)
    assert "Corte" in shown
    assert "40% de todos os serviços, depois do desconto" in shown
    assert page.context["figures"]["payable"] == "R$ 20,00"
    entry = CommissionEntry.objects.first()
    assert entry is not None
    assert "R$ 50,00" in text_of(owner.get(reverse("admin:commissions_commissionentry_change", args=[entry.pk])))


def test_days_in_the_wrong_order_are_told_and_no_table_comes(shop: Salon, owner: Client) -> None:
    wrong = {"first": "2026-03-02", "last": "2026-03-01"}
    for page in (of("changelist"), of("statement", shop.people["Ana"].pk)):
        answer = owner.get(page, wrong)
        assert answer.status_code == 400
        assert "O último dia vem antes do primeiro." in text_of(answer)
    assert owner.get(of("csv", shop.people["Ana"].pk), wrong).status_code == 400
    assert owner.get(of("changelist"), {"first": "ontem"}).status_code == 400


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2200-01-01", "1999-12-31"])
def test_days_off_the_calendar_are_told_and_break_no_page(shop: Salon, owner: Client, day: str) -> None:
    for page in (of("changelist"), of("statement", shop.people["Ana"].pk), of("csv", shop.people["Ana"].pk)):
        answer = owner.get(page, {"first": "2026-03-01", "last": day})
        assert answer.status_code == 400
    written = rule(shop.people["Ana"])
    answer = owner.post(reverse("admin:commissions_commissionrule_end", args=[written.pk]), {"last_day": day})
    assert "Informe uma data válida." in text_of(answer)
    written.refresh_from_db()
    assert written.ends_at is None


def test_paying_closes_what_was_shown_and_a_second_click_does_nothing(shop: Salon, owner: Client) -> None:
    earned(shop, "Ana")
    page = of("pay", shop.people["Ana"].pk)
    asked = owner.get(page)
    form = asked.context["form"]
    sent = {"method": "pix", "note": "Pix da semana", "amount": "20.00", "until": "2026-03-02"}
    sent["key"] = str(form["key"].value())
    assert form["amount"].value() == Decimal("20.00")
    for _click in range(2):
        answer = owner.post(page, sent, follow=True)
        assert messages_of(answer) == ["Pago e registrado."]
    payout = CommissionPayout.objects.get()
    assert "Corte" in text_of(owner.get(reverse("admin:commissions_commissionpayout_change", args=[payout.pk])))
    assert "Pix da semana" in text_of(owner.get(of("statement", shop.people["Ana"].pk)))
    late = owner.post(page, sent | {"key": "6fd0c2b8-8f0f-4a4e-9d0a-1b6a4c1f6d11"})
    assert late.status_code == 409
    assert "agora são R$ 0,00 a pagar" in text_of(late)
    assert CommissionPayout.objects.count() == 1


def test_the_table_opens_in_a_spreadsheet_and_works_nothing_out(shop: Salon, owner: Client) -> None:
    Product.objects.filter(slug="corte").update(name="=1+1")
    earned(shop, "Ana")
    answer: Any = owner.get(of("csv", shop.people["Ana"].pk))
    content = b"".join(answer.streaming_content).decode()
    lines = content.splitlines()
    assert content.startswith("\ufeffDia;Pedido;")
    assert lines[1].endswith(";50,00;20,00;não")
    assert not any(cell.startswith("=") for line in lines for cell in line.split(";"))
    assert lines[-1] == "Total;;;;;;20,00;"
    assert answer["Content-Disposition"].startswith('attachment; filename="comissoes-')


def test_a_professional_sees_their_own_and_nobody_elses(shop: Salon) -> None:
    earned(shop, "Ana", "Bia")
    login = member(role="professional")
    Professional.objects.filter(name="Ana").update(user=login)
    desk = Client()
    desk.force_login(login)
    shown = text_of(desk.get(of("own")))
    assert "Comissões de Ana" in shown
    assert "R$ 20,00" in shown
    bia = shop.people["Bia"].pk
    table: Any = desk.get(of("own_csv"))
    assert b"".join(table.streaming_content).decode().splitlines()[-1] == "Total;;;;;;20,00;"
    closed = [
        of("changelist"),
        of("statement", bia),
        of("csv", bia),
        of("pay", bia),
        of("statement", shop.people["Ana"].pk),
    ]
    closed += [reverse(f"admin:commissions_commission{name}_changelist") for name in ("rule", "payout")]
    entry = CommissionEntry.objects.get(professional=bia)
    closed.append(reverse("admin:commissions_commissionentry_change", args=[entry.pk]))
    assert [desk.get(page).status_code for page in closed] == [403] * len(closed)
    assert desk.post(of("pay", bia), {}).status_code == 403


def test_a_login_that_is_no_professional_is_told_so_and_the_counter_stays_out(shop: Salon) -> None:
    assert "Seu acesso não é de nenhum profissional." in text_of(at_desk(role="professional").get(of("own")))
    counter = at_desk(role="counter", name="Zé")
    assert [counter.get(of(name)).status_code for name in ("own", "changelist")] == [403, 403]


def test_the_pages_count_their_statements(shop: Salon, owner: Client) -> None:
    earned(shop, "Ana", "Bia")
    counts = []
    for hour in (14, 15):
        for page in (of("changelist"), of("statement", shop.people["Ana"].pk)):
            with statements() as found:
                assert owner.get(page).status_code == 200
            counts.append(len([one for one in found if "commissions_" in one]))
        charge(booked(at(hour), who=shop.id("Ana")))
    assert counts == [2, 5, 2, 5]
