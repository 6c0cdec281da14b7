"""How the desk looks: names, colours, and where its menu comes from.

Terracotta on warm grey, dark enough for white letters on it (contrast above 4.5 to 1). The menu is not
here but in `backoffice.navigation`, because it depends on who is looking.
"""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def desk_style(request: HttpRequest) -> str:
    """Return the address of the desk's own style sheet."""
    return static("desk/desk.css")


def desk_script(request: HttpRequest) -> str:
    """Return the address of the desk's own script."""
    return static("desk/desk.js")


def icon(request: HttpRequest) -> str:
    """Return the address of the icon that browsers show."""
    return static("desk/icon.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Balcão",
    "SITE_HEADER": "Balcão",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "SITE_URL": None,
    "LOGIN": {"form": "accounts.forms.DeskSignInForm"},
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "8px",
    "STYLES": [desk_style],
    "SCRIPTS": [desk_script],
    "DASHBOARD_CALLBACK": "backoffice.dashboard.dashboard",
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .003 60)",
            "100": "oklch(96.6% .005 60)",
            "200": "oklch(92.4% .007 60)",
            "300": "oklch(86.8% .009 60)",
            "400": "oklch(70.8% .012 60)",
            "500": "oklch(54.6% .014 60)",
            "600": "oklch(44.2% .013 60)",
            "700": "oklch(37.0% .012 60)",
            "800": "oklch(27.2% .010 60)",
            "900": "oklch(21.2% .009 60)",
            "950": "oklch(14.6% .006 60)",
        },
        "primary": {
            "50": "oklch(97.4% .014 45)",
            "100": "oklch(94.4% .032 45)",
            "200": "oklch(88.8% .062 45)",
            "300": "oklch(81.0% .102 45)",
            "400": "oklch(72.4% .140 44)",
            "500": "oklch(62.8% .160 42)",
            "600": "oklch(54.0% .150 41)",
            "700": "oklch(47.2% .131 40)",
            "800": "oklch(40.4% .108 40)",
            "900": "oklch(34.6% .086 40)",
            "950": "oklch(24.0% .060 40)",
        },
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("How you sign in"), "link": reverse_lazy("desk-security")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "backoffice.navigation.navigation",
    },
}
