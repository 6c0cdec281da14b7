"""What people copy from a phone, a bank or a page and paste, whatever takes it: unseen marks around it are no mistake."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django import forms
from django.urls import get_resolver

from api.bodies import Body, annotation_of
from api.kinds import Wrong

assert get_resolver().url_patterns  # every view is read, and with them every body and every form

NUMBERS = ("barcode", "birthday", "document", "phone", "postal_code", "reference", "tracking", "whatsapp")
SOUGHT = ("q", "search")
NUMBER_OF_ORDER = "payments.forms.ResolveForm.number"
PASTED = "\u202a12\u20115\u202c"


def below(kind: type[Any]) -> Iterator[type[Any]]:
    """Give every class below one."""
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def takers() -> dict[str, Any]:
    """Return what reads each such field, by where it stands."""
    read: dict[str, Any] = {}
    for form in below(forms.BaseForm):
        fields = getattr(form, "base_fields", {})
        read |= {f"{form.__module__}.{form.__qualname__}.{name}": one.clean for name, one in fields.items()}
    for body in below(Body):
        for field in msgspec.structs.fields(body):
            if (kind := annotation_of(field.type)[1]) is not None:
                read[f"{body.__module__}.{body.__qualname__}.{field.name}"] = kind.read
    wanted = (*NUMBERS, *SOUGHT)
    return {path: one for path, one in sorted(read.items()) if path.split(".")[-1] in wanted or path == NUMBER_OF_ORDER}


def test_there_are_such_fields_at_every_door() -> None:
    named = set(takers())
    assert {
        "backoffice.agenda.bodies.CustomersQuery.q",
        "backoffice.counter.bodies.SaleRequest.document",
        "backoffice.forms.NewCustomerForm.phone",
        "backoffice.one.forms.SearchForm.q",
        "cart.answers.QuotedAddress.postal_code",
        "catalog.forms.products.VariantForm.barcode",
        "storefront.answers.ProductsQuery.search",
        NUMBER_OF_ORDER,
    } <= named


def complains(take: Any) -> bool:
    """Say whether what takes a pasted number refuses it for what cannot be seen."""
    try:
        take(PASTED)
    except Wrong as problem:
        return problem.code == "unclean"
    except forms.ValidationError as problem:
        return "unclean" in [error.code for error in problem.error_list]
    return False


def test_what_surrounds_a_pasted_number_is_not_complained_of() -> None:
    assert [path for path, take in takers().items() if complains(take)] == []
