"""How the desk says no."""

from django.utils import translation
from django.utils.translation import gettext_lazy

from common.errors import Conflict, FieldError, Malformed
from desk.refusals import explained


class Held(Conflict):
    code = "below_reserved"
    title = gettext_lazy("Fewer units than are reserved")
    sentence = "%(reserved)s units are promised, worth %(worth)s."
    amounts = ("worth",)


def test_a_refusal_is_a_sentence_with_its_figures() -> None:
    with translation.override("en"):
        assert explained(Held(reserved=3, worth="7.5")) == "3 units are promised, worth R$ 7,50."
        assert explained(Held()) == "Fewer units than are reserved"
        assert explained(Held("Not today.")) == "Not today."
        assert explained(Malformed(errors=[FieldError(pointer="/a", code="x", detail="Wrong.")])) == "Wrong."
