"""What the pages of one thing share: what is looked for, and the form of each row that was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backoffice.one.forms import RowForm, SearchForm
from catalog.barcodes import is_gtin
from catalog.models import Variant
from catalog.selectors import Offer, goods_called, offers_chosen
from common.errors import NotFound, Refusal
from desk.pages import page_response
from desk.refusals import explained

FOUND = 20
Form = TypeVar("Form")


@dataclass(frozen=True)
class Row(Generic[Form]):
    """What was found, what is known of it, and the form in which it is changed."""

    name: str
    sku: str
    now: str
    form: Form
    link: str = ""


def called(text: str, *, services: bool) -> Sequence[Offer]:
    """Return what somebody means: goods, and with `services` those too; one more than a page shows."""
    code = text.strip()
    if not code:
        return []
    if services and not is_gtin(code):
        return offers_chosen(category="", text=code, products=[], limit=FOUND + 1)
    return goods_called(text=code, limit=FOUND + 1)


def thing(*, about: int) -> tuple[str, str]:
    """Return the SKU and the name of what a row is about. Raises NotFound."""
    found = Variant.objects.filter(pk=about).values_list("sku", "product__name", "name").first()
    if found is None:
        raise NotFound()
    sku, product, variant = found
    return sku, " · ".join(filter(None, (product, variant)))


def rows_of(offers: Sequence[Offer], *, row: Callable[[Offer, Any], Row[Any]], typed: Any = None) -> Sequence[Row[Any]]:
    """Return the rows of a page; `typed`: the form that was sent, which stands in its own row as it was typed."""
    about = typed.cleaned_data.get("about") if typed is not None else None
    shown = [row(offer, typed if offer.variant_id == about else None) for offer in offers[:FOUND]]
    first = next((one for one in shown if one.form.errors), shown[0] if shown else None)
    if first is not None:
        first.form.typed.field.widget.attrs["autofocus"] = True
    return shown


def found_and_done(
    request: HttpRequest,
    *,
    form: type[RowForm],
    show: Callable[..., HttpResponse],
    do: Callable[[HttpRequest, Any], None],
    page: str,
) -> HttpResponse:
    """Show what is looked for; sent, do what a row says and begin again, or tell in that row what refused it."""
    search = SearchForm(request.GET)
    if request.method != "POST":
        return show(request, search)
    typed = form(request.POST)
    if not typed.is_valid():
        return show(request, search, typed=typed, status=400)
    try:
        do(request, typed)
    except Refusal as refusal:
        typed.add_error(typed.typed.name, explained(refusal))
        return show(request, search, typed=typed, status=refusal.status)
    return HttpResponseRedirect(reverse(page))


def shown(
    request: HttpRequest,
    *,
    template: str,
    search: SearchForm,
    context: Mapping[str, Any],
    typed: RowForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a page; the field in which one looks has the focus while nothing is found.

    `typed`: the form that was sent; where its row is found no more, what refused it is told above the others.
    """
    if typed is not None and all(row.form is not typed for row in context["rows"]):
        for told in typed.errors.values():
            messages.error(request, " ".join(map(str, told)))
    if not context["rows"]:
        search.fields["q"].widget.attrs["autofocus"] = True
    whole = {"search": search, "text": search.text, **context}
    return page_response(request, f"backoffice/one/{template}.html", whole, status=status)
