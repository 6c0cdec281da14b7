"""Words of Django REST framework whose Portuguese is wrong there, listed so that they are collected and put right here.

Nobody imports this. The catalogues look a text up by its words, wherever those are written down.
"""

from django.utils.translation import gettext_noop as _

TEXTS = (
    _("This field may not be blank."),
    _("This field may not be null."),
    _("This list may not be empty."),
    _("This dictionary may not be empty."),
    _("This selection may not be empty."),
    _("Ensure this field has at least {min_length} characters."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Ensure this filename has at most {max_length} characters (it has {length})."),
    _("Ensure this value is greater than or equal to {min_value}."),
    _("Ensure this value is less than or equal to {max_value}."),
    _("Could not satisfy the request Accept header."),
    _("Request was throttled."),
    _("Expected available in {wait} second."),
    _("Expected available in {wait} seconds."),
    _("The fields {field_names} must make a unique set."),
    _("The submitted file is empty."),
    _("Invalid input."),
    _("None"),
)
