"""Services from a spreadsheet: previewed, then all of them or none, by the agenda's own rules."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backoffice.tests.desk import at_desk, text_of
from catalog.models import ProductChange
from catalog.tests.factories import NOW, OWNER, variant
from scheduling.errors import WouldStrand
from scheduling.models import Professional, ProfessionalService, Service
from spreadsheets import exports, services
from spreadsheets.models import Import, ImportRow
from spreadsheets.services import agenda

pytestmark = pytest.mark.django_db
HEADINGS = "Serviço;Categoria;SKU;Preço;Duração;Quem realiza;Descrição;Na loja"


@pytest.fixture(autouse=True)
def team() -> None:
    for name in ("Ana", "Bia", "Caio"):
        Professional.objects.create(name=name)


def brought(*lines: str) -> Import:
    content = "\r\n".join([HEADINGS, *lines]).encode()
    run = services.begin(kind="services", name="x.csv", content=content, language="pt-br", actor=OWNER, now=NOW)
    return services.prepare(public_id=run.public_id, now=NOW)


def taken(run: Import) -> Import:
    services.confirm(public_id=run.public_id, seal=run.seal)
    return services.take_in(public_id=run.public_id, now=NOW)


def rows(run: Import) -> list[tuple[str, Any, Any]]:
    return list(ImportRow.objects.filter(run=run).order_by("number").values_list("what", "changes", "errors"))


def whole_agenda() -> Any:
    return list(
        Service.objects.order_by("variant__sku").values_list(
            "variant__sku", "variant__product__name", "variant__product__category__name", "variant__price",
            "duration_minutes", "variant__product__status",
        )
    ), sorted(ProfessionalService.objects.values_list("service__variant__sku", "professional__name", "price"))  # fmt: skip


CUT, BEARD = "Corte;Cabelo;;70,00;45 min;ana; BIA;Na tesoura;sim", "Barba;Cabelo > Barba;BARBA;40,00;30;Caio;;não"
CUT = 'Corte;Cabelo;;70,00;45 min;"ana; BIA";Na tesoura;sim'


def test_a_list_becomes_services_with_lengths_and_people() -> None:
    run = brought(CUT, BEARD)
    assert (run.fresh, run.wrong, Service.objects.count()) == (2, 0, 0)

    taken(run)

    assert whole_agenda() == (
        [
            ("BARBA", "Barba", "Barba", Decimal("40.00"), 30, "draft"),
            ("CORTE", "Corte", "Cabelo", Decimal("70.00"), 45, "published"),
        ],
        [("BARBA", "Caio", None), ("CORTE", "Ana", None), ("CORTE", "Bia", None)],
    )


def test_changes_are_shown_field_by_field_and_only_they_are_written() -> None:
    taken(brought(CUT, BEARD))
    ProfessionalService.objects.filter(professional__name="Bia").update(price=Decimal("90.00"))
    before = ProductChange.objects.count()

    run = brought("corte;;;75,00;1h;Bia;Caio;;".replace("Bia;Caio", '"Bia;Caio"'), ";;BARBA;40,00;30;Caio;;não")

    assert rows(run) == [
        (
            "changed",
            [
                ["name", "Corte", "corte"],
                ["price", "70.00", "75.00"],
                ["duration", 45, 60],
                ["performers", "Ana; Bia", "Bia; Caio"],
            ],
            [],
        ),
        ("same", [], []),
    ]
    assert taken(run).state == "done"
    assert whole_agenda()[1] == [
        ("BARBA", "Caio", None), ("CORTE", "Bia", Decimal("90.00")), ("CORTE", "Caio", None),
    ]  # fmt: skip
    assert Service.objects.get(variant__sku="CORTE").duration_minutes == 60
    assert set(ProductChange.objects.order_by("pk").values_list("key", flat=True)[before:]) == {"name", "price"}


def test_performers_stand_where_portuguese_has_them() -> None:
    Professional.objects.filter(name="Caio").update(name="Água")
    taken(brought('Corte;Cabelo;;70,00;45;"Bia; Água; Ana";;sim'))

    run = brought(';;CORTE;;;"Bia; Água";;')

    assert rows(run) == [("changed", [["performers", "Água; Ana; Bia", "Água; Bia"]], [])]
    assert [[cell for cell in row if "Bia" in str(cell)] for row in exports.services() if "CORTE" in row] == [
        ["Água; Ana; Bia"]
    ]


def test_rows_that_cannot_be_are_wrong_for_a_reason() -> None:
    taken(brought(CUT))
    variant(sku="PAO")
    Professional.objects.create(name="Ana")

    run = brought(
        ";;PAO;1;;;;",
        ";;NADA;1;;;;",
        "Novo;Cabelo;;;30;;;",
        "Novo 2;Cabelo;;5;;;;",
        "Novo 3;;;5;30;;;",
        "Novo 4;Cabelo;;5;30;Zé;;",
        "Novo 5;Cabelo;;5;30;Ana;;",
        "Corte;;;5;;;;",
        ";;CORTE;6;;;;",
        "Novo 6;Cabelo;;1.234;2 anos;;;",
    )

    problems = [errors[0][1] if errors else None for _what, _changes, errors in rows(run)]
    assert problems[:9] == [
        "is_goods", "unknown_sku", "price_missing", "length_missing", "category_missing", "unknown_person",
        "several_people", None, "row_twice",
    ]  # fmt: skip
    assert [column for column, _text in rows(run)[9][2]] == ["price", "duration"]


def test_too_many_services_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda, "MOST", 1)

    assert brought(CUT, BEARD).wrong == 1


def test_a_price_changed_meanwhile_takes_nothing_in() -> None:
    taken(brought(CUT))
    run = brought('Corte;;;75,00;;"Ana; Bia";;', BEARD)
    services.confirm(public_id=run.public_id, seal=run.seal)
    Service.objects.get().variant.__class__.objects.filter(sku="CORTE").update(price=Decimal("71.00"))

    again = services.take_in(public_id=run.public_id, now=NOW)

    assert again.state == "ready"
    assert rows(again)[0][1] == [["price", "71.00", "75.00"]]
    assert Service.objects.count() == 1
    assert taken(again).state == "done"


def test_what_would_leave_people_without_their_time_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    taken(brought(CUT))
    run = brought(BEARD, "Corte;;;;;Bia;;")
    services.confirm(public_id=run.public_id, seal=run.seal)

    def stranding(**_setup: Any) -> None:
        raise WouldStrand(appointments=["João, 10h"])

    monkeypatch.setattr("scheduling.services.keep_rows", stranding)
    again = services.take_in(public_id=run.public_id, now=NOW)

    assert again.state == "ready"
    assert again.problem
    assert Service.objects.count() == 1


def test_what_was_saved_is_brought_back_unchanged() -> None:
    taken(brought(CUT, BEARD))
    owner = at_desk(role="owner")
    saved = b"".join(
        owner.get("/admin/spreadsheets/export/services.csv", HTTP_ACCEPT_LANGUAGE="pt-br").streaming_content  # type: ignore[attr-defined]
    )

    answer = owner.post(
        "/admin/spreadsheets/bring/services/", {"file": SimpleUploadedFile("s.csv", saved)}, follow=True
    )

    assert "45" in saved.decode()
    assert Import.objects.latest("pk").same == 2
    assert "Corte" in text_of(answer)
