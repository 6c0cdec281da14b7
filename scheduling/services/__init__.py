"""Every write to the agenda and every rule about time.

`taking` takes time, `booking` and `claims` say for whom, `clicks`, `changes` and `swapping` what becomes of it,
`closing` how it ends, `notices` tells people, `setup`, `combinations`, `weeks` and `absences` write services, people
and hours down, `sweep` tidies. The order never changes: lease, transaction, professionals by pk, rooms by pk,
appointments by pk, judge, write.
"""

from scheduling.services.absences import block_time, named, unblock_time
from scheduling.services.booking import Booked, book, seat
from scheduling.services.changes import Places, accept, booked_visit, cancel, places_to_move, refusals, reschedule
from scheduling.services.claims import (
    Lost,
    allocate,
    give_to,
    hold,
    hold_until,
    lease_keys,
    let_go,
    pass_on,
    put_under_claim,
    release,
    unavailable,
)
from scheduling.services.clicks import confirm_by_click
from scheduling.services.closing import close, complete, mark_no_show, reopen
from scheduling.services.combinations import keep_combination
from scheduling.services.erasure import erase_contacts, forget_visitor
from scheduling.services.links import renew_link, renew_links_of, send_link
from scheduling.services.notices import send_notice, send_reminders, tell_customer
from scheduling.services.records import know_visitors
from scheduling.services.setup import change_service, create_service, keep_rows, keep_setup, renew_feed, write_service
from scheduling.services.swapping import swap
from scheduling.services.sweep import release_expired
from scheduling.services.taking import (
    Booker,
    Candidate,
    Wish,
    candidate_of,
    is_desk,
    lease_names,
    lease_of,
    locked_visit,
    taken,
    with_professional,
)
from scheduling.services.weeks import write_week

__all__ = [
    "Booked",
    "Booker",
    "Candidate",
    "Lost",
    "Places",
    "Wish",
    "accept",
    "allocate",
    "block_time",
    "book",
    "booked_visit",
    "cancel",
    "candidate_of",
    "change_service",
    "close",
    "complete",
    "confirm_by_click",
    "create_service",
    "erase_contacts",
    "forget_visitor",
    "give_to",
    "hold",
    "hold_until",
    "is_desk",
    "keep_combination",
    "keep_rows",
    "keep_setup",
    "know_visitors",
    "lease_keys",
    "lease_names",
    "lease_of",
    "let_go",
    "locked_visit",
    "mark_no_show",
    "named",
    "pass_on",
    "places_to_move",
    "put_under_claim",
    "refusals",
    "release",
    "release_expired",
    "renew_feed",
    "renew_link",
    "renew_links_of",
    "reopen",
    "reschedule",
    "seat",
    "send_link",
    "send_notice",
    "send_reminders",
    "swap",
    "taken",
    "tell_customer",
    "unavailable",
    "unblock_time",
    "with_professional",
    "write_service",
    "write_week",
]
