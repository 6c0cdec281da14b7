"""The desk's pages of customers: the list, one page for each, and what is done about them.

Every button ends in one call of `customers.services`.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice import customer_desk
from backoffice.admin.customer_filters import BirthdayFilter, KeptOutFilter, TagFilter
from backoffice.admin.verbs import is_filled_in
from backoffice.forms import BlockCustomerForm, CustomerForm, NewCustomerForm
from common import clock
from common.errors import Refusal
from common.identity import shown_birthday, shown_document
from common.money import format_brl
from common.text import chat_url, plain_number
from common.use_cases import only_once
from customers import selectors
from customers import services as customers
from customers.models import CustomerRecord
from desk.admin import DeskAdmin, desk_actor
from desk.pages import FramedPages, Question, ask, asked_first, posted, require
from desk.paging import BoundedPaginator
from desk.refusals import refused
from desk.shown import shown_instant, shown_phone

CHANGES = "customers.change_customerrecord"
ADDS = "customers.add_customerrecord"
MERGES = "customers.merge_customerrecord"
BLOCKS = "customers.block_customerrecord"
ERASES = "customers.erase_customerrecord"
ONE_WAY_OUT = {"show_save_and_continue": False, "show_save_and_add_another": False}
"""A form is left by the customer's page alone."""


