"""What the desk writes down about services that are sold together. What is booked keeps its price and its length."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from common.errors import FieldError, Malformed
from common.use_cases import use_case
from scheduling.models import MAX_SERVICES, Combination, Service


@use_case()
def keep_combination(*, combination: Combination, services: Collection[Service]) -> Combination:
    """Save a combination as one of these services and return it.

    Raises Malformed (fewer than two services, or too many; more services than minutes; the same ones again).
    """
    combination.service_set = sorted({service.pk for service in services})
    problems = [FieldError(pointer, code, text) for pointer, code, text in _problems(combination)]
    if problems:
        raise Malformed(errors=problems)
    combination.save()
    combination.services.set(services)
    return combination


def _problems(combination: Combination) -> list[tuple[str, str, str]]:
    count = len(combination.service_set)
    if count < 2:
        return [("/services", "min_length", _("Choose two services or more."))]
    if count > MAX_SERVICES:
        return [("/services", "max_length", _("At most %(max)s services go together.") % {"max": MAX_SERVICES})]
    if combination.duration_minutes < count:
        return [("/duration_minutes", "min_value", _("Each service takes a minute at least."))]
    if Combination.objects.filter(service_set=combination.service_set).exclude(pk=combination.pk).exists():
        return [("/services", "unique", _("There is a combination of these services already."))]
    return []
