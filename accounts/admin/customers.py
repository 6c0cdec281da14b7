"""The desk's pages about customers: who they are, and whom the shop has blocked."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import TabularInline

from accounts import services as accounts
from accounts.forms import BlockForm
from accounts.models import Address, Block, Customer
from common import clock
from common.errors import Refusal
from common.identity import shown_document
from desk.admin import DeskAdmin, desk_actor
from desk.pages import ActorColumn
from desk.paging import BoundedPaginator
from desk.refusals import explained
from desk.shown import shown_phone


class AddressInline(TabularInline):  # type: ignore[misc]
    """A customer's addresses, to read."""

    model = Address
    fields = ("label", "street", "number", "complement", "district", "city", "state", "postal_code", "is_default")
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Leave addresses to their customers."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Leave addresses to their customers."""
        return False


class _ContactColumns:
    """The columns of how somebody is known: phone and document."""

    @admin.display(description=_("phone"))
    def shown_phone(self, person: Customer | Block) -> str:
        """Show the phone number as people read it out."""
        return shown_phone(person.phone) or "-"

    @admin.display(description=_("CPF or CNPJ"))
    def shown_document(self, person: Customer | Block) -> str:
        """Show the document with its marks."""
        return shown_document(person.document) or "-"


@admin.register(Customer)
class CustomerAdmin(_ContactColumns, DeskAdmin):
    """Customers with an account: who they are, and whether they may order."""

    paginator = BoundedPaginator
    list_display = ("shown_name", "email", "shown_phone", "shown_document", "verified", "shown_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("search_key",)
    search_key_field = "search_key"
    ordering = ("-created_at",)
    date_hierarchy = None
    list_select_related = ("user",)
    fieldsets = (
        (None, {"fields": ("name", "email", "verified", "phone", "shown_document")}),
        (_("Account"), {"fields": ("shown_active", "created_at", "anonymised_at")}),
    )
    inlines = (AddressInline,)
    actions = ("block", "unblock")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave opening accounts to customers."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Keep what customers say about themselves as they said it."""
        return False

    def has_block_permission(self, request: HttpRequest) -> bool:
        """Let those who may change customers block them and let them in."""
        return request.user.has_perm("accounts.change_customer")

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        """Never delete a customer: orders outlive them."""
        return False

    @admin.display(description=_("name"), ordering="sort_key")
    def shown_name(self, customer: Customer) -> str:
        """Show what the customer is called."""
        return str(customer)

    @admin.display(description=_("E-mail verified"), boolean=True)
    def verified(self, customer: Customer) -> bool:
        """Say whether the customer proved to read that mailbox."""
        return customer.user is not None and customer.user.email_verified_at is not None

    @admin.display(description=_("May order"), boolean=True, ordering="is_active")
    def shown_active(self, customer: Customer) -> bool:
        """Say whether the customer may order."""
        return customer.is_active

    @admin.action(description=_("Block: no orders, no sign-in"), permissions=["block"])
    def block(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        """Keep the chosen customers out."""
        self._each(request, queryset, active=False)

    @admin.action(description=_("Let in again"), permissions=["block"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        """Let the chosen customers in again."""
        self._each(request, queryset, active=True)

    def _each(self, request: HttpRequest, queryset: QuerySet[Customer], *, active: bool) -> None:
        done = 0
        for customer in queryset.order_by("pk"):
            try:
                switch = accounts.unblock_customer if active else accounts.block_customer
                switch(customer=customer, now=clock.now())
            except Refusal as refusal:
                messages.error(request, f"{customer}: {explained(refusal)}")
            else:
                done += 1
        if done:
            text = ngettext("%(count)d customer changed.", "%(count)d customers changed.", done)
            messages.success(request, text % {"count": done})


@admin.register(Block)
class BlockAdmin(_ContactColumns, ActorColumn, DeskAdmin):
    """Whom the shop has blocked, with an account or without. A block is written and lifted, never edited."""

    paginator = BoundedPaginator
    list_display = ("__str__", "shown_phone", "shown_document", "reason", "who", "created_at")
    search_fields = ("email", "phone", "document", "reason")
    search_also = ("email", "phone", "document")
    search_words = ("reason",)
    search_help_text = _("E-mail, phone, CPF or reason")
    fields = ("email", "phone", "document", "reason")
    ordering = ("-pk",)
    actions = ("lift",)
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: Block | None = None) -> bool:
        """Let nobody edit a block: lift it and write another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Block | None = None) -> bool:
        """Let nobody delete what is lifted."""
        return False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Let those who may block people let them in."""
        return request.user.has_perm("accounts.delete_block")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave room for the marks that people type."""
        form = {"form": BlockForm} if obj is None else {}
        return super().get_form(request, obj, change=change, **form, **kwargs)

    @admin.action(description=_("Let in again"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Block]) -> None:
        """Let the chosen people in again."""
        for block in queryset:
            accounts.lift_block(block=block)
        messages.success(request, _("They may order and book again."))

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        """Block the person."""
        written = accounts.block_person(**form.cleaned_data, actor=desk_actor(request), now=clock.now())
        obj.pk, obj.email, obj.phone, obj.document = written.pk, written.email, written.phone, written.document
