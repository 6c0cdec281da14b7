"""The desk's page of the categories.

The list stands in the order of the tree, which no column knows; it is read first and handed to the
list's own statement.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Case, CharField, Count, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog import selectors
from catalog import services as catalog
from catalog.forms import CategoryForm
from catalog.models import Category
from desk.admin import DeskAdmin


@admin.register(Category)
class CategoryAdmin(DeskAdmin):
    """The shelves of the shop."""

    tells_before = True
    form = CategoryForm
    list_display = ("path", "products_on_it", "position", "slug")
    search_fields = ("name", "slug")
    search_words = ("name",)
    search_also = ("slug",)
    fieldsets = ((None, {"fields": ("name", "above", "position", "slug")}),)
    show_full_result_count = False
    list_per_page = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Return the categories, for the list in the order of the tree, with what stands on each."""
        found = Category.objects.all()
        if request.resolver_match is None or request.resolver_match.url_name != "catalog_category_changelist":
            return found
        paths = selectors.category_paths()
        places = [When(pk=pk, then=Value(place)) for place, pk in enumerate(paths)]
        names = [When(pk=pk, then=Value(path)) for pk, path in paths.items()]
        return found.annotate(
            standing=Count("products"),
            place=Case(*places, default=Value(len(paths)), output_field=IntegerField()),
            path_text=Case(*names, default=F("name"), output_field=CharField()),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Category | None = None) -> Any:
        """Return the fields; without a form, what it stands within as it is stored."""
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("name", "parent", "position", "slug")}),)
        return super().get_fieldsets(request, obj)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order the list as the tree stands."""
        return ("place", "pk")

    @display(description=_("category"))
    def path(self, category: Any) -> str:
        """Name the category from the first rank down."""
        return str(category.path_text)

    @display(description=_("products"))
    def products_on_it(self, category: Any) -> int:
        """Count what stands on it."""
        return int(category.standing)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer none: a category is removed on its own page."""
        return {}

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        """Put up a shelf, or change one."""
        cleaned = form.cleaned_data
        wanted: dict[str, Any] = {"name": cleaned["name"], "slug": cleaned["slug"], "parent_id": cleaned["above"]}
        if change:
            position = cleaned["position"] or 0
            catalog.change_category(category_id=obj.pk, position=position, **wanted)
        else:
            obj.pk = catalog.create_category(position=cleaned["position"], **wanted).pk

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        """Take an empty shelf down."""
        catalog.remove_category(category_id=obj.pk)
