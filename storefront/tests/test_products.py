"""GET /products/ over HTTP: what is listed, found, filtered and ordered, and what a page is."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from catalog import services as catalog
from catalog.models import Variant
from catalog.tests import factories
from common import clock
from common.testing import statements
from inventory.tests.factories import MONDAY
from storefront.tests.shop import OWNER, get, hold, on_sale, picture, slugs, take_off_sale, variant

pytestmark = pytest.mark.django_db


def test_a_card() -> None:
    product = on_sale("Pão de queijo", variant("QUEIJO-G", "6.50"), variant("QUEIJO-P", "3.50"), stock=3)
    picture(product, 1, "Costas")
    picture(product, 0)
    answer = get("/products/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(product.public_id),
                "slug": "pao-de-queijo",
                "name": "Pão de queijo",
                "kind": "goods",
                "category": {"slug": "tudo", "name": "Tudo"},
                "image": {
                    "url": f"/media/products/{product.pk}-0.jpg",
                    "alt": "Pão de queijo",
                    "width": 800,
                    "height": 600,
                },
                "price_from": "3.50",
                "price_to": "6.50",
                "unit": "piece",
                "price_per": 1,
                "currency": "BRL",
                "in_stock": True,
            }
        ],
    }


def test_an_empty_shop_and_a_product_without_a_picture() -> None:
    assert get("/products/").json() == {"count": 0, "next": None, "previous": None, "results": []}
    on_sale("Bolo")
    assert get("/products/").json()["results"][0]["image"] is None


@pytest.mark.fault("A7")
def test_drafts_archived_products_and_products_without_a_variant_for_sale_are_not_listed() -> None:
    on_sale("Rascunho", published=False)
    archived = on_sale("Arquivado")
    catalog.archive(product_id=archived.pk, actor=OWNER, now=MONDAY)
    on_sale("Esgotado", variant("FORA"))
    take_off_sale("FORA")
    on_sale("Bolo", variant("BOLO"), variant("BOLO-BARATO", "1.00"))
    take_off_sale("BOLO-BARATO")
    body = get("/products/").json()
    assert [(row["slug"], row["price_from"]) for row in body["results"]] == [("bolo", "10.00")]
    assert body["count"] == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_is_one_statement_however_long(rows: int) -> None:
    for number in range(rows):
        picture(on_sale(f"Bolo {number}", variant(f"BOLO-{number}"), variant(f"BOLO-{number}-G"), stock=2))
    with statements() as ran:
        found = slugs("/products/?page_size=100&search=bolo&in_stock=true&category=tudo&price_min=1&ordering=-price")
    assert (len(found), len(ran)) == (rows, 1)


def test_a_category_includes_what_stands_below_it() -> None:
    bakery = catalog.create_category(name="Padaria")
    breads = catalog.create_category(name="Pães", parent_id=bakery.pk)
    rolls = catalog.create_category(name="Pãezinhos", parent_id=breads.pk)
    barber = catalog.create_category(name="Barbearia")
    for name, shelf in (("Cesta", bakery), ("Baguete", breads), ("Brioche", rolls), ("Pomada", barber)):
        on_sale(name, category=shelf)
    assert slugs("/products/?category=padaria") == ["baguete", "brioche", "cesta"]
    assert slugs("/products/?category=paes") == ["baguete", "brioche"]
    assert slugs("/products/?category=paezinhos") == ["brioche"]
    assert slugs("/products/?category=nada") == []


def test_words_are_found_in_any_order_without_accents_and_case() -> None:
    on_sale(
        "Pão de queijo", variant("QUEIJO", name="Família"), description="Polvilho azedo e muito queijo da Canastra."
    )
    on_sale("Pão francês")
    on_sale("Queijo Minas")
    assert slugs("/products/?search=pao") == ["pao-de-queijo", "pao-frances"]
    assert slugs("/products/?search=QUEIJO PÃO") == ["pao-de-queijo"]
    assert slugs("/products/?search=  canastra   queijo ") == ["pao-de-queijo"]
    assert slugs("/products/?search=familia") == ["pao-de-queijo"]
    assert slugs("/products/?search=%E2%80%AAfamilia%E2%80%AC") == ["pao-de-queijo"]
    assert slugs("/products/?search=rances") == ["pao-frances"]
    assert slugs("/products/?search=bolo") == []
    assert len(slugs("/products/?search=")) == 3


def test_a_mistake_of_one_letter_finds_what_was_meant() -> None:
    on_sale("Pão de queijo")
    on_sale("Queijo Minas")
    on_sale("Bolo de chocolate", description="Com cobertura.")
    on_sale("Rascunho de xícara", published=False)
    with statements() as ran:
        assert slugs("/products/?search=queijo") == ["pao-de-queijo", "queijo-minas"]
    assert len(ran) == 1
    with statements() as ran:
        assert slugs("/products/?search=quejio minas") == ["queijo-minas"]
    assert len(ran) == 3
    assert slugs("/products/?search=CHOCLA") == ["bolo-de-chocolate"]
    assert slugs("/products/?search=bolo chocolatte") == ["bolo-de-chocolate"]
    assert slugs("/products/?search=xicaras") == []
    with statements() as ran:
        assert slugs("/products/?search=queijo coberturaa") == []
    assert len(ran) == 2
    with statements() as ran:
        assert slugs("/products/?search=xyz") == []
    assert len(ran) == 1
    mended = get("/products/?search=quejo&page_size=1").json()
    assert (mended["count"], len(get("/products/?search=quejo&page_size=1&page=2").json()["results"])) == (2, 1)


@pytest.mark.fault("E14")
def test_signs_that_mean_something_to_the_database_mean_nothing_in_a_search() -> None:
    on_sale("Desconto 50% hoje")
    on_sale("Kit A_B")
    assert slugs("/products/?search=%25") == ["desconto-50-hoje"]
    assert slugs("/products/?search=a_b") == ["kit-a_b"]
    assert slugs("/products/?search=axb") == []
    for text in ("'; DROP TABLE catalog_product; --", "\\", "' OR '1'='1", "%(now)s", "{conditions}"):
        assert slugs("/products/?search=" + text.replace("%", "%25").replace("&", "%26").replace(";", "%3B")) == []


def test_prices_find_a_product_when_any_variant_for_sale_lies_between() -> None:
    on_sale("Barato", variant("B", "5.00"), variant("B-G", "50.00"))
    on_sale("Médio", variant("M", "20.00"))
    on_sale("Caro", variant("C", "99.90"), variant("C-OFF", "60.00"))
    Variant.objects.filter(sku="C-OFF").update(is_active=False)
    assert slugs("/products/?price_min=20") == ["barato", "caro", "medio"]
    assert slugs("/products/?price_min=50.00&price_max=50.00") == ["barato"]
    assert slugs("/products/?price_max=20.00") == ["barato", "medio"]
    assert slugs("/products/?price_min=5.01&price_max=49.99") == ["medio"]
    assert slugs("/products/?price_min=55&price_max=99.89") == []
    assert slugs("/products/?price_min=50&price_max=10") == []
    [card] = get("/products/?price_min=40&price_max=60").json()["results"]
    assert card["price_from"] == "5.00"


def test_in_stock_counts_what_nobody_has_claimed() -> None:
    on_sale("Bolo", variant("BOLO"), stock=2)
    on_sale("Torta", variant("TORTA"))
    on_sale("Corte", variant("CORTE"), kind="service")
    now = clock.now()
    assert slugs("/products/?in_stock=true") == ["bolo", "corte"]
    assert slugs("/products/?in_stock=false") == ["torta"]
    hold("BOLO", 2, until=now + timedelta(hours=1))
    assert slugs("/products/?in_stock=true") == ["corte"]
    assert [row["in_stock"] for row in get("/products/").json()["results"]] == [False, True, False]


def test_a_claim_that_ran_out_counts_for_nothing() -> None:
    on_sale("Bolo", variant("BOLO"), stock=2)
    hold("BOLO", 2, until=MONDAY + timedelta(minutes=15))
    assert slugs("/products/?in_stock=true") == ["bolo"]


def test_kinds() -> None:
    on_sale("Bolo")
    on_sale("Corte", kind="service")
    assert slugs("/products/?kind=goods") == ["bolo"]
    assert slugs("/products/?kind=service") == ["corte"]


def test_orders() -> None:
    on_sale("Bolo", variant("B", "30.00"), now=MONDAY)
    on_sale("Água", variant("A", "4.00"), now=MONDAY + timedelta(days=2))
    on_sale("Bolo de cenoura", variant("C", "30.00"), now=MONDAY + timedelta(days=1), description="A")
    by_name = ["agua", "bolo", "bolo-de-cenoura"]
    assert slugs("/products/") == by_name
    assert slugs("/products/?ordering=name") == by_name
    assert slugs("/products/?ordering=-name") == by_name[::-1]
    assert slugs("/products/?ordering=price") == by_name
    assert slugs("/products/?ordering=-price") == ["bolo", "bolo-de-cenoura", "agua"]
    assert slugs("/products/?ordering=-created_at") == ["agua", "bolo-de-cenoura", "bolo"]


def test_filters_together() -> None:
    breads = catalog.create_category(name="Pães")
    on_sale("Pão francês", variant("F", "1.00"), category=breads, stock=1)
    on_sale("Pão italiano", variant("I", "20.00"), category=breads, stock=1)
    on_sale("Pão de mel", variant("M", "8.00"), stock=1)
    on_sale("Pão sem estoque", variant("S", "1.00"), category=breads)
    query = "?category=paes&search=pao&price_max=10&in_stock=true&kind=goods&ordering=-price"
    assert slugs("/products/" + query) == ["pao-frances"]


@pytest.mark.fault("E14")
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("in_stock=True", "/in_stock"),
        ("in_stock=0", "/in_stock"),
        ("in_stock=", "/in_stock"),
        ("price_min=abc", "/price_min"),
        ("price_min=-1", "/price_min"),
        ("price_min=1e3", "/price_min"),
        ("price_min=NaN", "/price_min"),
        ("price_min=1,50", "/price_min"),
        ("price_max=1.234", "/price_max"),
        ("price_max=%EF%BC%91", "/price_max"),
        ("price_max=999999999", "/price_max"),
        ("category=a%20b", "/category"),
        ("category=", "/category"),
        ("kind=food", "/kind"),
        ("ordering=created_at", "/ordering"),
        ("ordering=name;DROP", "/ordering"),
        ("ordering=search_key", "/ordering"),
        ("page_size=0", "/page_size"),
        ("page_size=101", "/page_size"),
        ("page_size=1_0", "/page_size"),
        ("page=x", "/page"),
        ("busca=bolo", "/busca"),
        ("kind=goods&kind=service", "/kind"),
        ("search=" + "a" * 201, "/search"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(query: str, pointer: str) -> None:
    on_sale("Bolo")
    answer = get(f"/products/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    body = answer.json()
    assert body["code"] == "invalid_request"
    assert [error["pointer"] for error in body["errors"]] == [pointer]


def test_pages() -> None:
    for number in range(45):
        on_sale(f"Bolo {number:02}")
    first = get("/products/").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (45, 20, None)
    assert first["next"].endswith("/api/v1/products/?page=2")
    last = get("/products/?page=3").json()
    assert (len(last["results"]), last["next"]) == (5, None)
    assert last["previous"].endswith("?page=2")
    wide = get("/products/?page_size=45&search=bolo").json()
    assert (len(wide["results"]), wide["next"], wide["previous"]) == (45, None, None)
    for query in ("page=4", "page=0", "page=-1", "page=2&page_size=45", "page=999999999"):
        answer = get(f"/products/?{query}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), query
    assert get("/products/?page=2&search=nada").status_code == 404


def test_every_product_stands_on_exactly_one_page() -> None:
    for _number in range(25):
        on_sale("Bolo", variant(f"B-{_number}"))
    for ordering in ("name", "-name", "price", "-price", "-created_at"):
        pages = [slugs(f"/products/?page_size=4&page={page}&ordering={ordering}") for page in range(1, 8)]
        found = [slug for page in pages for slug in page]
        assert (len(found), len(set(found))) == (25, 25)


def test_nothing_is_sent_twice_to_someone_who_has_it() -> None:
    product = on_sale("Bolo")
    first = get("/products/")
    again = get("/products/", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    catalog.hide(product_id=product.pk, actor=OWNER, now=MONDAY)
    changed = get("/products/", **{"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["count"]) == (200, 0)


def test_nobody_needs_to_sign_in_and_nobody_may_write() -> None:
    assert get("/products/", Authorization="Bearer nonsense").status_code == 200
    for method in ("post", "put", "patch", "delete"):
        answer: Any = getattr(APIClient(), method)("/api/v1/products/", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_the_currency_is_the_shops() -> None:
    factories.variant()
    assert get("/products/").json()["results"][0]["currency"] == "BRL"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60))
def test_no_search_ends_in_an_accident(text: str) -> None:
    answer = APIClient().get("/api/v1/products/", {"search": text.encode("utf-8", "surrogatepass")})
    assert answer.status_code in (200, 400)
    assert answer.json().get("code", "invalid_request") == "invalid_request"
