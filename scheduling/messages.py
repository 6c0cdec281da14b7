"""What to say to a customer about a visit, decided from all the facts: which sentences, in which order.

Pure: words for the decision, never the text itself, which `wording` holds in every language.
"""

from dataclasses import dataclass
from decimal import Decimal

CAUSES = ("confirmation", "request", "moved", "cancellation", "reminder", "link")
STANDS = "stands"
"""Not a message but a page: how the visit stands, whatever happened last."""


@dataclass(frozen=True)
class VisitFacts:
    """Everything that decides what is said.

    `state`: as it is now. `was`: the state before the last step, `by_customer`: whether the customer took it,
    `same_time`: whether it left the time as it was (another professional).
    `in_order`: whether an order carries the visit, and so its money. `changeable`: whether the customer may still
    move or cancel it. `awaits_click`: it waits, or waited in vain, for the link in its letter to be followed.
    """

    cause: str
    state: str
    was: str
    by_customer: bool
    same_time: bool
    in_order: bool
    total: Decimal
    changeable: bool
    awaits_click: bool = False


def sentences(*, facts: VisitFacts) -> tuple[str, ...]:
    """Return the names of the sentences that are true and worth saying, in order."""
    said = [_opening(facts=facts)]
    if facts.state == "requested":
        said.append(_waiting(facts=facts))
    said += _money(facts=facts)
    if facts.cause == "reminder":
        said.append("change_until" if facts.changeable else "answer_us")
    return tuple(said)


def _opening(*, facts: VisitFacts) -> str:
    if facts.cause == STANDS:
        return _ending(facts=facts) if facts.state in ("cancelled", "expired") else f"is_{facts.state}"
    if facts.cause == "cancellation":
        return _ending(facts=facts)
    if facts.cause == "moved":
        what = "other_person" if facts.same_time else "moved"
        return f"{what}_request" if facts.state == "requested" else what
    return "click" if facts.cause == "request" and facts.awaits_click else facts.cause


def _waiting(*, facts: VisitFacts) -> str:
    """Say what a request waits for: the shop's answer, or that its own letter's link is followed."""
    if not facts.awaits_click:
        return "answered_until"
    return "click_awaited" if facts.cause == STANDS else "click_until"


def _ending(*, facts: VisitFacts) -> str:
    """Say how it ended: given up by the customer, refused or left unanswered by either side, or called off."""
    if facts.state == "expired":
        if facts.awaits_click:
            return "not_clicked"
        return "unanswered" if facts.was == "requested" else "released"
    if facts.by_customer:
        return "withdrawn" if facts.was == "requested" else "cancelled_by_customer"
    return "declined" if facts.was == "requested" else "cancelled"


def _money(*, facts: VisitFacts) -> list[str]:
    """Money of a visit in an order is told with the order; any other is paid where it takes place."""
    costs = facts.total > 0
    if facts.state in ("cancelled", "expired"):
        return ["money_with_order"] if facts.in_order and costs else []
    if facts.state not in ("requested", "confirmed"):
        return []
    if not costs:
        return ["nothing_to_pay"]
    return ["paid_with_order"] if facts.in_order else ["pay_at_counter"]
