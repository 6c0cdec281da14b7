"""The sentences about a visit, in the language in force. Which of them are said is decided in `messages`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from common.dates import when
from common.money import format_amount
from common.text import chat_url, name_in_letters
from scheduling.lifecycle import effective_state
from scheduling.messages import VisitFacts, sentences
from scheduling.models import Appointment
from shop.policy import Policy

KIND = "appointment"
"""What the access token of a visit opens."""
CLICK = "appointment.click"
"""What the token opens that stands in the letter of a visit alone, and proves that somebody reads it."""

SUBJECTS: Mapping[str, Promise] = {
    "confirmation": _("Your appointment on %(when)s is confirmed"),
    "request": _("We have your request for %(when)s"),
    "click": _("Confirm that you want %(when)s"),
    "moved": _("Your appointment is now on %(when)s"),
    "moved_request": _("Your request is now for %(when)s"),
    "other_person": _("Your appointment on %(when)s has changed"),
    "other_person_request": _("Your request for %(when)s has changed"),
    "reminder": _("Reminder: your appointment on %(when)s"),
    "link": _("A new link to your appointment on %(when)s"),
    "cancelled": _("Your appointment on %(when)s was cancelled"),
    "cancelled_by_customer": _("You cancelled your appointment on %(when)s"),
    "withdrawn": _("You withdrew your request for %(when)s"),
    "declined": _("We cannot take your request for %(when)s"),
    "unanswered": _("Your request for %(when)s has run out"),
    "released": _("Your time on %(when)s is no longer kept"),
}

REASONS: Mapping[str, Promise] = {
    "outside_hours": _("Outside the professional's working hours, or the shop is closed that day."),
    "time_off": _("The professional is away."),
    "booked": _("The professional has another appointment."),
    "held": _("Somebody is holding that time in a cart."),
    "buffer": _("Too close to another appointment: preparation or cleaning would be cut short."),
    "lead_time": _("That time is in the past."),
    "horizon": _("Too far ahead."),
    "room": _("No room is free."),
    "capacity": _("Every place of that session is taken."),
    "off_grid": _("Not one of the times at which this service starts."),
    "professional": _("The professional does not perform every one of these services, or is not active."),
}
"""Why a time is not free, as the team is told it; at the desk no notice is asked."""

TOO_SOON = _("Too soon: less than the notice the shop asks, or in the past.")

SENTENCES: Mapping[str, Promise] = {
    "confirmation": _("Your appointment on %(when)s with %(who)s is confirmed. See you there!"),
    "request": _("We have your request for %(when)s with %(who)s."),
    "click": _("Somebody, we hope it was you, asked for %(when)s with %(who)s."),
    "moved": _("Your appointment has a new time: %(when)s, with %(who)s. It is confirmed."),
    "moved_request": _("Your request has a new time: %(when)s, with %(who)s."),
    "other_person": _("Your appointment on %(when)s is now with %(who)s. It is confirmed."),
    "other_person_request": _("Your request for %(when)s is now for %(who)s."),
    "reminder": _("We are expecting you on %(when)s, with %(who)s."),
    "link": _("Here is a new link to your appointment on %(when)s. The links we sent you before no longer open it."),
    "answered_until": _(
        "We still have to confirm it and will write to you by %(until)s. Until then the time is yours."
    ),
    "click_until": _(
        "To have it, follow the first link below by %(until)s and confirm. Until then the time is kept; after that it "
        "goes back. If it was not you, you need not do anything."
    ),
    "click_awaited": _(
        "It is not booked yet: follow the link in the e-mail we sent you by %(until)s, and confirm it there."
    ),
    "is_held": _("We keep %(when)s with %(who)s for you until your order is confirmed."),
    "is_requested": _("You asked for %(when)s with %(who)s."),
    "is_confirmed": _("Your appointment on %(when)s with %(who)s is confirmed."),
    "is_completed": _("You were with us on %(when)s. Thank you!"),
    "is_no_show": _("We were expecting you on %(when)s."),
    "cancelled": _("Your appointment on %(when)s was cancelled. We would be glad to see you another day."),
    "cancelled_by_customer": _("As you asked, your appointment on %(when)s is cancelled. Come back any time!"),
    "withdrawn": _("As you asked, your request for %(when)s is withdrawn."),
    "declined": _("We are sorry: we cannot take your request for %(when)s. Another time may suit us both."),
    "unanswered": _(
        "We are sorry: we did not answer your request for %(when)s in time, so we no longer keep that time for you."
    ),
    "not_clicked": _(
        "Nobody confirmed %(when)s by the link in our e-mail in time, so we no longer keep it for you. Please choose a "
        "time again."
    ),
    "released": _("Your order was not confirmed in time, so we no longer keep %(when)s for you."),
    "pay_at_counter": _("You pay %(total)s when you come."),
    "nothing_to_pay": _("There is nothing to pay."),
    "paid_with_order": _("It is part of your order, which says what is paid and what is still to be paid."),
    "money_with_order": _("If you have paid for it, the message about your order says what becomes of the money."),
    "change_until": _("If something came up, please move or cancel it by %(change_until)s."),
    "answer_us": _("If something came up, please tell us as soon as you can."),
}


def written(*, facts: VisitFacts, values: Mapping[str, str]) -> list[str]:
    """Return the sentences of `facts`, filled with when, who, total, until and change_until."""
    return [str(SENTENCES[name]) % values for name in sentences(facts=facts)]


def subject(*, facts: VisitFacts, values: Mapping[str, str]) -> str:
    """Return the subject of a message of `facts`: its first sentence, in short."""
    return str(SUBJECTS[sentences(facts=facts)[0]]) % values


def values_of(*, appointment: Appointment, policy: Policy) -> dict[str, str]:
    """Return what the sentences about a visit are filled with, in the language in force."""
    zone = ZoneInfo(policy.timezone)
    deadline = appointment.expires_at or appointment.starts_at
    return {
        "when": when(moment=appointment.starts_at, zone=zone),
        "who": appointment.professional.name,
        "total": format_amount(appointment.total, currency=appointment.currency),
        "until": when(moment=deadline, zone=zone),
        "change_until": when(moment=change_until(appointment=appointment, policy=policy), zone=zone),
    }


def change_until(*, appointment: Appointment, policy: Policy) -> datetime:
    """Return until when the customer may both move and cancel the visit."""
    minutes = max(policy.appointment_cancel_cutoff_minutes, policy.appointment_reschedule_cutoff_minutes)
    return appointment.starts_at - timedelta(minutes=minutes)


def calendar_path(*, public_id: UUID, token: str | None) -> str:
    """Return the path of the visit's calendar file, opened by its token where there is one."""
    path = f"/api/v1/appointments/{public_id}/calendar.ics"
    return f"{path}?access_token={token}" if token else path


