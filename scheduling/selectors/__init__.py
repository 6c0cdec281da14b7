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
    feed_kind,
    live_holds,
    professional_of_feed,
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
from scheduling.selectors.window import professional_list, refused_list, service_list, slot_list

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
    "feed_kind",
    "free_starts",
    "judged_at",
    "live_holds",
    "offers",
    "offers_by_name",
    "place_document",
    "professional_list",
    "professional_of_feed",
    "ranked",
    "reasons_at",
    "refused_list",
    "refused_starts",
    "service_list",
    "shown",
    "slot_list",
    "stranded",
    "time_given_away",
    "uncovered",
    "visit_of",
]
