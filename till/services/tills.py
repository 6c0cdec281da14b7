"""The places where money is taken."""

from common.errors import NotFound
from common.transactions import locked
from common.use_cases import use_case
from till.errors import NameTaken
from till.models import Till


@use_case()
def add_till(*, name: str) -> Till:
    """Add a till, in use at once. Raises NameTaken."""
    if Till.objects.filter(name=name).exists():
        raise NameTaken()
    return Till.objects.create(name=name)


@use_case()
def switch_till(*, till: int) -> Till:
    """Take a till out of use, or into it again; drawers that are open at it stay so. Raises NotFound."""
    found = locked(Till.objects.filter(pk=till)).first()
    if found is None:
        raise NotFound()
    found.active = not found.active
    found.save(update_fields=["active"])
    return found