@admin.register(CustomerRecord)
class CustomerRecordAdmin(FramedPages, DeskAdmin):
    """Customers, with an account or without."""

    form = CustomerForm
    fields = CustomerForm.Meta.fields
    paginator = BoundedPaginator
    list_display = ("shown_name", "shown_phone", "shown_birthday", "shown_tags", "shown_since")
    list_filter = (TagFilter, BirthdayFilter, KeptOutFilter)
    list_before_template = "backoffice/customers_top.html"
    search_fields = ("search_key",)
    search_key_field = "search_key"
    search_help_text = _("Name, phone, CPF or e-mail")
    ordering = ("sort_key", "pk")
    list_per_page = 50
    show_full_result_count = False
    list_disable_select_all = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the customers there are, each with whether they are kept out."""
        return selectors.customers().select_related("block")

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Find customers by what is known of them, and by what was known of records merged into theirs."""
        return selectors.known_by(text)

    def has_delete_permission(self, request: HttpRequest, obj: CustomerRecord | None = None) -> bool:
        """Never delete a customer: what they bought outlives them."""
        return False

    @display(description=_("name"), ordering="sort_key", header=True)
    def shown_name(self, record: Any) -> list[str]:
        """Show what the customer is called, and whether they are kept out."""
        return [str(record), gettext("Blocked") if record.is_kept_out else record.email]

    @display(description=_("phone"))
    def shown_phone(self, record: CustomerRecord) -> str:
        """Show the phone number as people read it out."""
        return shown_phone(record.phone) or "-"

    @display(description=_("birthday"))
    def shown_birthday(self, record: CustomerRecord) -> str:
        """Show the birthday."""
        return shown_birthday(record.birthday) or "-"

    @display(description=_("tags"))
    def shown_tags(self, record: CustomerRecord) -> str:
        """Show the tags."""
        return ", ".join(record.tags) or "-"

    @display(description=_("customer since"), ordering="created_at")
    def shown_since(self, record: CustomerRecord) -> str:
        """Show since when the shop knows them."""
        return formats.date_format(timezone.localtime(record.created_at), "SHORT_DATE_FORMAT")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list, with a line above it in which a customer is added."""
        form = NewCustomerForm() if self.has_add_permission(request) else None
        return super().changelist_view(request, {"quick_form": form, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a customer's form and one for each thing that is done."""
        view = self.admin_site.admin_view
        pages = (
            ("quick/", self.add_quickly, "quick"),
            ("duplicates/", self.duplicates, "duplicates"),
            ("<int:pk>/edit/", self.edit, "edit"),
            ("<int:pk>/block/", self.block, "block"),
            ("<int:pk>/unblock/", self.unblock, "unblock"),
            ("<int:pk>/erase/", self.erase, "erase"),
            ("<int:pk>/merge/<int:other>/", self.merge, "merge"),
            ("<int:pk>/apart/<int:other>/", self.apart, "apart"),
        )
        own = [path(route, view(page), name=f"customers_customerrecord_{name}") for route, page, name in pages]
        return [*own, *super().get_urls()]

    # The page of a customer.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a customer's page; of a merged record the page of the one that stays."""
        merged = CustomerRecord.objects.filter(pk=object_id if object_id.isdecimal() else 0).first()
        if merged is not None and merged.merged_into_id:
            return HttpResponseRedirect(_url(merged.merged_into_id))
        record = self.get_object(request, object_id)
        if record is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = self._context(request, record)
        return self.page(request, template="backoffice/customer.html", obj=record, context=context)

    def _context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        now = clock.now()
        may = request.user.has_perm
        figures = customer_desk.figures(record=record, now=now)
        records = customer_desk.members(record=record)
        page = plain_number(request.GET.get("p", ""), digits=4) or 1
        entries, has_more = customer_desk.timeline(
            record=record,
            page=page,
            sees_orders=may("orders.view_order"),
            sees_visits=may("scheduling.view_appointment"),
            now=now,
        )
        return {
            "figures": _shown(figures),
            "entries": entries,
            "page_number": page,
            "next_page": page + 1 if has_more else None,
            "phone": shown_phone(record.phone),
            "chat": chat_url(phone=record.phone) if record.phone else "",
            "document": shown_document(record.document),
            "birthday": shown_birthday(record.birthday),
            "others": [(one, shown_phone(one.phone), shown_document(one.document)) for one in records[1:]],
            "accounts": [one.account for one in records if one.account] if may("accounts.view_customer") else [],
            "history": customer_desk.history(records=records),
            "alike": [(one, shown_phone(one.phone)) for one in selectors.alike(record=record)],
            "may_change": may(CHANGES),
            "may_merge": may(MERGES),
            "may_block": may(BLOCKS),
            "may_erase": may(ERASES) and not any(one.account for one in records),
        }

    # What is done.

    def add_quickly(self, request: HttpRequest) -> HttpResponse:
        """Add a customer of whom a name and a phone are typed, and show their page."""
        require(request, ADDS)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = NewCustomerForm(request.POST)
        question = Question(
            title=gettext("New customer"),
            submit=gettext("Add customer"),
            back=reverse("admin:customers_customerrecord_changelist"),
        )
        if not form.is_valid():
            return ask(request, admin=self, question=question, form=form)
        typed = {name: form.cleaned_data[name] for name in ("name", "phone")}
        made: list[CustomerRecord] = []
        try:
            add = only_once(form.once(request=request, scope="customer"), _added_to(made))
            add(**typed, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return ask(request, admin=self, question=question, form=form, refusal=refusal)
        if not made:  # the same line sent again
            return HttpResponseRedirect(f"{question.back}?q={typed['name']}")
        self.log_addition(request, made[0], "")
        messages.success(request, gettext("%(name)s is in the list.") % {"name": made[0]})
        return HttpResponseRedirect(_url(made[0].pk))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show or take the form of a customer."""
        return super().change_view(request, str(pk), extra_context=ONE_WAY_OUT)

    def save_model(self, request: HttpRequest, obj: CustomerRecord, form: Any, change: bool) -> None:
        """Add the customer, or change what was typed anew."""
        typed = {name: form.cleaned_data[name] for name in self.fields}
        if change:
            typed = {name: value for name, value in typed.items() if name in form.changed_data}
            customers.change_customer(record=obj, changes=typed, actor=desk_actor(request), now=clock.now())
        else:
            obj.pk = customers.add_customer(**typed, actor=desk_actor(request), now=clock.now()).pk

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show or take the form of a new customer."""
        return super().add_view(request, form_url, ONE_WAY_OUT)

    def response_add(
        self, request: HttpRequest, obj: CustomerRecord, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the page of the customer who was added."""
        return self._done(request, obj, gettext("%(name)s is in the list."))

    def response_change(self, request: HttpRequest, obj: CustomerRecord) -> HttpResponse:
        """Go back to the customer's page."""
        return self._done(request, obj, gettext("%(name)s is written down."))

    def block(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and keep the customer out."""
        require(request, BLOCKS)
        record = self._record(request, pk)
        form = BlockCustomerForm(posted(request))
        question = Question(
            title=gettext("Block %(name)s") % {"name": record},
            intro=gettext(
                "They order and book nothing more, by phone, e-mail, CPF or account. What they have stays; cancel it "
                "if you want to."
            ),
            submit=gettext("Block"),
            back=_url(pk),
            danger=True,
            suggestions=[
                gettext("Does not come and does not call"),
                gettext("Does not pay"),
                gettext("Offended the team"),
            ],
        )
        if not is_filled_in(request, form):
            return ask(request, admin=self, question=question, form=form, obj=record)
        try:
            reason = form.cleaned_data["reason"]
            customers.block_customer(record=record, reason=reason, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return ask(request, admin=self, question=question, form=form, obj=record, refusal=refusal)
        return self._done(request, record, gettext("%(name)s is blocked."))

    def unblock(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and let the customer in again."""
        require(request, BLOCKS)
        record = self._record(request, pk)
        question = Question(
            title=gettext("Let %(name)s in again") % {"name": record},
            intro=gettext("Every block that names their phone, e-mail or CPF is lifted."),
            submit=gettext("Let in again"),
            back=_url(pk),
        )
        if (asked := asked_first(request, admin=self, question=question, obj=record)) is not None:
            return asked
        try:
            customers.unblock_customer(record=record, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=question.back)
        return self._done(request, record, gettext("%(name)s may order and book again."))

    def erase(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and erase what is known of the customer."""
        require(request, ERASES)
        record = self._record(request, pk)
        question = Question(
            title=gettext("Erase %(name)s") % {"name": record},
            intro=gettext(
                "Name, phone, e-mail, CPF, birthday, tags and notes are erased here and beside all their orders and "
                "visits, those still ahead too. What was sold stays. This cannot be undone."
            ),
            submit=gettext("Erase"),
            back=_url(pk),
            danger=True,
        )
        if (asked := asked_first(request, admin=self, question=question, obj=record)) is not None:
            return asked
        try:
            customers.forget_customer(record=record, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=question.back)
        messages.success(request, gettext("What was known of this customer is erased."))
        return HttpResponseRedirect(reverse("admin:customers_customerrecord_changelist"))

    def duplicates(self, request: HttpRequest) -> HttpResponse:
        """Show pairs of records that may be of one person."""
        require(request, MERGES)
        pairs = [
            [(one, shown_phone(one.phone), shown_document(one.document)) for one in pair]
            for pair in selectors.pairs_alike()
        ]
        context = {"pairs": pairs, "title": gettext("Possible duplicates")}
        return self.page(request, template="backoffice/customer_pairs.html", obj=None, context=context)

    def merge(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        """Ask, and merge the other record into this one."""
        require(request, MERGES)
        stays, goes = self._record(request, pk), self._record(request, other)
        question = Question(
            title=gettext("One and the same customer?"),
            intro=gettext(
                "The first one stays and gets what it lacks from the other. Orders and visits of both are shown on one "
                "page. This cannot be undone."
            ),
            submit=gettext("Merge"),
            back=_url(pk),
            facts=[(gettext("Stays"), _named(stays)), (gettext("Is merged"), _named(goes))],
        )
        if (asked := asked_first(request, admin=self, question=question, obj=stays)) is not None:
            return asked
        try:
            customers.merge_customers(stays=stays, goes=goes, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=question.back)
        return self._done(request, stays, gettext("The two records of %(name)s are one."))

    def apart(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        """Write down that two records are of two people."""
        require(request, MERGES)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        one, two = self._record(request, pk), self._record(request, other)
        try:
            customers.keep_apart(one=one, other=two, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=_url(pk))
        messages.success(request, gettext("They are two people, and are not proposed again."))
        return HttpResponseRedirect(reverse("admin:customers_customerrecord_duplicates"))

    def _record(self, request: HttpRequest, pk: int) -> CustomerRecord:
        found: CustomerRecord = get_object_or_404(self.get_queryset(request), pk=pk)
        return found

    def _done(self, request: HttpRequest, record: CustomerRecord, text: str) -> HttpResponse:
        messages.success(request, text % {"name": record})
        return HttpResponseRedirect(_url(record.pk))


def _added_to(made: list[CustomerRecord]) -> Any:
    """Return the service that adds a customer, telling whom it added."""

    def add(**typed: Any) -> None:
        made.append(customers.add_customer(**typed))

    return add


def _named(record: CustomerRecord) -> str:
    """Return what tells a record from another of the same name."""
    known = (str(record), shown_phone(record.phone), record.email, shown_document(record.document))
    return " · ".join(text for text in known if text)


def _shown(figures: customer_desk.Figures) -> list[tuple[str, str]]:
    """Return the figures as the page names them."""
    return [
        (gettext("Spent"), format_brl(figures.spent)),
        (gettext("Purchases"), str(figures.purchases)),
        (gettext("Average purchase"), format_brl(figures.average)),
        (gettext("Visits"), str(figures.visits)),
        (gettext("No-shows"), str(figures.no_shows)),
        (gettext("Last visit"), shown_instant(figures.last_visit)),
        (gettext("Next visit"), shown_instant(figures.next_visit)),
        (gettext("Favourite professional"), figures.favourite or "-"),
    ]


def _url(pk: int) -> str:
    return reverse("admin:customers_customerrecord_change", args=[pk])
