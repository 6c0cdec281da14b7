"""The desk's page of services: name, price, length, who performs it and a picture on one page, the rest folded.

It writes the catalogue's side and the agenda's side with one call, and the picture with another.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog import services as catalog
from catalog.models import Product
from catalog.services import Picture
from catalog.wording import deposit_text
from common import clock, locks
from common.errors import Refusal
from common.money import format_brl
from desk.admin import desk_actor
from desk.refusals import explained
from scheduling import services as scheduling
from scheduling.admin.setup import BY_NAME, SetupAdmin
from scheduling.forms import NewServiceForm, ServiceForm
from scheduling.models import Professional, ProfessionalService, Service
from scheduling.stranding import tell_stranded, wanted_anyway

SOLD = ("name", "price", "picture")
"""What stands in the catalogue."""

AGENDA_FIELDS = (
    "capacity",
    ("buffer_before_minutes", "buffer_after_minutes"),
    ("granularity_minutes", "overlap_tolerance_minutes"),
    ("lead_time_minutes", "horizon_days"),
    "deposit_kind",
    ("deposit_percent", "deposit_amount"),
    ("requires_confirmation", "fit_gaps"),
    "rooms",
)
TYPED = ("deposit_kind", ("deposit_percent", "deposit_amount"))
"""Of them what only a form shows; without one, `shown_deposit` says it."""


NOBODY_PERFORMS = _("Nobody performs this service yet, so nobody can book it.")


def _people() -> list[Professional]:
    return list(Professional.objects.filter(is_active=True))


def _who_can_perform() -> str:
    """Return the page of the professionals; while there is none, the page of a new one."""
    page = "changelist" if Professional.objects.exists() else "add"
    return reverse(f"admin:scheduling_professional_{page}")


@admin.register(Service)
class ServiceAdmin(SetupAdmin):
    """What takes a professional's time."""

    list_display = (
        "shown_name", "shown_price", "shown_deposit", "shown_duration", "capacity",
        "requires_confirmation", "performers",
    )  # fmt: skip
    list_select_related = ("variant__product",)
    search_fields = ("variant__sku", "variant__product__search_key")
    search_key_field = "variant__product__search_key"
    search_also = ("variant__sku",)
    ordering = BY_NAME
    filter_horizontal = ("rooms",)
    readonly_fields = ("catalogue_side",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        """Return the services with those who perform them; the list leaves out what was archived."""
        found: QuerySet[Service] = super().get_queryset(request).prefetch_related("professionals")
        listed = (
            request.resolver_match is not None and request.resolver_match.url_name == "scheduling_service_changelist"
        )
        return found.exclude(variant__product__status=Product.Status.ARCHIVED) if listed else found

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, with those who could perform the service, and of the rest what the person may write."""
        form = (ServiceForm if obj else NewServiceForm).offered_to(_people() if self._sets_team(request) else ())
        if not self._sells(request, obj):
            form = type(form.__name__, (form,), dict.fromkeys(SOLD))
        kwargs["form"] = form
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what everybody writes, who performs it, and folded what most leave as it is."""
        if not self.has_change_permission(request, obj):
            shown = ("catalogue_side", "duration_minutes", "performers")
            more = ("shown_deposit", *(row for row in AGENDA_FIELDS if row not in TYPED))
            return ((None, {"fields": shown}), (_("More"), {"fields": more, "classes": ("collapse",)}))
        sells = self._sells(request, obj)
        sold = ("name", ("price", "duration_minutes"), "picture") if sells else ("duration_minutes",)
        catalogue = ("catalogue_side",) if obj else (("category", "new_category"), "sku", "description")
        people = _people() if self._sets_team(request) else []
        team = [(f"performs_{one.pk}", f"price_{one.pk}") for one in people]
        return (
            (None, {"fields": sold}),
            *(((_("Who performs it"), {"fields": team}),) if team else ()),
            (_("More"), {"fields": (*catalogue, *AGENDA_FIELDS), "classes": ("collapse",)}),
        )

    def _sells(self, request: HttpRequest, obj: Any) -> bool:
        """Say whether the person may write the catalogue's side of the service."""
        return obj is None or bool(request.user.has_perm("catalog.change_product"))

    def _sets_team(self, request: HttpRequest) -> bool:
        """Say whether the person may say who performs what."""
        return bool(request.user.has_perm("scheduling.change_professionalservice"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return the way to the catalogue's side, once there is one; who performs it, for whoever only looks."""
        if obj is None:
            return ()
        return ("catalogue_side",) if self.has_change_permission(request, obj) else ("catalogue_side", "performers")

    def pages_of(self, request: HttpRequest, object_id: str) -> list[str]:
        """Return the leases of its page, of its product's, and of those who may perform it: there it stands, too."""
        service = self.get_object(request, unquote(object_id))
        sold = [locks.page(table="catalog.product", pk=service.variant.product_id)] if service else []
        team = [locks.page(table="scheduling.professional", pk=one.pk) for one in _people()]
        return [*super().pages_of(request, object_id), *sold, *team]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the service with its catalogue side and with who performs it, then its picture."""
        service = form.instance
        by: dict[str, Any] = {"actor": desk_actor(request), "now": clock.now()}
        if change:
            sells, sets_team = self._sells(request, service), self._sets_team(request)
            stranded = scheduling.change_service(
                service=service,
                name=form.cleaned_data["name"] if sells else None,
                price=form.cleaned_data["price"] if sells else None,
                rooms=form.cleaned_data["rooms"],
                performers=form.performers() if sets_team else None,
                anyway=wanted_anyway(request),
                **by,
            )
            tell_stranded(request, stranded)
        else:
            scheduling.create_service(
                product=form.product(),
                variant=form.variant(),
                service=service,
                rooms=form.cleaned_data["rooms"],
                performers=[
                    ProfessionalService(professional_id=pk, service=service, price=own)
                    for pk, own in form.performers().items()
                ],
                **by,
            )
        self._save_picture(request, form, **by)
        if not service.performed.exists():
            here = reverse("admin:scheduling_service_change", args=[service.pk])
            way = here if Professional.objects.exists() else _who_can_perform()
            link = format_html('<a href="{}">{}</a>', way, gettext("Choose who performs it"))
            messages.warning(request, format_html("{} {}", NOBODY_PERFORMS, link))

    def _save_picture(self, request: HttpRequest, form: Any, **by: Any) -> None:
        """Let what was chosen be the main picture; the service is saved whatever becomes of it."""
        chosen = form.cleaned_data.get("picture")
        if not isinstance(chosen, Picture) and chosen is not False:
            return
        product, alt = form.instance.variant.product_id, form.cleaned_data["name"]
        try:
            catalog.put_main_image(product_id=product, picture=chosen or None, alt=alt, **by)
        except Refusal as refusal:
            messages.error(request, explained(refusal))

    def missing(self, request: HttpRequest, obj: Any) -> list[tuple[Any, str]]:
        """Lead to somebody who performs the service."""
        if obj is None or obj.professionals.exists():
            return []
        return [(NOBODY_PERFORMS, _who_can_perform())]

    @display(description=_("service"), ordering="variant__product__search_key", header=True)
    def shown_name(self, service: Service) -> list[str]:
        """Show what customers read, and the SKU below it."""
        return [str(service.variant.product.name), service.variant.sku]

    @display(description=_("price"), ordering="variant__price")
    def shown_price(self, service: Service) -> str:
        """Show the catalogue's price."""
        return format_brl(service.variant.price)

    @display(description=_("deposit"))
    def shown_deposit(self, service: Service) -> str:
        """Show what is asked when ordering it."""
        return deposit_text(service.deposit)

    @display(description=_("duration"), ordering="duration_minutes")
    def shown_duration(self, service: Service) -> str:
        """Show how long it takes."""
        return gettext("%(minutes)s min") % {"minutes": service.duration_minutes}

    @display(description=_("performed by"))
    def performers(self, service: Service) -> str:
        """Show who performs it."""
        return ", ".join(str(one) for one in service.professionals.all()) or "-"

    @display(description=_("in the catalogue"))
    def catalogue_side(self, service: Service) -> SafeString:
        """Lead to the product."""
        product = service.variant.product
        return format_html(
            '<a href="{}">{} · {} · {}</a> {}',
            reverse("admin:catalog_product_change", args=[product.pk]),
            product.name,
            service.variant.sku,
            format_brl(service.variant.price),
            gettext("Category, description and more pictures stand there."),
        )
