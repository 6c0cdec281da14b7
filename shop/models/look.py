"""How the shop window looks: one row, and none while nobody has dressed it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.look import LONGEST, LONGEST_SITE, MOST_FEATURED, MOST_SITES


class ShopLook(models.Model):
    """What the owner chose for the shop window; the only row of its table."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False, help_text=_("Always 1."))
    version = models.PositiveIntegerField(_("version"), default=0, help_text=_("How often it was changed."))
    colour = models.CharField(
        _("colour"), max_length=7, blank=True, help_text=_("Of buttons and links, as #14532d; empty: ours.")
    )
    colour_dark = models.CharField(
        _("colour at night"),
        max_length=7,
        blank=True,
        help_text=_("For phones set to dark; empty: the nearest to the other one that can be read."),
    )
    logo = models.CharField(_("logo"), max_length=120, blank=True, help_text=_("Name of the file."))
    logo_width = models.PositiveIntegerField(_("width"), default=0, help_text=_("In pixels."))
    logo_height = models.PositiveIntegerField(_("height"), default=0, help_text=_("In pixels."))
    cover = models.CharField(_("cover picture"), max_length=120, blank=True, help_text=_("Name of the file."))
    cover_width = models.PositiveIntegerField(_("width"), default=0, help_text=_("In pixels."))
    cover_height = models.PositiveIntegerField(_("height"), default=0, help_text=_("In pixels."))
    cover_alt = models.CharField(
        _("what the cover shows"),
        max_length=LONGEST["cover_alt"],
        blank=True,
        help_text=_("For people who cannot see it."),
    )
    welcome = models.CharField(
        _("welcome"), max_length=LONGEST["welcome"], blank=True, help_text=_("One sentence on the first page.")
    )
    about = models.TextField(_("about the shop"), blank=True, help_text=_("Below the products of the first page."))
    footer = models.TextField(_("footer"), blank=True, help_text=_("At the end of every page."))
    notice = models.TextField(_("notice"), blank=True, help_text=_("On top of every page, such as a holiday."))
    notice_until = models.DateField(
        _("notice until"), null=True, blank=True, help_text=_("Its last day; empty: until it is taken away.")
    )
    featured = ArrayField(
        models.UUIDField(),
        default=list,
        blank=True,
        verbose_name=_("featured products"),
        help_text=_("Public ids of products, in order; what is no longer on show is passed over."),
    )

    frame_sites = ArrayField(
        models.CharField(max_length=LONGEST_SITE),
        default=list,
        db_default=[],
        blank=True,
        verbose_name=_("sites with the agenda"),
        help_text=_("Origins that may show the booking page in a frame."),
    )

    class Meta:
        verbose_name = _("look of the shop window")
        verbose_name_plural = _("look of the shop window")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="shoplook_single_row"),
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex="^#[0-9a-f]{6}$"), name="shoplook_colour_form"
            ),
            models.CheckConstraint(
                condition=Q(colour_dark="") | Q(colour_dark__regex="^#[0-9a-f]{6}$"), name="shoplook_colour_dark_form"
            ),
            models.CheckConstraint(
                condition=Q(notice_until__isnull=True) | ~Q(notice=""), name="shoplook_day_of_a_notice"
            ),
            models.CheckConstraint(condition=Q(featured__len__lte=MOST_FEATURED), name="shoplook_few_featured"),
            models.CheckConstraint(condition=Q(frame_sites__len__lte=MOST_SITES), name="shoplook_few_sites"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
