"""Routes of the pages about how one signs in, at either place."""

from django.urls import URLPattern, path

from accounts.pages import security
from accounts.pages.places import Place
from accounts.pages.signing_in import ProvePage


def security_pages(place: Place, below: str, *, app: str, passkey: str, prove: str, codes: str) -> list[URLPattern]:
    """Return the routes of a place, below a path; the words are those of the place's language."""
    pages = (
        ("", security.SecurityPage, "security"),
        (prove, ProvePage, "prove"),
        (app, security.AppPage, "app"),
        (f"{app}remove/", security.RemoveAppPage, "remove-app"),
        (passkey, security.PasskeyPage, "passkey"),
        (f"{passkey}<int:number>/remove/", security.RemovePasskeyPage, "remove-passkey"),
        (codes, security.CodesPage, "codes"),
        ("session/<uuid:public_id>/end/", security.EndSessionPage, "end-session"),
    )
    return [
        path(f"{below}{rest}", page.as_view(place=place), name=f"{place.routes}-{name}") for rest, page, name in pages
    ]
