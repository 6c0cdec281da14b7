"""The desk's page of the products, with their variants and pictures.

A page saves by one service call for product and variants together, and one for each picture. The
buttons that show, hide and archive save what was typed first, and are there only while they lead somewhere.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from catalog import selectors
from catalog import services as catalog
from catalog.admin.pictures import ImagesInline, save_pictures
from catalog.errors import NothingToSell
from catalog.forms import ImageFormSet, ProductForm, VariantForm, VariantFormSet
from catalog.lifecycle import open_verbs
from catalog.models import Category, Product, ProductImage, Variant
from catalog.units import shown_price
from catalog.wording import deposit_text
from common import clock
from common.errors import Refusal
from common.money import format_brl
from common.text import plain_number, search_key
from desk.admin import DeskAdmin, DeskInline, desk_actor
from desk.refusals import explained
from desk.shown import shown_instant

STATUS_COLOURS = {"draft": "warning", "published": "success", "archived": "info"}
LOOKED_AT = (
    "name", "category", "price_alone", "kind", "description", ("pickup_lead_minutes", "slug"), "status_now",
    "shown_deposit",
)  # fmt: skip
"""What a product is for whoever has no form to change it with."""
DEPOSIT: Any = (_("Deposit"), {"fields": ("deposit_kind", ("deposit_percent", "deposit_amount"))})
SHELF = ("shelf", "new_shelf")
Verb = Callable[..., Product]


class ShelfFilter(admin.SimpleListFilter):
    """The category, with what stands below it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the tree."""
        return [(str(pk), path) for pk, path in selectors.category_paths().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Keep the products on that shelf and below."""
        chosen = plain_number(self.value() or "", digits=18)
        if chosen is None:
            return queryset
        slug = Category.objects.filter(pk=chosen).values_list("slug", flat=True).first()
        return queryset.filter(category_id__in=selectors.category_ids(slug=slug) if slug else [])


class VariantsInline(DeskInline):
    """What is bought of the product."""

    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = ("sku", "barcode", "name", "options", "price", "sold", "is_active", "position")
    ordering = ("position", "pk")
    ordering_field = "position"
    hide_ordering_field = True
    extra = 0
    min_num = 1
    can_delete = False
    tab = True


