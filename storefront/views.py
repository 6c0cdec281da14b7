"""API views of the shop window. Anyone may look, and what has not changed is not sent again."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.bodies import Nothing
from api.conditional import conditional
from api.kept import kept_for_a_moment
from api.openapi import operation
from api.pagination import page_body, page_of, page_size_of
from api.permissions import Public
from api.replica import seen_by_anybody
from api.requests import read_query
from common import clock
from common.errors import NotFound
from storefront import selectors
from storefront.answers import (
    AvailabilityQuery,
    AvailabilityResponse,
    CategoryResponse,
    ProductCardResponse,
    ProductResponse,
    ProductsQuery,
    availability_answer,
    card_answer,
    category_tree,
    product_answer,
)
from storefront.selectors import Filters


class WindowView(APIView):
    """What every page of the shop window is: open to everybody."""

    authentication_classes = ()
    permission_classes = (Public,)


class CategoriesView(WindowView):
    """The tree of categories."""

    @operation(responses={200: list[CategoryResponse]})
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """Show the categories, each with how many products stand in and below it."""
        read_query(Nothing, request)
        return conditional(request, category_tree(selectors.categories()))


class ProductsView(WindowView):
    """The products on show."""

    @operation(responses={200: ProductCardResponse}, query=ProductsQuery, pages=True, refusals=[NotFound])
    @seen_by_anybody
    @kept_for_a_moment
    def get(self, request: Request) -> HttpResponse:
        """List products: filtered, found by words, ordered, page by page."""
        filters = Filters(**read_query(ProductsQuery, request, allow=("page", "page_size")).given())
        page, size = page_of(request), page_size_of(request)
        count, rows = selectors.products(filters=filters, page=page, size=size, now=clock.now())
        cards = [card_answer(row) for row in rows]
        return conditional(request, page_body(request=request, count=count, results=cards))


class ProductView(WindowView):
    """One product."""

    @operation(responses={200: ProductResponse}, refusals=[NotFound])
    @seen_by_anybody
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Show a product with its pictures, its variants and a few of its neighbours."""
        read_query(Nothing, request)
        return conditional(request, product_answer(selectors.product(slug=slug, now=clock.now())))


class AvailabilityView(WindowView):
    """Units of one SKU."""

    @operation(responses={200: AvailabilityResponse}, query=AvailabilityQuery, refusals=[NotFound])
    def get(self, request: Request, sku: str) -> HttpResponse:
        """Say whether that many units could be had at this moment; asking keeps nothing."""
        wanted = read_query(AvailabilityQuery, request)
        found = selectors.availability(sku=sku, quantity=wanted.quantity, now=clock.now())
        answer = conditional(request, availability_answer(found))
        answer["Cache-Control"] = "no-cache"  # may be kept, and is asked for again each time
        return answer
