"""How many letters one mailbox gets, and one client causes, so that nobody uses the shop to write to others.

Every letter is counted once, by its identity, however often its delivery is tried. One that is over a bound is written
down as held back, for the shop to see, and not sent; what is owed, such as everything about an order that was paid for,
is counted and always sent.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from common import counters, mail
from common.batches import delete_in_batches
from common.identity import mailbox_digest, mailbox_of
from common.mail import Letter
from common.models import SentLetter
from common.transactions import one_at_a_time, run_unit_of_work

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def send(*, letter: Letter, now: datetime) -> bool:
    """Send the letter unless a bound holds it back; return whether it went out.

    Raises MailAwayError, LetterRefusedError, LetterDelayedError.
    """
    held_back = run_unit_of_work(_written_down, letter=letter, now=now)
    if held_back:
        counters.increment("letters_held_back")
        return False
    mail.send(letter=letter)
    return True


def forget(*, now: datetime) -> int:
    """Forget the letters that count no more; returns how many."""
    return delete_in_batches(SentLetter.objects.filter(at__lte=now - timedelta(days=settings.LETTERS_KEPT_DAYS)))


def _written_down(*, letter: Letter, now: datetime) -> str:
    """Count the letter, once, and return why it is held back; empty if it is not."""
    mailbox, client = (
        mailbox_digest(mailbox_of(letter.recipient)),
        mailbox_digest(letter.client) if letter.client else "",
    )
    one_at_a_time(names=[f"letters:{name}" for name in (mailbox, client) if name])
    known = SentLetter.objects.filter(identity=letter.identity).first()
    if known is not None:
        return known.held_back
    held_back = "" if letter.is_owed else _bound_passed(letter=letter, mailbox=mailbox, client=client, now=now)
    SentLetter.objects.create(
        identity=letter.identity,
        mailbox=mailbox,
        client=client,
        subject=letter.subject[:200],
        held_back=held_back,
        at=now,
    )
    return held_back


def _bound_passed(*, letter: Letter, mailbox: str, client: str, now: datetime) -> str:
    """Return the name of the bound that one letter more would pass; 0 sets no bound."""
    bounds = settings.LETTER_LIMITS
    today, sent = Q(at__gt=now - DAY), SentLetter.objects.filter(held_back="", at__gt=now - MONTH, at__lte=now)
    to_mailbox = sent.filter(mailbox=mailbox).aggregate(today=Count("pk", filter=today), month=Count("pk"))
    counted = {
        SentLetter.HeldBack.MAILBOX: (bounds["mailbox"], to_mailbox["today"]),
        SentLetter.HeldBack.UNKNOWN: (0 if letter.is_known else bounds["unknown"], to_mailbox["month"]),
        SentLetter.HeldBack.CLIENT: (bounds["client"], sent.filter(today, client=client).count() if client else 0),
    }
    return next((str(name) for name, (most, count) in counted.items() if most and count >= most), "")
