"""The page of letters in the documentation is what the shop writes today, and holds every kind of letter."""

from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from accounts import emails as account_emails
from chats.models import Occasion
from chats.wording import LANGUAGES, example, our_words
from config.subscriptions import SUBSCRIPTIONS
from operations.letters.page import ACCOUNTS
from operations.letters.scenes import MONEY, ORDERS, POLICY, VISITS
from orders.messages import CAUSES as ORDER_CAUSES
from payments.models import MoneyCase
from scheduling.messages import CAUSES as VISIT_CAUSES

PAGE = Path(settings.BASE_DIR) / "docs" / "letters.md"


def test_the_page_in_the_documentation_is_current() -> None:
    out = StringIO()
    call_command("letters_sample", stdout=out)
    again = "make manage ARGS='letters_sample --output docs/letters.md'"
    assert out.getvalue().strip() == PAGE.read_text(encoding="utf-8").strip(), again


def test_a_file_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    call_command("letters_sample", output=tmp_path / "letters.md")
    assert (tmp_path / "letters.md").read_text(encoding="utf-8").strip() == PAGE.read_text(encoding="utf-8").strip()


def test_every_kind_of_letter_is_among_them() -> None:
    assert {scene.cause for scene in ORDERS} == set(ORDER_CAUSES)
    assert {scene.cause for scene in VISITS} == set(VISIT_CAUSES)
    written = {name for name, handlers in SUBSCRIPTIONS.items() if any(one.startswith("accounts.") for one in handlers)}
    assert set(ACCOUNTS) == {*written, "account.invited"}, "which the command that opens a shop sends itself"
    assert {scene.kind for scene in MONEY} == set(MoneyCase.Kind.values)
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("Subject: ") == 2 * (len(ORDERS) + len(VISITS)) + 1 + len(MONEY) + len(ACCOUNTS) + 2  # records


@pytest.mark.parametrize("name", ACCOUNTS)
def test_no_letter_asks_for_an_answer_that_nobody_reads(name: str) -> None:
    letter = account_emails.letter(name=name, email="maria@cliente.example", event_id=UUID(int=1), attempt=1, token="x")
    assert letter.reply_to == ""
    assert "respond" not in letter.body


def test_what_the_team_sends_by_whatsapp_is_among_them_in_both_languages() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for occasion in Occasion.values:
        for language in LANGUAGES:
            said = example(text=our_words(occasion=occasion, language=language), language=language, policy=POLICY)
            assert said.replace(settings.PUBLIC_URL, "https://dois-irmaos.example") in text


def test_no_letter_shows_a_bare_code_a_gap_or_an_address_for_programs() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for flaw in ("%(", "None", "BRL", "/api/", "  —", "R$ -"):
        assert flaw not in text, flaw
