"""A service with its price, its picture and who performs it, on one page of the desk."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, complaints_of, messages_of, text_of
from backoffice.tests.pages import Tab
from catalog.models import Category, ProductChange, ProductImage, Variant
from catalog.tests.factories import picture_file
from common import clock, locks
from common.testing import statements
from scheduling.models import Professional, ProfessionalService, Service
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/scheduling/service/add/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def desk() -> Client:
    return at_desk(role="owner")


def page_of(service: Service) -> str:
    return reverse("admin:scheduling_service_change", args=[service.pk])


def picture(name: str = "corte.png", **options: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_file(kind="PNG", **options), content_type="image/png")


def performed() -> list[tuple[str, str | None]]:
    rows = ProfessionalService.objects.order_by("professional__name").values_list("professional__name", "price")
    return [(name, str(price) if price is not None else None) for name, price in rows]


def files(media: Path) -> int:
    return len([path for path in media.rglob("*") if path.is_file()])


def test_a_new_one_is_whole_in_one_go(desk: Client, media: Path) -> None:
    ana, _bia = make.professional(name="Ana"), make.professional(name="Bia")
    tab = Tab(desk, ADD)
    tab.type(name="Corte", price="50,00", duration_minutes="30 min", picture=picture())
    tab.type(**{f"performs_{ana.pk}": "on", f"price_{ana.pk}": "60,00"})
    answer = tab.save()
    assert answer.status_code == 302, complaints_of(answer)
    service = Service.objects.get()
    assert (service.name, service.duration_minutes, str(service.variant.price)) == ("Corte", 30, "50.00")
    assert service.variant.product.category.name == "Serviços"
    assert performed() == [("Ana", "60.00")]
    assert (ProductImage.objects.get().alt, files(media)) == ("Corte", 1)
    told = messages_of(desk.get("/admin/scheduling/service/"))
    assert not any("Ninguém faz" in text for text in told)


def test_whoever_works_alone_is_ticked_and_the_last_category_chosen(desk: Client) -> None:
    ana = make.professional(name="Ana")
    make.service(sku="BARBA")
    other = Category.objects.create(slug="outra", name="Outra")
    tab = Tab(desk, ADD)
    assert tab.sent[f"performs_{ana.pk}"] == ["on"]
    assert tab.sent["category"] == [str(Variant.objects.get().product.category_id)] != [str(other.pk)]
    assert tab.type(name="Corte", price="50,00", duration_minutes="30 min").save().status_code == 302
    assert performed() == [("Ana", None)]


def test_one_that_nobody_performs_says_so_whenever_it_is_saved(desk: Client) -> None:
    ana = make.professional(name="Ana")
    tab = Tab(desk, ADD).type(name="Corte", price="50,00", duration_minutes="30 min", **{f"performs_{ana.pk}": None})

    told = messages_of(desk.post(ADD, {**tab.sent, "_save": "1"}, follow=True))
    assert any("Ninguém faz este serviço" in text for text in told), told
    page = page_of(Service.objects.get())
    assert "Ninguém faz este serviço" in text_of(desk.get(page))
    told = messages_of(desk.post(page, {**Tab(desk, page).sent, "_save": "1"}, follow=True))
    assert any("Ninguém faz este serviço" in text for text in told)


def test_name_price_picture_and_who_performs_it_are_changed_together(desk: Client, media: Path) -> None:
    salon = make.salon(names=("Ana", "Bia", "Caio"))
    service = salon.services["CORTE"]
    Professional.objects.filter(name="Caio").update(is_active=False)
    ana, bia = (salon.people[name].pk for name in ("Ana", "Bia"))
    tab = Tab(desk, page_of(service))
    assert (tab.sent["name"], tab.sent["price"], tab.sent[f"performs_{ana}"]) == (["Corte"], ["50,00"], ["on"])
    tab.type(name="Corte na navalha", price="58,50", duration_minutes="40 min", picture=picture())
    tab.type(**{f"performs_{ana}": None, f"price_{bia}": "65,00"})
    answer = tab.save()
    assert answer.status_code == 302, complaints_of(answer)
    service = Service.objects.get()
    assert (service.name, service.duration_minutes, str(service.variant.price)) == ("Corte na navalha", 40, "58.50")
    assert performed() == [("Bia", "65.00"), ("Caio", None)]
    assert {"name", "price", "picture"} <= set(ProductChange.objects.values_list("key", flat=True))

    old = ProductImage.objects.get()
    assert f'<img src="/media/{old.file.name}"' in text_of(desk.get(page_of(service)))
    assert Tab(desk, page_of(service)).type(picture=picture(size=(60, 60))).save().status_code == 302
    assert (ProductImage.objects.get().width, ProductImage.objects.get().pk != old.pk, files(media)) == (60, True, 1)
    assert Tab(desk, page_of(service)).save(**{"picture-clear": "on"}).status_code == 302
    assert (ProductImage.objects.count(), files(media)) == (0, 0)


def test_what_is_wrong_stands_beside_its_field_and_the_picture_is_kept(desk: Client, media: Path) -> None:
    ana = make.professional(name="Ana")
    make.professional(name="Bia")
    tab = Tab(desk, ADD).type(name="Corte", price="caro", duration_minutes="30 min", picture=picture())
    tab.type(**{f"price_{ana.pk}": "60,00"})
    answer = tab.save()
    told = " ".join(complaints_of(answer))
    assert ("Digite um valor" in told, "Marque Ana ou deixe o preço vazio." in told) == (True, True)
    assert ("“corte.png”" in text_of(answer), Service.objects.count(), files(media)) == (True, 0, 0)
    tab.sent.pop("picture", None)
    answer = tab.type(price="50,00", **{f"performs_{ana.pk}": "on"}).save()
    assert answer.status_code == 302, complaints_of(answer)
    assert (ProductImage.objects.count(), performed()) == (1, [("Ana", "60.00")])
    text = SimpleUploadedFile("corte.png", b"not a picture", content_type="image/png")
    answer = Tab(desk, page_of(Service.objects.get())).type(picture=text).save()
    assert (answer.status_code, ProductImage.objects.count()) == (200, 1)


def test_a_price_whose_box_is_unticked_goes_with_it(desk: Client) -> None:
    salon = make.salon(names=("Ana", "Bia"))
    ana = salon.people["Ana"].pk
    ProfessionalService.objects.filter(professional=ana).update(price=Decimal("60.00"))
    tab = Tab(desk, page_of(salon.services["CORTE"]))
    assert tab.sent[f"price_{ana}"] == ["60,00"]
    assert tab.type(**{f"performs_{ana}": None}).save().status_code == 302
    assert performed() == [("Bia", None)]


def test_an_old_tab_overwrites_neither_the_price_nor_who_performs_it(desk: Client) -> None:
    salon = make.salon(names=("Ana", "Bia"))
    service = salon.services["CORTE"]
    bia = salon.people["Bia"].pk
    old = Tab(desk, page_of(service))
    Variant.objects.update(price=Decimal("55.00"))
    ProfessionalService.objects.filter(professional=bia).delete()
    answer = old.type(duration_minutes="45 min").save()
    assert answer.status_code == 409
    shown = text_of(answer)
    assert ("55,00" in shown, "Bia" in shown) == (True, True)
    assert old.save().status_code == 302
    assert (performed(), str(Variant.objects.get().price), Service.objects.get().duration_minutes) == (
        [("Ana", None)], "55.00", 45,
    )  # fmt: skip


def test_the_name_of_a_service_with_variants_is_that_of_all_and_theirs_stay(desk: Client) -> None:
    service = make.service()
    Variant.objects.filter(pk=service.variant_id).update(name="Corte")
    Variant.objects.create(
        sku="CORTE-LONGO", product=service.variant.product, name="Longo", price=Decimal("80.00"), position=1
    )
    tab = Tab(desk, page_of(service))
    assert "Também o nome de: Longo" in text_of(desk.get(tab.address))
    assert tab.type(name="Tesoura").save().status_code == 302
    assert list(Variant.objects.order_by("pk").values_list("name", "price")) == [
        ("Tesoura", Decimal("50.00")), ("Longo", Decimal("80.00")),
    ]  # fmt: skip


@pytest.mark.parametrize("table", ["catalog.product", "scheduling.professional"])
def test_it_waits_for_whoever_saves_the_same_on_another_page(desk: Client, monkeypatch: Any, table: str) -> None:
    salon = make.salon(names=("Ana",))
    service = salon.services["CORTE"]
    pk = salon.people["Ana"].pk if table == "scheduling.professional" else service.variant.product_id
    tab = Tab(desk, page_of(service)).type(price="70,00")
    monkeypatch.setattr("desk.admin.PATIENCE", 0.1)
    with locks.lease([locks.page(table=table, pk=pk)]):
        assert tab.save().status_code == 503
    assert Variant.objects.get().price == Decimal("50.00")
    assert tab.save().status_code == 302
    assert Variant.objects.get().price == Decimal("70.00")


def test_whoever_only_looks_sees_price_length_and_people(desk: Client) -> None:
    salon = make.salon(names=("Ana",))
    shown = text_of(at_desk(role="counter").get(page_of(salon.services["CORTE"])))
    assert ("R$ 50,00" in shown, "Ana" in shown, 'name="price"' in shown) == (True, True, False)


def test_whoever_may_not_write_the_catalogue_changes_the_agenda_alone(desk: Client) -> None:
    salon = make.salon(names=("Ana",))
    client = at_desk(role="counter")
    Permission.objects.get(codename="change_service").user_set.set(
        [client.session["_auth_user_id"]]  # nothing but the agenda's side
    )
    tab = Tab(client, page_of(salon.services["CORTE"]))
    assert {"name", "price", "picture"}.isdisjoint(tab.sent)
    assert tab.type(duration_minutes="50 min").save().status_code == 302
    assert (Service.objects.get().duration_minutes, performed()) == (50, [("Ana", None)])


def test_the_page_costs_as_many_statements_however_many_people_there_are(desk: Client) -> None:
    salon = make.salon(names=("Ana", "Bia"))
    page = page_of(salon.services["CORTE"])
    desk.get(page)
    with statements() as few:
        desk.get(page)
    for number in range(5):
        make.professional(name=f"P{number}", performs=[salon.services["CORTE"]])
    with statements() as many:
        desk.get(page)
    assert len(many) == len(few)
