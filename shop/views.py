"""The shop window's first page: who the shop is and when it is open."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.conditional import conditional
from api.openapi import operation
from api.permissions import Public
from api.replica import seen_by_anybody
from common import clock
from shop import selectors as shop
from shop.answers import ShopResponse, shop_answer


class ShopView(APIView):
    """The shop itself."""

    authentication_classes = ()
    permission_classes = (Public,)

    @operation(responses={200: ShopResponse})
    @seen_by_anybody
    def get(self, request: Request) -> HttpResponse:
        """Show the shop's name, hours, ways to pay and to collect, and its cut-offs, and how its window looks."""
        return conditional(request, shop_answer(*shop.policy_and_look(), now=clock.now()))
