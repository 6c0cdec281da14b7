"""Letters of one batch leave in one conversation, and each of them is judged alone."""

import smtplib

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from common import mail
from common.tests.mail_server import MailServer, mail_server


@pytest.fixture
def by_smtp(settings: Settings) -> Settings:
    """Send letters by SMTP, as a real shop does."""
    settings.EMAIL_BACKEND = "common.mail.GuardedEmailBackend"
    settings.MAIL_DELIVERY = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    return settings


def send(to: str) -> None:
    """Send a letter."""
    EmailMessage(
        subject=f"To {to}", body="Olá", to=[f"{to}@example.com"], headers={"Message-ID": f"<{to}@here>"}
    ).send()


def subjects(server: MailServer) -> list[str]:
    """Return whom the letters that arrived were for."""
    return [
        line.removeprefix("Subject: To ") for letter in server.letters for line in letter.splitlines() if "Subj" in line
    ]


def test_letters_of_one_block_leave_in_one_session(by_smtp: Settings) -> None:
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        with mail.conversation():
            for name in ("ana", "bia", "caio"):
                send(name)
        assert (server.sessions, subjects(server)) == (1, ["ana", "bia", "caio"])
        send("davi")
        send("elis")
        assert server.sessions == 3


def test_nothing_to_send_opens_no_session(by_smtp: Settings) -> None:
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        with mail.conversation():
            pass
        assert server.sessions == 0


@pytest.mark.fault("D14")
def test_a_letter_that_is_refused_holds_up_no_other(by_smtp: Settings) -> None:
    with mail_server() as server:
        by_smtp.EMAIL_PORT = server.port
        with mail.conversation():
            send("ana")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                send("nobody")
            send("bia")
        assert subjects(server) == ["ana", "bia"]


def test_a_server_that_has_had_enough_gets_the_rest_in_a_new_session(by_smtp: Settings) -> None:
    with mail_server(patience=2) as server:
        by_smtp.EMAIL_PORT = server.port
        with mail.conversation():
            for name in ("ana", "bia", "caio", "davi", "elis"):
                send(name)
        assert (server.sessions, subjects(server)) == (3, ["ana", "bia", "caio", "davi", "elis"])


def test_a_server_that_takes_nothing_is_an_error_of_the_letter(by_smtp: Settings) -> None:
    with mail_server(patience=0) as server:
        by_smtp.EMAIL_PORT = server.port
        with mail.conversation(), pytest.raises(smtplib.SMTPException):
            send("ana")
        assert (server.sessions, server.letters) == (1, [])
