"""The desk's pages of the stock: what is there, what moved, and receiving, removing and counting.

Figures are only read here; they change through `inventory.services`, with a reason. "reserved" shows
what is promised at this moment, so that the row adds up, although an expired promise may still stand in the column.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from catalog.units import Unit, shown_quantity
from common import clock
from common.errors import Refusal
from common.text import search_key, seen
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import ChangeColumns, PageAdmin, Question, ReadOnlyAdmin, ask, posted, require
from desk.shown import Colours, name_actors
from inventory import services as inventory
from inventory.forms import AdjustForm, LevelForm, variant_label
from inventory.models import StockItem, StockMovement, StockReservation
from inventory.selectors import available_expression, low, never_received
from inventory.services.stock import Operation

OPERATIONS: dict[str, Operation] = {"add": "add", "remove": "remove", "count": "set"}
ON_A_PAGE = 20
RECENT = 30

TITLES = {
    "add": _("Add units"),
    "remove": _("Remove units"),
    "count": _("Count units"),
}
INTROS = {
    "add": _("For what was baked, made or bought."),
    "remove": _("For what broke, went bad or was used in the shop. Sold units leave by themselves."),
    "count": _("Count what lies on the shelf, reserved units included, and write the number down."),
}
SUGGESTIONS = {
    "add": (_("Made today"), _("Bought from the supplier")),
    "remove": (_("Broken"), _("Past its date"), _("Used in the shop")),
    "count": (_("Stock count"),),
}


class LevelFilter(admin.SimpleListFilter):
    """How much is left."""

    title = _("level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what calls for action, and the rest."""
        return [("low", _("Low or gone")), ("out", _("Gone")), ("good", _("Enough"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        """Keep the rows at that level at this moment."""
        conditions = {
            "low": Q(pk__in=low(now=clock.now()).order_by().values("pk")),
            "out": Q(available=0),
            "good": Q(available__gt=F("low_stock_at")),
        }
        condition = conditions.get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


def _matching(queryset: QuerySet[Any], *, term: str, variant: str = "") -> QuerySet[Any]:
    """Keep the rows whose variant has every word in its SKU, its name or its product's, accents and case aside."""
    for word in seen(term).split():
        queryset = queryset.filter(
            Q(**{f"{variant}sku__icontains": word})
            | Q(**{f"{variant}name__icontains": word})
            | Q(**{f"{variant}product__search_key__contains": search_key(word)})
        )
    return queryset


@admin.register(StockItem)
class StockItemAdmin(PageAdmin):
    """Units in the shop, SKU by SKU."""

    list_display = ("product_name", "sku", "shown_on_hand", "reserved_now", "shown_available", "level")
    list_display_links = ("product_name", "sku")
    list_filter = (LevelFilter,)
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku", "variant__name", "variant__product__name")
    search_help_text = _("Name or code of the product")
    ordering = ("variant__product__search_key", "variant__position", "pk")
    actions_list = ("receive_goods",)
    page_template = "inventory/desk/stock.html"
    list_before_template = "inventory/desk/never_received.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        """Return the stock, knowing what is free at this moment."""
        found: QuerySet[StockItem] = super().get_queryset(request)
        return found.annotate(available=available_expression(now=clock.now()))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show above the list what is for sale and was never received, for it has no row yet."""
        wanted = _matching(never_received(), term=request.GET.get("q", ""))
        found = list(wanted[: ON_A_PAGE + 1]) if request.GET.get("level", "low") in ("low", "out") else []
        missing = {"never_received": found[:ON_A_PAGE], "more_never_received": len(found) > ON_A_PAGE}
        return super().changelist_view(request, {**missing, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockItem], search_term: str
    ) -> tuple[QuerySet[StockItem], bool]:
        """Find words in any order, accents and case aside."""
        return _matching(queryset, term=search_term, variant="variant__"), False

    @display(description=_("product"), ordering="variant__product__search_key", header=True)
    def product_name(self, item: StockItem) -> list[str]:
        """Show the product, and the variant below it."""
        return [item.variant.product.name, item.variant.name or ""]

    @display(description="SKU", ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        """Show the SKU."""
        return item.variant.sku

    @display(description=_("on hand"), ordering="on_hand")
    def shown_on_hand(self, item: Any) -> str:
        """Show what lies in the shop."""
        return _shown(item, item.on_hand)

    @display(description=_("reserved"))
    def reserved_now(self, item: Any) -> str:
        """Show what is promised at this moment."""
        return _shown(item, _reserved(item))

    @display(description=_("available"), ordering="available")
    def shown_available(self, item: Any) -> str:
        """Show what can still be sold."""
        return _shown(item, item.available)

    @display(description=_("level"), label={"out": "danger", "low": "warning", "good": "success"})
    def level(self, item: Any) -> tuple[str, str]:
        """Show whether that is enough."""
        return _level(item)

    @action(description=_("Receive goods"), icon="add_box", url_path="receive-goods", permissions=["adjust"])
    def receive_goods(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page where goods arrive."""
        return HttpResponseRedirect(reverse("shelf:page"))

    def has_adjust_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the user may change the stock."""
        return bool(request.user.has_perm("inventory.adjust_stock"))

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that change the stock."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/warn/", view(self.warn), name="inventory_stockitem_warn"),
            *(
                path(f"<int:pk>/{name}/", view(self.adjust), {"name": name}, name=f"inventory_stockitem_do_{name}")
                for name in OPERATIONS
            ),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the figures, who keeps units, and the latest movements."""
        now = clock.now()
        live = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        movements = list(StockMovement.objects.filter(stock_item=obj)[: RECENT + 1])
        name_actors(movements)
        level, level_text = _level(obj)
        return {
            "title": variant_label(obj.variant),
            "on_hand": _shown(obj, obj.on_hand),
            "reserved": _shown(obj, _reserved(obj)),
            "available": _shown(obj, obj.available),
            "warn_at": _shown(obj, obj.low_stock_at),
            "unit": "" if obj.variant.unit == Unit.PIECE else f" {obj.variant.unit}",
            "level": level,
            "level_text": level_text,
            "reservations": StockReservation.objects.filter(live, stock_item=obj).order_by("expires_at", "pk"),
            "movements": movements[:RECENT],
            "has_more": len(movements) > RECENT,
            "all_movements": reverse("admin:inventory_stockmovement_changelist") + f"?stock_item__id__exact={obj.pk}",
            "can_adjust": self.has_adjust_permission(request),
        }

    def adjust(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask how many and why, and add, remove or count."""
        require(request, "inventory.adjust_stock")
        items = self.get_queryset(request).select_related("variant__product")
        item: Any = get_object_or_404(items, pk=pk)
        back = reverse("admin:inventory_stockitem_change", args=[pk])
        form = AdjustForm(posted(request), operation=OPERATIONS[name], initial={"seen": item.on_hand})
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                once = form.once(request=request, scope=f"stock:{name}:{pk}")
                only_once(once, inventory.adjust_stock)(
                    sku=item.variant.sku,
                    operation=OPERATIONS[name],
                    quantity=form.cleaned_data["quantity"],
                    reason=form.cleaned_data["reason"],
                    actor=desk_actor(request),
                    now=clock.now(),
                    seen=form.cleaned_data["seen"],
                )
            except Refusal as refused:
                refusal, item = refused, items.get(pk=pk)
                form.show(item.on_hand)
            else:
                messages.success(request, self._adjusted(request, sku=item.variant.sku))
                return HttpResponseRedirect(back)
        question = Question(
            title=str(TITLES[name]),
            intro=str(INTROS[name]),
            submit=str(TITLES[name]),
            back=back,
            facts=[
                (gettext("Product"), variant_label(item.variant)),
                (gettext("On hand"), _shown(item, item.on_hand)),
                (gettext("Reserved"), _shown(item, _reserved(item))),
                (gettext("Available"), _shown(item, item.available)),
            ],
            suggestions=[str(text) for text in SUGGESTIONS[name]],
        )
        return ask(request, admin=self, question=question, form=form, obj=item, refusal=refusal)

    def warn(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask at how many units the desk is to warn."""
        require(request, "inventory.adjust_stock")
        item = get_object_or_404(StockItem.objects.select_related("variant__product"), pk=pk)
        back = reverse("admin:inventory_stockitem_change", args=[pk])
        form = LevelForm(posted(request), initial={"units": item.low_stock_at, "seen": item.low_stock_at})
        refusal = None
        if request.method == "POST" and form.is_valid():
            units, seen = form.cleaned_data["units"], form.cleaned_data["seen"]
            try:
                inventory.warn_at(sku=item.variant.sku, units=units, seen=seen)
            except Refusal as refused:
                refusal = refused
                item.refresh_from_db(fields=["low_stock_at"])
                form.show(item.low_stock_at)
            else:
                messages.success(request, gettext("The warning is set."))
                return HttpResponseRedirect(back)
        question = Question(
            title=gettext("Low stock warning"),
            submit=gettext("Save"),
            back=back,
            facts=[(gettext("Product"), variant_label(item.variant))],
        )
        return ask(request, admin=self, question=question, form=form, obj=item, refusal=refusal)

    def _adjusted(self, request: HttpRequest, *, sku: str) -> str:
        item: Any = self.get_queryset(request).get(variant__sku=sku)
        if item.variant.unit != Unit.PIECE:
            text = gettext("Done: there are now %(on_hand)s of %(sku)s, %(free)s of it free.")
            return text % {"sku": sku, "on_hand": _shown(item, item.on_hand), "free": _shown(item, item.available)}
        text = ngettext(
            "Done: %(sku)s now has %(count)d unit, %(available)d of them free.",
            "Done: %(sku)s now has %(count)d units, %(available)d of them free.",
            item.on_hand,
        )
        return text % {"sku": sku, "count": item.on_hand, "available": item.available}


@admin.register(StockMovement)
class StockMovementAdmin(ChangeColumns, ReadOnlyAdmin):
    """Every change of the units on hand, newest first."""

    list_display = ("shown_at", "product_name", "shown_kind", "change", "on_hand_after", "reason", "who")
    list_filter = ("kind",)
    list_select_related = ("stock_item__variant__product",)
    search_fields = ("stock_item__variant__sku", "stock_item__variant__product__search_key", "reason", "reference")
    search_key_field = "stock_item__variant__product__search_key"
    search_also = ("stock_item__variant__sku", "reference")
    search_words = ("reason",)
    search_neighbours = "stock_item"
    search_help_text = _("Product, code or reason")
    ordering = ("-pk",)
    fields = (
        "stock_item",
        "kind",
        "change",
        "on_hand_after",
        "reason",
        "reference",
        "who",
        "through",
        "shown_at",
    )
    readonly_fields = fields
    linked_by = ("stock_item__id__exact",)

    @display(description=_("product"), header=True)
    def product_name(self, movement: StockMovement) -> list[str]:
        """Show the product, and the SKU below it."""
        variant = movement.stock_item.variant
        return [variant.product.name, variant.sku]

    @display(
        description=_("kind"),
        ordering="kind",
        label=Colours(received="success", returned="success", removed="warning", counted="info"),
    )
    def shown_kind(self, movement: StockMovement) -> tuple[str, str]:
        """Show what kind of change it was."""
        return movement.kind, movement.get_kind_display()

    @display(description=_("difference"), ordering="delta")
    def change(self, movement: StockMovement) -> str:
        """Show the units with their sign."""
        return shown_quantity(quantity=f"{movement.delta:+d}", unit=movement.stock_item.variant.unit)


def _reserved(item: Any) -> int:
    return int(max(item.on_hand - item.available, 0))


def _shown(item: Any, quantity: int) -> str:
    return shown_quantity(quantity=quantity, unit=item.variant.unit)


def _level(item: Any) -> tuple[str, str]:
    if item.available == 0:
        return "out", gettext("Gone")
    if item.available <= item.low_stock_at:
        return "low", gettext("Low")
    return "good", gettext("Enough")
