"""Every page of the desk in a real Chromium, in the demonstration: open to everybody, at a desk and on a phone."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from inventory.tests.factories import MONDAY
from operations.tests import chromium
from operations.tests.looking import flaws
from tools.calls.desk import calls
from tools.calls.ground import Ground

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3000)]

WIDTHS = (1440, 390)


def test_every_page_of_the_desk_is_open_to_everybody(
    live_server: LiveServer, settings: Settings, tmp_path: Path
) -> None:
    program = chromium.installed()
    if program is None:
        pytest.skip("there is no chromium on this machine, so nobody looked at the desk")
    settings.SHOP_NOW, settings.MEDIA_ROOT = MONDAY, tmp_path / "media"
    call_command("seed_demo", verbosity=0)
    ground, seen, found = Ground(), 0, []
    with chromium.a_tab(program=program, profile=tmp_path / "profile") as tab:
        tab.keep_cookie(name=settings.SESSION_COOKIE_NAME, value=session_of(ground), url=live_server.url)
        for call in calls():
            if call.route.startswith("GET /admin/payments/refund/<"):  # the demonstration gives nothing back
                continue
            ask = call.make(ground)
            if call.is_file or ask.status != 200 or not is_page(ground.send(ask)):
                continue
            seen += 1
            for width in WIDTHS:
                tab.open(live_server.url + ask.path, width=width, afresh=False)
                found += [f"{call.name} at {width} px: {flaw}" for flaw in flaws(tab)]
    assert seen > 150
    assert not found, "\n".join(found)


def session_of(ground: Ground) -> str:
    """Return the key of the owner's session."""
    key: str = ground.browser.cookies[settings.SESSION_COOKIE_NAME].value
    return key


def is_page(answer: Any) -> bool:
    """Tell whether a whole page was answered, no file and no piece of a page."""
    return not answer.streaming and b"<html" in answer.content[:500]
