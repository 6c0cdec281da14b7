"""What is chosen for the shop window. What is acceptable, the services say."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.storage import default_storage
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.forms import PictureField
from catalog.services import Picture
from common.errors import Refusal
from desk.refusals import problems_of
from shop import looks
from shop.errors import UnreadableColour
from shop.look import LONGEST, LONGEST_SITE, MOST_FEATURED, MOST_SITES, PICTURES, PLAIN, Look
from shop.policy import Policy
from storefront.selectors import Row
from storefront.services import WindowSheet

COLOURS = ("colour", "colour_dark")
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def _line(label: Any, *, most: int, **options: Any) -> forms.CharField:
    attrs = {"maxlength": most, **options.pop("attrs", {})}
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs=attrs), **options)


def _lines(label: Any, *, most: int, rows: int, **options: Any) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows, "maxlength": most})
    return forms.CharField(label=label, required=False, widget=widget, **options)


def _colour(label: Any, help_text: Any, *, ours: str) -> forms.CharField:
    attrs = {"class": "look-colour", "placeholder": ours, "autocomplete": "off", "spellcheck": "false"}
    return _line(label, most=9, attrs=attrs, help_text=help_text)


class LookForm(forms.Form):
    """Everything about the window on one page."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(
        label=_("Name of the shop"), max_length=120, widget=UnfoldAdminTextInputWidget(attrs={"maxlength": 120})
    )
    welcome = _line(_("Words of welcome"), most=LONGEST["welcome"], help_text=_("One sentence below the name."))
    colour = _colour(_("Colour"), _("Of buttons and links. Empty: our green."), ours="#14532d")
    colour_dark = _colour(
        _("Colour on dark phones"),
        _("Empty: we find the nearest to your colour that can be read at night."),
        ours="#5fbf85",
    )
    logo = PictureField(label=_("Logo"), required=False, help_text=_("JPEG, PNG or WebP, at most 5 MB."))
    logo_gone = forms.BooleanField(label=_("Take the logo down"), required=False)
    cover = PictureField(
        label=_("Cover picture"), required=False, help_text=_("Wide, such as the front of the shop; at most 5 MB.")
    )
    cover_gone = forms.BooleanField(label=_("Take the cover down"), required=False)
    cover_alt = _line(
        _("What the cover shows"), most=LONGEST["cover_alt"], help_text=_("For customers who cannot see it.")
    )
    notice = _lines(
        _("Notice on every page"), most=LONGEST["notice"], rows=2, help_text=_("Such as: closed for holidays.")
    )
    notice_until = forms.DateField(
        label=_("Show it until"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=_("The last day; empty: until you take it away."),
    )
    about = _lines(_("About us"), most=LONGEST["about"], rows=6, help_text=_("Below the products of the first page."))
    footer = _lines(_("Footer"), most=LONGEST["footer"], rows=3, help_text=_("At the end of every page."))

    frame_sites = _lines(
        _("Sites that may show your agenda"),
        most=MOST_SITES * (LONGEST_SITE + 2),
        rows=3,
        help_text=_("One a line, such as https://www.example.com. Nobody else can put the shop into a frame."),
    )

    def __init__(
        self,
        sent: QueryDict | None,
        files: Any,
        *,
        policy: Policy,
        look: Look,
        shelves: Sequence[Row],
        products: Sequence[Row],
        may_rename: bool,
    ) -> None:
        self.policy, self.look, self.shelves = policy, look, shelves
        self.labels = _labels(products)
        self.offers: dict[str, str] = {}
        shown = [self.labels[one] for one in look.featured if one in self.labels]
        initial: dict[str, Any] = {key: getattr(look, key) for key in (*PLAIN, "notice_until")}
        initial["frame_sites"] = "\n".join(look.frame_sites)
        initial |= {f"featured_{place}": label for place, label in enumerate(shown, start=1)}
        initial |= {f"place_{row['slug']}": place for place, row in enumerate(shelves, start=1)}
        super().__init__(sent, files, initial={"seen": look.version, "name": policy.name, **initial})
        for key, painted in zip(COLOURS, look.palettes or (), strict=False):
            self.fields[key].widget.attrs["placeholder"] = painted.main
        if not may_rename:
            del self.fields["name"]
        for place in range(1, MOST_FEATURED + 1):
            attrs = {"list": "look-products", "autocomplete": "off", "aria-label": f"{gettext('Product')} {place}"}
            self.fields[f"featured_{place}"] = _line(attrs["aria-label"], most=300, attrs=attrs)
        for row in shelves:
            self.fields[f"place_{row['slug']}"] = forms.IntegerField(
                label=row["name"],
                min_value=1,
                max_value=9999,
                widget=UnfoldAdminTextInputWidget(attrs={"type": "number", "min": 1, "class": "look-place"}),
            )

    def clean(self) -> dict[str, Any]:
        """Judge colours and texts as they will be when they are saved."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for key in PLAIN:
            if key in cleaned and key in self.changed_data:
                self._judge(key, cleaned)
        if "frame_sites" in cleaned and "frame_sites" in self.changed_data:
            self._judge_sites(cleaned)
        if cleaned.get("notice_until") and not cleaned.get("notice"):
            self.add_error("notice", _("Write what customers shall know until then, or leave the day empty."))
        known = {label: public_id for public_id, label in self.labels.items()}
        for place in range(1, MOST_FEATURED + 1):
            typed = cleaned.get(f"featured_{place}", "")
            if typed and typed not in known:
                self.add_error(f"featured_{place}", _("No product on show goes by this name. Choose one of the list."))
        self.chosen: list[UUID] = [
            known[typed]
            for place in range(1, MOST_FEATURED + 1)
            if (typed := cleaned.get(f"featured_{place}", "")) in known
        ]
        return cleaned

    @property
    def sheet(self) -> WindowSheet:
        """What was chosen differently."""
        cleaned, changed = self.cleaned_data, set(self.changed_data)
        values: dict[str, Any] = {key: cleaned[key] for key in (*PLAIN, "notice_until") if key in changed}
        if "frame_sites" in changed:
            values["frame_sites"] = cleaned["frame_sites"]
        if any(name.startswith("featured_") for name in changed):
            values["featured"] = self.chosen
        return WindowSheet(
            seen=cleaned["seen"],
            values=values,
            pictures={key: cleaned[key] for key in PICTURES if cleaned[key] is not None or cleaned[f"{key}_gone"]},
            categories=self.order if any(name.startswith("place_") for name in changed) else None,
            name=cleaned["name"] if "name" in changed else None,
        )

    @property
    def order(self) -> list[str]:
        """Slugs of the shelves as they shall stand; equal places stay in the order they have."""
        slugs = [row["slug"] for row in self.shelves]
        return sorted(slugs, key=lambda slug: int(self.cleaned_data[f"place_{slug}"]))

    @property
    def dressed(self) -> Look:
        """The look as it would be, but its pictures."""
        cleaned = self.cleaned_data
        values = {key: cleaned[key] for key in (*PLAIN, "notice_until")}
        return replace(self.look, **values, featured=tuple(self.chosen))

    def address_of(self, key: str) -> dict[str, Any] | None:
        """Return a picture as it would be; one that was just chosen by all that is in it."""
        chosen: Picture | None = self.cleaned_data[key]
        if chosen is not None:
            content = base64.b64encode(chosen.content).decode()
            url = f"data:{MEDIA_TYPES[chosen.extension]};base64,{content}"
            return {"url": url, "width": chosen.width, "height": chosen.height}
        return None if self.cleaned_data[f"{key}_gone"] else self.stored(key)

    def stored(self, key: str) -> dict[str, Any] | None:
        """Return a picture as it is."""
        kept = getattr(self.look, key)
        return kept and {"url": default_storage.url(kept.file), "width": kept.width, "height": kept.height}

    def featured(self) -> Iterator[Any]:
        """Give the fields of what stands first."""
        return (self[f"featured_{place}"] for place in range(1, MOST_FEATURED + 1))

    def places(self) -> Iterator[Any]:
        """Give the fields of the order of the shelves."""
        return (self[f"place_{row['slug']}"] for row in self.shelves)

    def _judge_sites(self, cleaned: dict[str, Any]) -> None:
        try:
            cleaned["frame_sites"] = looks.check_sites(lines=cleaned["frame_sites"].splitlines())
        except Refusal as refusal:
            for _name, text in problems_of(refusal):
                self.add_error("frame_sites", text)

    def _judge(self, key: str, cleaned: dict[str, Any]) -> None:
        check = looks.check_colour if key in COLOURS else looks.check_text
        try:
            cleaned[key] = check(key=key, text=cleaned[key])
        except Refusal as refusal:
            if isinstance(refusal, UnreadableColour):
                self.offers[key] = str(refusal.data["nearest"])
            for _name, text in problems_of(refusal):
                self.add_error(key, text)


def _labels(products: Sequence[Row]) -> dict[UUID, str]:
    """Return what products are chosen by: their names, and their slugs too where several are called alike."""
    names = [row["name"] for row in products]
    alike = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    return {row["id"]: f"{row['name']} ({row['slug']})" if row["name"] in alike else row["name"] for row in products}
