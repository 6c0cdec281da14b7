"""From an empty database to the first thing sold, in a real browser, at the desk and on a phone, clicks counted.

Nobody types a command but the one that opens the shop. The policy that says which scripts may run is on.
"""

from io import StringIO

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from backoffice.first_steps.steps import first_steps
from backoffice.tests.desk import member
from catalog.models import Product
from common import clock
from inventory.models import StockItem
from operations.integrity import findings
from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.looking import flaws
from orders.models import Order
from shop import services as shop

pytestmark = [
    pytest.mark.browser, pytest.mark.real_clock, pytest.mark.django_db(transaction=True), pytest.mark.timeout(420),
]  # fmt: skip

EMAIL, PASSWORD = "maria@padaria.example", "forno-a-lenha-1987"
SAVE = ".desk form button.is-primary"
STEPS = {
    "shop": {"name": "Padaria da Maria", "document": "11.222.333/0001-81"},
    "hours": {"day_5": "8h-12h, 13h-16h"},
    "product": {"name": "Pão de queijo", "price": "5,50", "quantity": "40", "category": "Salgados"},
    "service": {"name": "Degustação", "price": "45", "person": "Maria Souza", "category": "Eventos"},
    "payment": {"transfer_instructions": "Banco 000, conta 1-2"},
}
"""What is typed for each step; everything else is as the form proposes it."""


class Owner(Clerk):
    """Who opens a shop."""

    def fill(self, **fields: str) -> None:
        """Go to each field with the keyboard and type over what is there."""
        for name, text in fields.items():
            place = f"document.getElementsByName('{name}')[0]"
            self.until(f"{place} && ({place}.focus(), {place}.select(), document.activeElement === {place})", why=name)
            self.type(text)

    def flaws(self) -> list[str]:
        return flaws(self.tab)


@pytest.mark.parametrize("width", [1440, 390])
def test_from_an_empty_database_to_the_first_thing_sold(
    tab: Tab, live_server: LiveServer, settings: Settings, width: int
) -> None:
    settings.PUBLIC_URL = live_server.url
    assert not User.objects.exists()
    out = StringIO()
    call_command("open_shop", "--no-input", "--email", EMAIL, "--owner", "Maria Souza", stdout=out)
    link = next(line for line in out.getvalue().splitlines() if "token=" in line)
    owner = Owner(tab)

    tab.open(link, width=width)
    owner.fill(password=PASSWORD, again=PASSWORD)
    owner.press("Enter")
    owner.fill(username=EMAIL, password=PASSWORD)
    owner.press("Enter")
    owner.sees("Para abrir a loja: 0 de 6 passos feitos")
    assert owner.flaws() == []
    assert owner.clicks == 0

    for done, (key, fields) in enumerate(STEPS.items(), start=1):
        owner.click(f"#first-steps a[href='{reverse(f'first_steps:{key}')}']")
        owner.fill(**fields)
        assert owner.flaws() == [], key
        owner.click(SAVE)
        owner.sees(f"Para abrir a loja: {done} de 6 passos feitos")
    owner.click(f"#first-steps a[href='{reverse('first_steps:share')}']")
    owner.sees(f"{live_server.url}/")
    assert owner.flaws() == []
    owner.click(SAVE)
    owner.until("location.pathname === '/admin/' && !document.getElementById('first-steps')", why="the list has gone")
    assert owner.clicks == 12
    assert all(step.done for step in first_steps().steps)

    owner.click(f"a[href='{reverse('counter:page')}']")
    owner.until("document.activeElement.id === 'counter-search'", why="the counter")
    owner.type("queijo")
    owner.press("Enter")
    owner.due("R$ 5,50")
    owner.click("[data-pay=cash]")
    owner.click("[data-receive]")
    owner.sees("R$ 5,50 recebidos")
    assert owner.clicks == 15
    assert list(Order.objects.values_list("status", "channel")) == [("completed", "counter")]
    assert StockItem.objects.get().on_hand == 39
    assert shop.policy().name == "Padaria da Maria"
    assert findings(now=clock.now()) == []


def test_one_more_product_opens_where_its_name_is_typed(tab: Tab, live_server: LiveServer) -> None:
    """The page was left on the tab of the prices, and the address of the next one still says so."""
    browser = Client()
    browser.force_login(member(role="owner"))
    cookie = browser.cookies[project.SESSION_COOKIE_NAME].value
    tab.keep_cookie(name=project.SESSION_COOKIE_NAME, value=cookie, url=live_server.url)
    tab.open(live_server.url + reverse("admin:catalog_product_add"), width=1440)
    owner = Owner(tab)
    owner.fill(name="Broa", new_shelf="Roscas")
    owner.click("a[href='#variants']")
    owner.fill(**{"variants-0-price": "3,00"})
    owner.click("[name=_addanother]")
    owner.sees("Broa")
    owner.until("document.querySelector('[name=name]').value === ''", why="an empty form")
    owner.fill(name="Rosca")
    owner.until("document.querySelector('[name=name]').getClientRects().length > 0", why="the first tab")
    assert Product.objects.get().category.name == "Roscas"


@pytest.mark.parametrize("width", [1440, 390])
def test_an_example_shop_is_taken_and_put_away_with_a_click_each(
    tab: Tab, live_server: LiveServer, settings: Settings, width: int
) -> None:
    settings.PUBLIC_URL = live_server.url
    out = StringIO()
    call_command("open_shop", "--no-input", "--email", EMAIL, "--owner", "Maria Souza", stdout=out)
    owner = Owner(tab)
    tab.open(next(line for line in out.getvalue().splitlines() if "token=" in line), width=width)
    owner.fill(password=PASSWORD, again=PASSWORD)
    owner.press("Enter")
    owner.fill(username=EMAIL, password=PASSWORD)
    owner.press("Enter")
    owner.click(f"a[href='{reverse('starters:page')}']")
    owner.sees("Barbearia")
    assert owner.flaws() == []
    owner.click("#starter-barbershop button[value=take]")
    owner.sees("Para abrir a loja: 3 de 6 passos feitos")
    assert Product.objects.filter(status="published").count() == 8
    owner.click(f"a[href='{reverse('starters:page')}']")
    owner.click("#starter-barbershop button[value=remove]")
    owner.sees("8 exemplos saíram da loja.")
    assert owner.flaws() == []
    assert not Product.objects.exclude(status="archived").exists()
    assert owner.clicks == 4
