"""The shop's bare address: who is here, where, when, and how to write to them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shop import services as shop
from shop.models import OpeningHours


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the shop's name, address, opening hours and where to write."""
    policy = shop.policy()
    days = dict(OpeningHours.Weekday.choices)
    hours = [
        (
            days[row.weekday],
            f"{row.opens:%H:%M} – {'24:00' if row.closes.hour + row.closes.minute == 0 else f'{row.closes:%H:%M}'}",
        )
        for row in policy.opening_hours
    ]
    number = policy.whatsapp.removeprefix("+")
    context = {
        "title": _("Welcome"),
        "shop": policy,
        "hours": hours,
        "chat": f"https://wa.me/{number}" if number else "",
    }
    return render(request, "shop/pages/home.html", context)
