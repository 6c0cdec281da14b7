"""The kinds of values by which people are known and reached: each yields the form in which the shop keeps it."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.kinds import TextLine, Wrong
from common.identity import STATES, normal_document, normal_email, normal_phone, normal_postal_code
from common.text import one_line, plain_marks


class Pasted(TextLine):
    """A line that people copy from their phones, with marks that may not be seen."""

    def read(self, given: Any) -> str:
        """Return the line with plain marks. Raises Wrong."""
        return super().read(plain_marks(given) if isinstance(given, str) else given)


class Code(Pasted):
    """A code of six figures, or one of those that are kept on paper, as it was typed or copied."""

    def __init__(self) -> None:
        super().__init__(40)


class _Normal(TextLine):
    """Text that has one normal form."""

    normal: ClassVar[Any]
    invalid: ClassVar[str | Promise]

    def kept(self, text: str) -> str:
        """Return the normal form. Raises Wrong."""
        try:
            return str(self.normal(one_line(text)))
        except ValueError:
            raise Wrong("invalid", self.invalid) from None


class Email(_Normal):
    """An e-mail address, in lower case; with `blank`, or nothing."""

    normal = staticmethod(normal_email)
    invalid = _("This is no e-mail address.")

    def __init__(self, *, blank: bool = False) -> None:
        super().__init__(254, blank=blank)
        self.schema = self.schema if blank else {**self.schema, "format": "email"}


class _Number(Pasted, _Normal):
    """A number in its normal form."""


class Phone(_Number):
    """A phone number, or nothing; Brazilian unless it begins with +."""

    normal = staticmethod(normal_phone)
    invalid = _("This is no phone number.")

    def __init__(self) -> None:
        super().__init__(40, blank=True)


class Document(_Number):
    """A CPF or a CNPJ, with or without its marks, or nothing."""

    normal = staticmethod(normal_document)
    invalid = _("This is neither a CPF nor a CNPJ.")

    def __init__(self) -> None:
        super().__init__(24, blank=True)


class PostalCode(_Number):
    """A CEP."""

    normal = staticmethod(normal_postal_code)
    invalid = _("A CEP has eight digits.")

    def __init__(self) -> None:
        super().__init__(12)


class State(TextLine):
    """A Brazilian state: two capital letters."""

    def __init__(self) -> None:
        super().__init__(200)
        self.schema = {"type": "string", "enum": list(STATES)}

    def kept(self, text: str) -> str:
        """Return the state. Raises Wrong."""
        state = one_line(text)
        if state not in STATES:
            raise Wrong("state", _("There is no such state."))
        return state