def page_path(*, public_id: UUID, token: str) -> str:
    """Return the path of the page on which a person sees the visit, opened by its token."""
    return f"/appointments/{public_id}/?access_token={token}"


def click_path(*, public_id: UUID, token: str) -> str:
    """Return the path of the page on which the reader of a letter says that a visit is theirs."""
    return f"/appointments/{public_id}/confirm/?token={token}"


def state_name(*, appointment: Appointment, now: datetime) -> str:
    """Return how the visit stands at `now`, as the team calls it."""
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    if appointment.awaits_click and state == Appointment.State.REQUESTED:
        return gettext("Waits for the customer's click")
    return str(Appointment.State(state).label)


def whatsapp_url(*, number: str, appointment: Appointment, zone: ZoneInfo) -> str | None:
    """Return a link that opens a chat with `number` about the visit, in the customer's language; None without."""
    if not number:
        return None
    with override(appointment.language):
        text = gettext("Hello! It is about my appointment on %(when)s.") % {
            "when": when(moment=appointment.starts_at, zone=zone)
        }
    return chat_url(phone=number, text=text)


def reminder_url(*, appointment: Appointment, policy: Policy) -> str | None:
    """Return a link with which the team reminds the customer by WhatsApp; None without a phone."""
    if not appointment.contact_phone:
        return None
    with override(appointment.language):
        name = name_in_letters(appointment.contact_name).partition(" ")[0]
        hello = gettext("Hello, %(name)s!") % {"name": name} if name else gettext("Hello!")
        text = gettext("%(hello)s %(shop)s here, to remind you of your appointment on %(when)s. See you soon!") % {
            "hello": hello,
            "shop": policy.name,
            "when": when(moment=appointment.starts_at, zone=ZoneInfo(policy.timezone)),
        }
    return chat_url(phone=appointment.contact_phone, text=text)


def refused_because(reason: str, *, desk: bool) -> str:
    """Return why a time is not free; `desk`: judged as for the team, of whom no notice is asked."""
    return str(TOO_SOON if reason == "lead_time" and not desk else REASONS[reason])
