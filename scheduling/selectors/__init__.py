"""Every read of time worth a name.

`offers` says what can be booked, `availability` when, `appointments` what has been. Nothing here writes: a hold that
ran out is passed over, not tidied.
"""

from scheduling.selectors.appointments import (
    BOOKED,
    Access,
    ClaimedVisit,
    VisitService,
    agenda,
    appointment,
    booked_between,
    claimed_visits,
    closed_today,
    last_step,
    live_holds,
    room_to_return_to,
    standing,
    time_given_away,
)
from scheduling.selectors.availability import (
    NOT_PERFORMED,
    Alternative,
    FreeStart,
    RefusedStart,
    alternatives,
    free_starts,
    judged_at,
    place_document,
    ranked,
    reasons_at,
    refused_starts,
    shown,
)
from scheduling.selectors.columns import Absence, Column, columns
from scheduling.selectors.facts import facts_of
from scheduling.selectors.feeds import feed_path, has_feed, professional_of_feed
from scheduling.selectors.offers import (
    MAX_SERVICES,
    Offer,
    Performer,
    Visit,
    assemble,
    deposit_of,
    offers,
    offers_by_name,
    visit_of,
)
from scheduling.selectors.stranded import crowded, stranded, uncovered
from scheduling.selectors.window import OnShow, Performed, professional_list, service_list

__all__ = [
    "BOOKED",
    "MAX_SERVICES",
    "NOT_PERFORMED",
    "Absence",
    "Access",
    "Alternative",
    "ClaimedVisit",
    "Column",
    "FreeStart",
    "Offer",
    "OnShow",
    "Performed",
    "Performer",
    "RefusedStart",
    "Visit",
    "VisitService",
    "agenda",
    "alternatives",
    "appointment",
    "assemble",
    "booked_between",
    "claimed_visits",
    "closed_today",
    "columns",
    "crowded",
    "deposit_of",
    "facts_of",
    "feed_path",
    "free_starts",
    "has_feed",
    "judged_at",
    "last_step",
    "live_holds",
    "offers",
    "offers_by_name",
    "place_document",
    "professional_list",
    "professional_of_feed",
    "ranked",
    "reasons_at",
    "refused_starts",
    "room_to_return_to",
    "service_list",
    "shown",
    "standing",
    "stranded",
    "time_given_away",
    "uncovered",
    "visit_of",
]
