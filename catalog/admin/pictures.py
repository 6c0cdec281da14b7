"""The pictures of a product on its page: their rows, and each written by a service call of its own."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog import services as catalog
from catalog.forms import ImageForm, ImageFormSet
from catalog.models import ProductImage
from common.actors import Actor
from common.errors import Refusal
from desk.admin import DeskInline
from desk.refusals import explained


class ImagesInline(DeskInline):
    """The pictures of the product; the first is the main one."""

    model = ProductImage
    form = ImageForm
    formset = ImageFormSet
    fields = ("preview", "upload", "alt", "position")
    readonly_fields = ("preview",)
    ordering = ("position", "pk")
    ordering_field = "position"
    hide_ordering_field = True
    extra = 0
    tab = True

    @display(description=_("preview"))
    def preview(self, image: ProductImage) -> SafeString | str:
        """Show the picture."""
        if not image.pk:
            return "-"
        url = default_storage.url(str(image.file.name))
        style = "width: 96px; height: 72px; object-fit: cover; border-radius: 6px"
        return format_html('<img src="{}" alt="{}" style="{}" loading="lazy">', url, image.alt, style)


def save_pictures(request: HttpRequest, *, product_id: int, formset: ImageFormSet, actor: Actor, now: datetime) -> None:
    """Add, change and remove the pictures that were typed; what is refused is told, and the rest of the page stands."""
    by: dict[str, Any] = {"actor": actor, "now": now}
    try:
        for form in formset.typed():
            image, picture, cleaned = form.instance, form.picture, form.cleaned_data
            shown = {"alt": cleaned["alt"], "position": cleaned["position"]}
            if picture is not None:
                catalog.add_image(product_id=product_id, picture=picture, **shown, **by)
            elif image.pk:
                place = cleaned["position"] or 0
                catalog.change_image(image_id=image.public_id, alt=cleaned["alt"], position=place, **by)
        for form in [*formset.gone, *(form for form in formset.typed() if form.picture is not None)]:
            if form.instance.pk:
                catalog.remove_image(image_id=form.instance.public_id, **by)
    except Refusal as refusal:
        messages.error(request, explained(refusal))
