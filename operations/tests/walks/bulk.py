"""Walks over many things at once: a shelf counted blind, prices and back, a week copied, messages, combinations."""

import threading

from accounts.models import User
from backoffice.tests.desk import member
from catalog.models import Variant
from chats.models import SentChat
from inventory.models import StockItem
from operations.tests.walks.person import Person
from operations.tests.walks.premises import Premises
from scheduling.models import AvailabilityRule, Combination, Professional, ProfessionalService, TimeOff
from scheduling.tests import factories as agenda
from scheduling.tests.factories import at


def counted_blind(person: Person, premises: Premises) -> None:
    """There are four cakes and 180 breads, and nobody says before what there should be."""
    person.opens("/admin/")
    person.goes_to("Contar o estoque")
    person.arrives("Começar a contagem")
    person.presses("Começar a contagem")
    person.until("document.activeElement.id === 'counter-search'", why="the search field")
    for what, name in (("4*bolo", "Bolo de fubá"), ("180*pão", "Pão francês")):
        person.type(what)
        person.press("Enter")
        person.until(f"document.querySelector('[data-lines]').innerText.includes({name!r})", why=name)
    assert "200" not in person.said()
    person.looks("a count")
    person.click("[data-compare] button")
    person.arrives("Deveria haver")
    person.writes("reason", "Contagem do mês")
    person.presses("Corrigir o estoque")
    person.sees("O estoque foi corrigido.")
    there = dict(StockItem.objects.values_list("variant__sku", "on_hand"))
    assert (there["BOLO"], there["PAO"]) == (4, 180)


def many_prices(person: Person, premises: Premises) -> None:
    """The whole bakery costs ten per cent more; and then it does not."""
    person.opens("/admin/")
    person.goes_to("Mudar preços")
    person.arrives("Ver os novos preços")
    person.chooses("category", "Padaria")
    person.fills(value="10")
    person.presses("Ver os novos preços")
    person.arrives("R$ 35,20")
    person.presses("Mudar 3 preços")
    person.sees("Aumento de 10%")
    assert str(Variant.objects.get(sku="BOLO").price) == "35.20"
    person.presses("Desfazer")
    person.sees("preços voltaram")
    assert [str(Variant.objects.get(sku=sku).price) for sku in ("BOLO", "PAO", "QUEIJO")] == ["32.00", "0.90", "62.90"]


def week_copied(person: Person, premises: Premises) -> None:
    """Bia works as Ana does, but for a longer break on Monday, as on Tuesday."""
    ana, bia = (Professional.objects.get(name=name) for name in ("Ana", "Bia"))
    AvailabilityRule.objects.filter(professional=bia).delete()
    person.opens("/admin/")
    person.goes_to("Horários de trabalho")
    person.presses("Bia", near="#content")
    person.arrives("Semana: Bia")
    person.chooses("like", "Ana")
    person.presses("Preencher")
    person.sees("Nada foi salvo ainda.")
    person.fills(closes_0_0="12:00", opens_0_1="14:00", closes_0_1="18:00")
    person.click("[name=mark_1]")
    person.click("[name=copy][value='0']")
    person.holds("opens_1_1", "14:00")
    person.looks("a week")
    person.presses("Salvar")
    person.sees("A semana de Bia foi salva.")
    rules = AvailabilityRule.objects.filter(professional=bia)
    assert sorted(rules.filter(weekday=1).values_list("opens", "closes")) == [(540, 720), (840, 1080)]
    assert rules.count() == AvailabilityRule.objects.filter(professional=ana).count() + 2


def own_time(person: Person, premises: Premises) -> None:
    """Ana, who sees her own day alone, is at the dentist's tomorrow at ten."""
    login: User = member(role="professional")
    Professional.objects.filter(name="Ana").update(user=login)
    person.becomes(login)
    person.opens("/admin/")
    person.arrives("Meu dia")
    person.presses("Bloquear um horário")
    person.until("document.getElementById('agenda-off').open", why="what is blocked")
    person.sets("starts_at", "2026-03-03T10:00")
    person.sets("ends_at", "2026-03-03T11:00")
    person.writes("reason", "Dentista")
    person.looks("own time")
    person.presses("Bloquear", near="dialog")
    person.until("!document.querySelector('dialog[open]')", why="the agenda")
    away = TimeOff.objects.get()
    assert (away.professional.name, away.starts_at, away.ends_at) == ("Ana", at(10), at(11))


def messages(person: Person, premises: Premises) -> None:
    """Whoever comes tomorrow is reminded by WhatsApp, once."""
    agenda.booked(at(10), "CORTE", name="Rita Melo", phone="+5511966665555", actor=agenda.STAFF)
    person.opens("/admin/")
    person.goes_to("Mensagens de hoje")
    person.arrives("Rita Melo")
    person.click("button[aria-label='Escrever para Rita Melo pelo WhatsApp']")
    person.until("document.querySelector('[data-chats] button:disabled')", why="what was written")
    _until_written()
    person.presses("Enviadas hoje")
    person.arrives("Rita")
    assert "Rita" in SentChat.objects.get().text


def _until_written() -> None:
    """Wait for what another tab sends."""
    for _look in range(100):
        if SentChat.objects.exists():
            return
        threading.Event().wait(0.1)


def combination(person: Person, premises: Premises) -> None:
    """Cut and beard take three quarters of an hour and cost 75 reais, not the sum."""
    beard = agenda.service(sku="BARBA", price="35.00", minutes=20)
    for one in Professional.objects.all():
        ProfessionalService.objects.create(professional=one, service=beard)
    person.opens("/admin/")
    person.goes_to("Combinações")
    person.click("a[href='/admin/scheduling/combination/add/']")
    person.touches("label", "Corte")
    person.touches("label", "Barba")
    person.fills(price="75", duration_minutes="45 min")
    person.looks("a combination")
    person.presses("Salvar")
    person.sees("R$ 75,00")
    made = Combination.objects.get()
    assert (str(made.price), made.duration_minutes, made.services.count()) == ("75.00", 45, 2)