@admin.register(Product)
class ProductAdmin(DeskAdmin):
    """What the shop sells."""

    form = ProductForm
    inlines = (VariantsInline, ImagesInline)
    list_display = (
        "shown_name", "prices", "shown_deposit", "variants_for_sale", "shown_kind", "shown_status", "shown_updated",
    )  # fmt: skip
    list_filter = ("status", "kind", ShelfFilter)
    list_select_related = ("category",)
    search_fields = ("name",)
    search_help_text = _("Name, code or any word of it")
    ordering = ("search_key", "pk")
    show_full_result_count = False
    list_per_page = 50
    warn_unsaved_form = True
    actions = ("publish", "hide", "archive", "unarchive", "change_prices")
    actions_submit_line = ("publish_this", "hide_this", "archive_this", "unarchive_this")
    readonly_fields = ("status_now", "price_now", "price_alone")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    ("shelf", "new_shelf"),
                    "price_now",
                    "kind",
                    "description",
                    ("pickup_lead_minutes", "slug"),
                    "status_now",
                )
            },
        ),
        DEPOSIT,
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    ("shelf", "new_shelf"),
                    "kind",
                    "description",
                    ("pickup_lead_minutes", "slug"),
                    "show",
                )
            },
        ),
        DEPOSIT,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Return the products, for the list with prices and main picture in the same statement."""
        found: QuerySet[Product] = super().get_queryset(request)
        if request.resolver_match is None or request.resolver_match.url_name != "catalog_product_changelist":
            return found
        sold = Q(variants__is_active=True)
        main = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
        return found.annotate(
            cheapest=Min("variants__price", filter=sold),
            dearest=Max("variants__price", filter=sold),
            for_sale=Count("variants", filter=sold),
            main_picture=Subquery(main.values("file")[:1]),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        """Find words in any order, accents and case aside."""
        for word in search_key(search_term).split():
            queryset = queryset.filter(search_key__contains=word)
        return queryset, False

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        """Keep the kind of an existing product: its stock or its agenda hangs on it."""
        return (*self.readonly_fields, "kind") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """Never delete a product: orders point at it. It is archived."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> Any:
        """Return the fields; the deposit of a service stands on the page of the service."""
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": LOOKED_AT}),)
        shown = super().get_fieldsets(request, obj)
        if not request.user.has_perm("catalog.add_category"):
            fields = tuple("shelf" if row == SHELF else row for row in shown[0][1]["fields"])
            shown = ((shown[0][0], {**shown[0][1], "fields": fields}), *shown[1:])
        return shown[:1] if obj is not None and obj.kind == Product.Kind.SERVICE else shown

    @display(description=_("product"), ordering="search_key", header=True)
    def shown_name(self, product: Any) -> list[Any]:
        """Show the main picture, the name, and the category below it."""
        shown: list[Any] = [product.name, product.category.name, product.name[:1]]
        if product.main_picture:
            url = default_storage.url(product.main_picture)
            shown.append({"path": url, "squared": True, "borderless": True, "width": 40, "height": 40})
        return shown

    @display(description=_("price"), ordering="cheapest")
    def prices(self, product: Any) -> str:
        """Show what it costs, from and to."""
        prices: list[Decimal | None] = [product.cheapest, product.dearest]
        return " – ".join(dict.fromkeys(format_brl(price) for price in prices if price is not None)) or "-"

    @display(description=_("deposit"))
    def shown_deposit(self, product: Product) -> str:
        """Show what is asked when ordering it."""
        return deposit_text(product.deposit)

    @display(description=_("for sale"), ordering="for_sale")
    def variants_for_sale(self, product: Any) -> int:
        """Count the variants that can be bought."""
        return int(product.for_sale)

    @display(description=_("kind"), ordering="kind")
    def shown_kind(self, product: Product) -> str:
        """Show what kind of thing it is."""
        return product.get_kind_display()

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, product: Product) -> tuple[str, str]:
        """Show whether customers see it."""
        return product.status, product.get_status_display()

    @display(description=_("status"))
    def status_now(self, product: Product) -> str:
        """Name the status on the product's own page."""
        return product.get_status_display()

    @display(description=_("price"))
    def price_alone(self, product: Any) -> str:
        """Show what it costs, variant by variant; the page asks for it several times, the database once."""
        if not hasattr(product, "sold_now"):
            product.sold_now = list(product.variants.filter(is_active=True).order_by("position", "pk"))
        prices = [
            shown_price(format_brl(one.price), unit=one.unit, price_per=one.price_per) for one in product.sold_now
        ]
        return " · ".join(dict.fromkeys(prices)) or "-"

    @display(description=_("price"))
    def price_now(self, product: Product) -> SafeString:
        """Show what it costs, and lead to where one price is changed."""
        link = f"{reverse('one:price')}?{urlencode({'q': product.name})}"
        return format_html(
            '{} · <a class="desk-link" href="{}">{}</a>', self.price_alone(product), link, _("Change a price")
        )

    @display(description=_("changed"), ordering="updated_at")
    def shown_updated(self, product: Product) -> str:
        """Show when it was changed last."""
        return shown_instant(product.updated_at)

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Wait for the variants: product and variants are one use case."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the product with its variants, then its pictures, then press the button that was pressed."""
        for formset in formsets:
            formset.save(commit=False)  # tells Django's log what changed, and writes nothing
        by: dict[str, Any] = {"actor": desk_actor(request), "now": clock.now()}
        variants = [sheet for formset in formsets if isinstance(formset, VariantFormSet) for sheet in formset.sheets()]
        if change:
            catalog.change_product(product_id=form.instance.pk, sheet=form.sheet(), variants=variants, **by)
        else:
            sellable = any(variant.is_active for variant in variants)
            if form.cleaned_data["show"] and not sellable:
                messages.warning(request, NothingToSell.title)
            made = catalog.create_product(
                sheet=form.sheet(),
                variants=variants,
                kind=form.cleaned_data["kind"],
                published=form.cleaned_data["show"] and sellable,
                **by,
            )
            form.instance.pk = made.pk
        for formset in formsets:
            if isinstance(formset, ImageFormSet):
                save_pictures(request, product_id=form.instance.pk, formset=formset, **by)
        if change:
            self._press(request, form.instance)

    def _press(self, request: HttpRequest, product: Product) -> None:
        for button in self.get_actions_submit_line(request, product.pk):
            if button.action_name in request.POST:
                button.method(request, product)

    # Buttons below the form: each is there only while it leads somewhere.

    @action(description=_("Save and show in the shop"), icon="visibility", permissions=["publish"])
    def publish_this(self, request: HttpRequest, product: Product) -> None:
        """Put the product on show."""
        self._each(request, Product.objects.filter(pk=product.pk), verb=catalog.publish)

    @action(description=_("Save and hide"), icon="visibility_off", permissions=["hide"])
    def hide_this(self, request: HttpRequest, product: Product) -> None:
        """Take the product off show."""
        self._each(request, Product.objects.filter(pk=product.pk), verb=catalog.hide)

    @action(description=_("Save and archive"), icon="archive", permissions=["archive"])
    def archive_this(self, request: HttpRequest, product: Product) -> None:
        """Put the product away."""
        self._each(request, Product.objects.filter(pk=product.pk), verb=catalog.archive)

    @action(description=_("Bring back from the archive"), icon="unarchive", permissions=["unarchive"])
    def unarchive_this(self, request: HttpRequest, product: Product) -> None:
        """Bring the product back as a draft."""
        self._each(request, Product.objects.filter(pk=product.pk), verb=catalog.unarchive)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Say whether showing is possible now."""
        return self._may(request, object_id, verb="publish")

    def has_hide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Say whether hiding is possible now."""
        return self._may(request, object_id, verb="hide")

    def has_archive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Say whether archiving is possible now."""
        return self._may(request, object_id, verb="archive")

    def has_unarchive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Say whether bringing back is possible now."""
        return self._may(request, object_id, verb="unarchive")

    def _may(self, request: HttpRequest, object_id: Any, *, verb: str) -> bool:
        if not self.has_change_permission(request):
            return False
        if object_id is None:
            return True
        known = getattr(request, "product_status", None)
        if known is None:
            product = self.get_object(request, str(object_id))
            known = product.status if product is not None else ""
            request.product_status = known  # type: ignore[attr-defined]
        return verb in open_verbs(status=known)

    @action(description=_("Show in the shop"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Put the chosen products on show."""
        self._each(request, queryset, verb=catalog.publish)

    @action(description=_("Hide"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Take the chosen products off show."""
        self._each(request, queryset, verb=catalog.hide)

    @action(description=_("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Put the chosen products away."""
        self._each(request, queryset, verb=catalog.archive)

    @action(description=_("Bring back from the archive"), permissions=["change"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Bring the chosen products back as drafts."""
        self._each(request, queryset, verb=catalog.unarchive)

    @action(description=_("Change prices"), permissions=["change"])
    def change_prices(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        """Lead to the page where the prices of the chosen products are looked at and changed."""
        chosen = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return HttpResponseRedirect(f"{reverse('prices:page')}?ids={chosen}")

    def tells_changes_to(self, request: HttpRequest) -> bool:
        """Tell whoever may read the changes of products."""
        return bool(request.user.has_perm("catalog.view_productchange"))

    def changes_url(self, request: HttpRequest, obj: Product) -> str:
        """Return where it is told who changed the product, for whoever may see it."""
        return super().changes_url(request, obj) if self.tells_changes_to(request) else ""

    def noted_url(self, request: HttpRequest, obj: Product) -> str:
        """Return the list of what the shop itself changed about the product."""
        return f"{reverse('admin:catalog_productchange_changelist')}?product__id__exact={obj.pk}"

    def _each(self, request: HttpRequest, queryset: QuerySet[Product], *, verb: Verb) -> None:
        done = 0
        for pk, name in queryset.order_by("pk").values_list("pk", "name"):
            try:
                verb(product_id=pk, actor=desk_actor(request), now=clock.now())
            except Refusal as refusal:
                messages.error(request, f"{name}: {explained(refusal)}")
            else:
                done += 1
        if done:
            text = ngettext("%(count)d product changed.", "%(count)d products changed.", done)
            messages.success(request, text % {"count": done})
