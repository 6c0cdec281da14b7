"""Django's own words for a saved page, listed so that they are collected: the Portuguese here fits nouns of any gender.

Nobody imports this. The catalogues look a text up by its words, wherever those are written down.
"""

from django.utils.translation import gettext_noop as _

TEXTS = (
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("You may edit it again below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    _("Save and add another"),
    _("Add another %(verbose_name)s"),
)
