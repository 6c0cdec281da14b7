"""Walks through the agenda: booked, moved, called off, missed, asked for; people, hours, days off, services."""

from operations.tests.walks.person import Person
from operations.tests.walks.premises import Premises
from scheduling.models import Appointment, AvailabilityRule, Professional, Service, TimeOff
from scheduling.tests.factories import at


def to_the_card(person: Person, name: str) -> None:
    """Open the card of somebody who comes today, from the first page."""
    person.opens("/admin/")
    person.touches("#content a.desk-row", name)
    person.until("document.getElementById('agenda-visit')?.open", why="the visit")


def closed(person: Person) -> None:
    """Wait until the agenda lies open again."""
    person.until("!document.querySelector('dialog[open]')", why="the agenda")


def by_telephone(person: Person, premises: Premises) -> None:
    """Somebody calls and wants to come at two."""
    person.opens("/admin/")
    person.presses("Novo agendamento", near="#content")
    person.until("document.getElementById('agenda-book')?.open", why="the dialog")
    if person.phone:
        person.touches("#agenda-book label", "Corte")
    else:
        person.until("document.activeElement.name === 'sought'", why="the field of the services")
        person.type("corte")
        person.press("Enter")
    person.touches(".agenda-time", "14:00")
    person.until("document.activeElement.name === 'name'", why="the field of the name")
    person.type("João Pereira")
    person.writes("phone", "11912345678")
    person.looks("a new visit")
    if person.phone:
        person.press("Enter")  # the key of the phone's keyboard that ends what is typed
    else:
        person.presses("Marcar")
    closed(person)
    visit = Appointment.objects.latest("pk")
    assert (visit.contact_name, visit.state, visit.starts_at) == ("João Pereira", "confirmed", at(14, day=0))


def moved(person: Person, premises: Premises) -> None:
    """Maria would rather come at four."""
    person.opens("/admin/")
    person.arrives("Maria Souza")
    person.click(f".desk-visit a[href*='{premises.visit.public_id}&move']")
    person.until("document.querySelector('#agenda-book [name=time]')", why="the times")
    person.looks("moving a visit")
    person.presses("16:00")
    person.presses("Remarcar")
    closed(person)
    premises.visit.refresh_from_db()
    assert (premises.visit.state, premises.visit.starts_at) == ("confirmed", at(16, day=0))


def moved_and_back(person: Person, premises: Premises) -> None:
    """Maria rings off, rings again, and comes at eleven after all."""
    moved(person, premises)
    person.presses("Desfazer")
    person.until("!document.querySelector('#agenda-toast .desk-undo')", why="the move taken back")
    premises.visit.refresh_from_db()
    assert (premises.visit.state, premises.visit.starts_at) == ("confirmed", at(11, day=0))


def moved_another_day(person: Person, premises: Premises) -> None:
    """Carla, who comes tomorrow, calls: she would rather come at ten."""
    person.opens("/admin/")
    person.until("document.activeElement.name === 'q'", why="the search field")
    person.type("carla")
    person.press("Enter")
    person.arrives("Agendamentos que vêm")
    person.click(f".desk-visit a[href*='{premises.asked.public_id}&move']")
    person.until("document.querySelector('#agenda-book [name=time]')", why="the times")
    person.presses("10:00")
    person.presses("Remarcar")
    closed(person)
    premises.asked.refresh_from_db()
    assert premises.asked.starts_at == at(10, day=1)


def called_off(person: Person, premises: Premises) -> None:
    """Maria does not come at all."""
    to_the_card(person, "Maria Souza")
    person.looks("a visit")
    person.presses("Cancelar o agendamento")
    person.looks("calling a visit off")
    person.presses("Cancelar o agendamento")
    closed(person)
    premises.visit.refresh_from_db()
    assert premises.visit.state == "cancelled"


def missed(person: Person, premises: Premises) -> None:
    """Pedro did not come."""
    to_the_card(person, "Pedro Lima")
    person.looks("a visit that has begun")
    person.presses("Não compareceu")
    person.presses("Não compareceu")
    closed(person)
    premises.due.refresh_from_db()
    assert premises.due.state == "no_show"


def missed_and_back(person: Person, premises: Premises) -> None:
    """And then Pedro did come, after all."""
    missed(person, premises)
    person.presses("Desfazer")
    person.sees("está confirmado de novo")
    premises.due.refresh_from_db()
    assert premises.due.state == "confirmed"


def asked_for(person: Person, premises: Premises) -> None:
    """Carla asked for a time, and the shop says yes."""
    person.opens("/admin/")
    person.arrives("Carla Dias")
    person.touches("#content a", "Carla Dias")
    person.presses("Aceitar o pedido de horário")
    closed(person)
    premises.asked.refresh_from_db()
    assert premises.asked.state == "confirmed"


def day_off(person: Person, premises: Premises) -> None:
    """Ana is at the doctor's tomorrow afternoon."""
    person.opens("/admin/")
    person.presses("Bloquear horário", near="#content")
    person.until("document.getElementById('agenda-off')?.open", why="the dialog")
    person.looks("blocking")
    person.chooses("professional", "Ana")
    person.sets("starts_at", "2026-03-04T13:00")
    person.sets("ends_at", "2026-03-04T18:00")
    person.writes("reason", "Médico")
    person.presses("Bloquear", near="dialog")
    closed(person)
    away = TimeOff.objects.get()
    assert (away.professional.name, away.starts_at, away.ends_at) == ("Ana", at(13, day=2), at(18, day=2))


def new_service(person: Person, premises: Premises) -> None:
    """The shop does beards too, and Ana does them."""
    person.opens("/admin/")
    person.goes_to("Serviços")
    person.click("a[href='/admin/scheduling/service/add/']")
    person.arrives("Duração")
    person.fills(name="Barba", price="35", duration_minutes="20 min")
    person.chooses("category", "Serviços")
    person.presses("Salvar")
    person.sees("Barba")
    service = Service.objects.get(variant__product__name="Barba")
    assert (service.duration_minutes, str(service.variant.price)) == (20, "35.00")


def new_professional(person: Person, premises: Premises) -> None:
    """Clara begins on Tuesday: she cuts, and works from ten to seven."""
    person.opens("/admin/")
    person.goes_to("Profissionais")
    person.click("a[href='/admin/scheduling/professional/add/']")
    person.arrives("Posição")
    person.fills(name="Clara")
    person.presses("Serviços que faz")
    person.presses("Adicionar mais: Serviço que faz")
    person.chooses("performed-0-service", "CORTE")
    person.presses("Horários da semana")
    person.presses("Adicionar mais: Horários da semana")
    person.chooses("rules-0-weekday", "Terça-feira")
    person.fills(**{"rules-0-opens": "10h", "rules-0-closes": "19h"})
    person.looks("hours")
    person.presses("Salvar")
    person.sees("Clara")
    clara = Professional.objects.get(name="Clara")
    rule = AvailabilityRule.objects.get(professional=clara)
    assert (rule.weekday, rule.opens, rule.closes) == (1, 600, 1140)
    assert [str(one.service.variant.sku) for one in clara.performed.all()] == ["CORTE"]
