"""GET /products/{slug}/, /categories/ and /variants/{sku}/availability/ over HTTP."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import services as catalog
from catalog.models import Variant
from catalog.services import VariantSheet
from catalog.tests.factories import add_variant, change_variant
from common import clock, redis
from common.testing import statements
from inventory import selectors as inventory
from inventory.models import StockItem, StockReservation
from inventory.tests.factories import MONDAY, receive
from storefront import selectors
from storefront.tests.shop import OWNER, get, hold, on_sale, picture, slugs, take_off_sale, variant

pytestmark = pytest.mark.django_db

FLAVOURS = [{"name": "Sabor", "value": "Chocolate"}], [{"name": "Sabor", "value": "Cenoura"}]


def test_everything_about_a_product() -> None:
    sizes = [{"name": "Tamanho", "value": "M"}]
    product = on_sale(
        "Bolo",
        variant("BOLO-C", "30.00", name="Chocolate", options=[*sizes, *FLAVOURS[0]]),
        variant("BOLO-O", "25.00", name="Cenoura", options=[*sizes, *FLAVOURS[1]]),
        description="Fofo.\n\nE molhado.",
        stock=4,
    )
    picture(product, 1, "Fatia")
    picture(product, 0)
    hold("BOLO-C", 3, until=clock.now() + timedelta(hours=1))
    take_off = on_sale("Torta")
    on_sale("Rascunho", published=False)
    answer = get("/products/bolo/")
    body = answer.json()
    main = {"url": f"/media/products/{product.pk}-0.jpg", "alt": "Bolo", "width": 800, "height": 600}
    slice_ = {"url": f"/media/products/{product.pk}-1.jpg", "alt": "Fatia", "width": 800, "height": 600}
    assert answer.status_code == 200
    related = body.pop("related")
    assert [(other["slug"], other["id"]) for other in related] == [("torta", str(take_off.public_id))]
    assert body == {
        "id": str(product.public_id),
        "slug": "bolo",
        "name": "Bolo",
        "kind": "goods",
        "category": {"slug": "tudo", "name": "Tudo"},
        "image": main,
        "price_from": "25.00",
        "price_to": "30.00",
        "unit": "piece",
        "price_per": 1,
        "currency": "BRL",
        "in_stock": True,
        "description": "Fofo.\n\nE molhado.",
        "pickup_lead_minutes": None,
        "images": [main, slice_],
        "options": [{"name": "Tamanho", "values": ["M"]}, {"name": "Sabor", "values": ["Chocolate", "Cenoura"]}],
        "variants": [
            {
                "sku": "BOLO-C",
                "name": "Chocolate",
                "price": "30.00",
                "unit": "piece",
                "price_per": 1,
                "available": 1,
                "options": [*sizes, *FLAVOURS[0]],
            },
            {
                "sku": "BOLO-O",
                "name": "Cenoura",
                "price": "25.00",
                "unit": "piece",
                "price_per": 1,
                "available": 4,
                "options": [*sizes, *FLAVOURS[1]],
            },
        ],
    }


def test_a_service_has_no_units() -> None:
    on_sale("Corte", variant("CORTE"), kind="service")
    body = get("/products/corte/").json()
    assert (body["in_stock"], body["variants"][0]["available"], body["images"]) == (True, None, [])
    assert get("/variants/CORTE/availability/").json() == {
        "sku": "CORTE",
        "quantity": 1,
        "available": None,
        "sufficient": True,
    }


@pytest.mark.parametrize("rows", [1, 25])
def test_a_product_page_is_three_statements_whatever_there_is_to_show_and_two_while_redis_knows(rows: int) -> None:
    product = on_sale("Bolo", *(variant(f"B-{number}") for number in range(rows)), stock=1)
    for number in range(rows):
        picture(product, number)
        on_sale(f"Torta {number}")
    with statements() as first:
        body = get("/products/bolo/").json()
    with statements() as again:
        get("/products/bolo/")
    assert (len(body["variants"]), len(body["images"]), len(body["related"])) == (rows, rows, min(rows, 4))
    assert (len(first), len(again)) == (3, 2)


@pytest.mark.fault("A7")
def test_what_is_not_on_show_cannot_be_opened() -> None:
    on_sale("Rascunho", variant("RASCUNHO"), published=False)
    archived = on_sale("Arquivado", variant("ARQUIVADO"))
    catalog.archive(product_id=archived.pk, actor=OWNER, now=MONDAY)
    on_sale("Vazio", variant("VAZIO"))
    take_off_sale("VAZIO")
    paths = [f"/products/{slug}/" for slug in ("rascunho", "arquivado", "vazio", "nada", "a" * 200, "ação")]
    paths += [f"/variants/{sku}/availability/" for sku in ("RASCUNHO", "ARQUIVADO", "VAZIO", "NADA", "x" * 80, "a b")]
    for path in paths:
        answer = get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), path
        assert answer.json()["code"] == "not_found"


def test_availability_of_several_units() -> None:
    on_sale("Bolo", variant("BOLO.1_a-b"), stock=5)
    hold("BOLO.1_a-b", 2, until=clock.now() + timedelta(minutes=5))
    hold("BOLO.1_a-b", 1, until=MONDAY + timedelta(minutes=5))
    with statements() as ran:
        answer = get("/variants/BOLO.1_a-b/availability/?quantity=3")
    assert answer.json() == {"sku": "BOLO.1_a-b", "quantity": 3, "available": 3, "sufficient": True}
    assert (len(ran), answer["Cache-Control"]) == (1, "no-cache")
    assert get("/variants/BOLO.1_a-b/availability/?quantity=4").json()["sufficient"] is False
    assert get("/variants/BOLO.1_a-b/availability/").json()["quantity"] == 1
    on_sale("Torta", variant("TORTA"))
    assert get("/variants/TORTA/availability/").json()["available"] == 0


@pytest.mark.fault("E12")
@pytest.mark.parametrize("quantity", ["0", "1000", "-1", "1e3", "abc", "", "1.0", "01", "%EF%BC%92", "9" * 30])
def test_a_quantity_is_a_number_from_1_to_999(quantity: str) -> None:
    on_sale("Bolo", variant("BOLO"))
    answer = get(f"/variants/BOLO/availability/?quantity={quantity}")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/quantity"]


def test_what_is_sold_by_weight_says_so() -> None:
    on_sale("Queijo", variant("QUEIJO", "59.90", unit="g", price_per=1000), stock=2500)
    [shown] = get("/products/queijo/").json()["variants"]
    assert (shown["price"], shown["unit"], shown["price_per"], shown["available"]) == ("59.90", "g", 1000, 2500)
    on_sale("Bolo", variant("BOLO"))
    assert [(one["unit"], one["price_per"]) for one in get("/products/bolo/").json()["variants"]] == [("piece", 1)]
    assert get("/variants/QUEIJO/availability/?quantity=2500").json()["sufficient"] is True
    assert get("/variants/QUEIJO/availability/?quantity=100000").json()["sufficient"] is False
    for quantity in ("100001", "0100", "1000000"):
        refused = get(f"/variants/QUEIJO/availability/?quantity={quantity}")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/quantity")


@pytest.mark.parametrize("path", ["/categories/?x=1", "/products/bolo/?x=1", "/variants/BOLO/availability/?x=1"])
def test_unknown_parameters_are_refused(path: str) -> None:
    on_sale("Bolo", variant("BOLO"))
    answer = get(path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_field")


def test_the_tree_of_categories_counts_what_the_list_would_show() -> None:
    barber = catalog.create_category(name="Barbearia", position=2)
    bakery = catalog.create_category(name="Padaria", position=1)
    breads = catalog.create_category(name="Pães", parent_id=bakery.pk)
    cakes = catalog.create_category(name="Bolos", parent_id=bakery.pk, position=0)
    sweet = catalog.create_category(name="Pães doces", parent_id=breads.pk)
    for name, shelf in (("Baguete", breads), ("Sonho", sweet), ("Brioche", sweet), ("Cesta", bakery)):
        on_sale(name, category=shelf)
    on_sale("Rascunho", category=cakes, published=False)
    on_sale("Vazio", variant("VAZIO"), category=cakes)
    take_off_sale("VAZIO")
    with statements() as ran:
        tree = get("/categories/").json()
    assert len(ran) == 1
    assert tree == [
        {
            "slug": "padaria",
            "name": "Padaria",
            "product_count": 4,
            "children": [
                {"slug": "bolos", "name": "Bolos", "product_count": 0, "children": []},
                {
                    "slug": "paes",
                    "name": "Pães",
                    "product_count": 3,
                    "children": [{"slug": "paes-doces", "name": "Pães doces", "product_count": 2, "children": []}],
                },
            ],
        },
        {"slug": "barbearia", "name": "Barbearia", "product_count": 0, "children": []},
    ]
    assert barber.parent_id is None
    for node in (tree[0], *tree[0]["children"]):
        assert len(slugs(f"/products/?category={node['slug']}")) == node["product_count"]


@pytest.mark.parametrize("path", ["/categories/", "/products/bolo/", "/variants/BOLO/availability/"])
def test_what_has_not_changed_is_not_sent_again(path: str) -> None:
    product = on_sale("Bolo", variant("BOLO"), stock=1)
    tag = get(path)["ETag"]
    assert get(path, **{"If-None-Match": f'W/"x", {tag}'}).status_code == 304
    receive(sku="BOLO", units=1)
    add_variant(product_id=product.pk, sheet=variant("BOLO-G"), actor=OWNER, now=MONDAY)
    expected = 304 if path == "/categories/" else 200
    assert get(path, **{"If-None-Match": tag}).status_code == expected


def test_a_new_price_is_seen_at_once() -> None:
    on_sale("Bolo", variant("BOLO", "10.00"))
    sheet = VariantSheet(sku="BOLO", price=Variant.objects.get(sku="BOLO").price + 1)
    change_variant(sku="BOLO", sheet=sheet, actor=OWNER, now=MONDAY)
    assert get("/products/bolo/").json()["price_from"] == "11.00"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    on_hand=st.integers(0, 20),
    claims=st.lists(st.tuples(st.integers(1, 5), st.one_of(st.none(), st.integers(-2, 2))), max_size=5),
)
def test_the_window_and_the_stock_agree_on_what_is_available(
    on_hand: int, claims: list[tuple[int, int | None]]
) -> None:
    """Minutes from now until a claim ends, 0 being this very instant; None never ends."""
    redis.client().flushdb()  # one example after the other, with rows written past the services
    StockReservation.objects.all().delete()
    StockItem.objects.all().delete()
    found = Variant.objects.filter(sku="BOLO").first()
    if found is None:
        on_sale("Bolo", variant("BOLO"))
        found = Variant.objects.get(sku="BOLO")
    kept: list[tuple[int, int | None]] = []
    for quantity, minutes in claims:
        if sum(row[0] for row in kept) + quantity <= on_hand:
            kept.append((quantity, minutes))
    item = StockItem.objects.create(variant=found, on_hand=on_hand, reserved=sum(row[0] for row in kept))
    for number, (quantity, minutes) in enumerate(kept):
        StockReservation.objects.create(
            stock_item=item,
            claim=f"00000000-0000-4000-8000-{number:012}",
            quantity=quantity,
            expires_at=None if minutes is None else MONDAY + timedelta(minutes=minutes),
        )
    expected = on_hand - sum(quantity for quantity, minutes in kept if minutes is None or minutes > 0)
    shown = selectors.availability(sku="BOLO", quantity=1, now=MONDAY).available
    page = selectors.product(slug="bolo", now=MONDAY)
    assert inventory.available(skus=["BOLO"], now=MONDAY) == {"BOLO": expected}
    assert (shown, page.units["BOLO"], page.row["in_stock"]) == (expected, expected, expected > 0)
