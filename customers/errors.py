"""What the desk is refused about customers. No client of the API meets these."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class DocumentTaken(Conflict):
    """Another customer has this CPF or CNPJ: it is the same person, or a slip of the keyboard."""

    title = _("Another customer has this CPF or CNPJ")
    sentence = _("%(name)s has this CPF or CNPJ.")
    fields = ("document",)


class AlreadyThere(Conflict):
    """A customer of this name is there already, with the same phone or e-mail."""

    title = _("There is a customer of this name with the same phone or e-mail")
    fields = ("name",)


class MergedMeanwhile(Conflict):
    """The record has been merged into another one; that one is to be worked on."""

    title = _("This customer was merged into another one meanwhile")


class SameRecord(Conflict):
    """A record cannot be merged into itself."""

    title = _("This is the same customer")


class Forgotten(Conflict):
    """The personal data of this customer has been erased."""

    title = _("The data of this customer has been erased")


class HasAccount(Conflict):
    """The customer has an account; closing it, which only they can, erases it all."""

    title = _("This customer has an account: they close it themselves, and that erases it all")


class NothingToBlockBy(Conflict):
    """Nobody can be told apart by a name alone."""

    title = _("Write down a phone, an e-mail or a document first: a name alone keeps nobody out")
