"""Writes every scene into one page of Markdown, in both languages, exactly as people receive it."""

import re
from collections.abc import Iterator
from textwrap import indent
from urllib.parse import unquote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from accounts import emails as account_emails
from chats.models import Occasion
from chats.wording import example, our_words
from common.mail import Letter
from common.models import Examination
from operations import emails as own_emails
from operations.letters.scenes import CONTACT, MONEY, NOW, ORDERS, POLICY, VISITS, OrderScene, VisitScene
from orders import emails as order_emails
from orders.emails import Told as ToldOrder
from orders.wording import whatsapp_url as order_chat
from payments import emails as money_emails
from scheduling import emails as visit_emails
from scheduling.emails import Told as ToldVisit
from scheduling.wording import reminder_url, whatsapp_url

LANGUAGES = ("pt-br", "en")
ACCOUNTS = (
    "account.registered",
    "account.registered_again",
    "account.verification_asked",
    "account.email_change_asked",
    "account.email_changed",
    "account.reset_asked",
    "account.password_changed",
    "account.locked",
    "account.session_reused",
    "account.invited",
    "account.role_changed",
    "account.factors_changed",
    "account.factors_removed",
    "account.recovery_code_used",
)
RECORDS = [
    {
        "check": "stock.on_hand_is_the_sum_of_movements",
        "promise": "The units on hand of a SKU are the sum of its movements.",
        "remedy": "Run `manage.py reconcile_stock --repair`, then count the SKU at the shelf.",
        "rows": 2,
    },
    {
        "check": "catalog.pictures",
        "promise": "Every picture of the catalogue has its file.",
        "remedy": "Restore the media files of the last backup, or add the picture again.",
        "failure": "canceling statement due to statement timeout",
    },
]
EVENT = UUID(int=9)
TOKEN = re.compile(r"(access_token|token)=[A-Za-z0-9_:.-]+")

HEAD = """# Letters

Every letter the shop writes, as people receive it: each kind of order and visit, each thing that can happen to it, in
both languages. The page is made by `make manage ARGS="letters_sample --output docs/letters.md"`; a test compares it.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_orders(), *_money(), *_visits(), *_accounts(), *_records(), *_chats()]) + "\n"


def _orders() -> Iterator[str]:
    yield "## Orders\n"
    for scene in ORDERS:
        yield f"### {scene.title}\n"
        for language in LANGUAGES:
            order = scene.order(language=language)
            gone = ", ".join(
                order_emails.named(line=line) for line in scene.lines(order=order) if _is_gone(scene, line.name)
            )
            letter = order_emails.customer_letter(
                told=_told(scene, language=language), facts=scene.facts(order=order), event_id=EVENT, gone=gone
            )
            yield _shown(letter)
    yield "### The shop is told of an order\n"
    yield _shown(order_emails.shop_letter(told=_told(ORDERS[5], language="pt-br"), event_id=EVENT))


def _money() -> Iterator[str]:
    """Return what the shop is told of money that did not come or go as it should."""
    yield "## Money\n"
    for scene in MONEY:
        yield f"### {scene.title}\n"
        yield _shown(money_emails.shop_letter(case=scene.case(), policy=POLICY, event_id=EVENT))


def _visits() -> Iterator[str]:
    yield "## Visits\n"
    for scene in VISITS:
        yield f"### {scene.title}\n"
        for language in LANGUAGES:
            yield _shown(visit_emails.letter(told=_told_visit(scene, language=language), now=NOW))


def _accounts() -> Iterator[str]:
    yield "## Accounts\n"
    for name in ACCOUNTS:
        yield f"### {name}\n"
        yield _shown(
            account_emails.letter(name=name, email="maria@cliente.example", event_id=EVENT, attempt=1, token="x")  # noqa: S106 - left out of the page
        )


def _records() -> Iterator[str]:
    """Return what the owner is told of the nightly look at the shop's data."""
    yield "## The shop's records\n"
    for broken in (RECORDS, []):
        examination = Examination(began_at=NOW, broken=broken)
        yield _shown(own_emails.owner_letter(examination=examination, policy=POLICY, event_id=EVENT))


def _chats() -> Iterator[str]:
    """Return the texts that a chat is opened with: by customers, and by the team."""
    yield "## WhatsApp\n"
    zone = ZoneInfo(POLICY.timezone)
    for language in LANGUAGES:
        order = ORDERS[10].order(language=language)
        visit = VISITS[0].visit(language=language)
        with translation.override("en"):  # whoever looks at it, the text is in the customer's language
            urls = [
                order_chat(number=POLICY.whatsapp, order=order, lines=ORDERS[10].lines(order=order)),
                whatsapp_url(number=POLICY.whatsapp, appointment=visit, zone=zone),
                reminder_url(appointment=visit, policy=POLICY),
            ]
        yield "\n".join(f"    {unquote(str(url).partition('text=')[2])}" for url in urls) + "\n"
    yield "### What the team sends, of somebody made up\n"
    for occasion in Occasion:
        yield f"{occasion.value}:\n"
        texts = [our_words(occasion=occasion.value, language=language) for language in LANGUAGES]
        said = [example(text=text, language=one, policy=POLICY) for text, one in zip(texts, LANGUAGES, strict=True)]
        yield "\n".join(f"    {_anywhere(text)}" for text in said) + "\n"


def _told(scene: OrderScene, *, language: str) -> ToldOrder:
    order = scene.order(language=language)
    lines = scene.lines(order=order)
    return ToldOrder(order=order, contact=CONTACT, lines=lines, visits=scene.visits(lines=lines), policy=POLICY)


def _told_visit(scene: VisitScene, *, language: str) -> ToldVisit:
    visit = scene.visit(language=language)
    return ToldVisit(appointment=visit, services=scene.services, facts=scene.facts, policy=POLICY)


def _is_gone(scene: OrderScene, name: str) -> bool:
    return name in [item[1] for item in scene.gone]


def _anywhere(text: str) -> str:
    return text.replace(settings.PUBLIC_URL, "https://dois-irmaos.example")


def _shown(letter: Letter) -> str:
    """Return a letter as an indented block, its tokens left out and its address that of any shop."""
    body = TOKEN.sub(r"\1=…", _anywhere(letter.body)).strip()
    file = f"\n[{letter.calendar.method}, calendar file]" if letter.calendar else ""
    return indent(f"Subject: {letter.subject}\n\n{body}{file}", "    ", lambda line: bool(line.strip())) + "\n"
