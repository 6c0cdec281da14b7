"""Walks at the counter and with orders: sold, ordered by telephone, paid, handed over, given back, closed."""

from operations.tests.walks.person import Person
from operations.tests.walks.premises import Premises
from orders.models import Fulfilment, Order
from orders.tests.factories import STAFF
from payments.models import Payment, Refund
from scheduling.models import Appointment, Professional
from scheduling.tests import factories as agenda
from scheduling.tests.factories import at
from till.models import TillSession


def to_the_counter(person: Person) -> None:
    """Come to the counter from the first page, with nothing in the sale."""
    person.opens("/admin/")
    person.presses("Vender no balcão F2", near="#content")
    person.until("document.activeElement.id === 'counter-search'", why="the search field")


def at_the_counter(person: Person, premises: Premises) -> None:
    """Two breads and a haircut, in cash."""
    to_the_counter(person)
    person.type("2*pão")
    person.press("Enter")
    person.type("corte")
    person.press("Enter")
    person.due("R$ 61,80")
    person.looks("a sale")
    person.click("[data-pay=cash]")
    person.until("document.getElementById('counter-pay').open", why="the money")
    if person.phone:  # where no keyboard comes up by itself
        person.presses("R$ 100")
    else:
        person.until("document.activeElement.name === 'received'", why="what was received")
        person.type("100")
    person.sees("Troco: R$ 38,20")
    person.looks("the money")
    person.press("Enter")
    person.arrives("R$ 61,80 recebidos")
    sale = Order.objects.latest("pk")
    assert (sale.status, sale.channel, str(sale.total), str(sale.paid)) == ("completed", "counter", "61.80", "61.80")


def by_telephone(person: Person, premises: Premises) -> None:
    """Ten breads, to be collected, paid by transfer or Pix."""
    to_the_counter(person)
    person.type("10*pão")
    person.press("Enter")
    person.due("R$ 9,00")
    person.presses("Pedido por telefone")
    person.until("document.activeElement.name === 'name'", why="the name")
    person.type("José da Silva")
    person.writes("phone", "11987654321")
    person.looks("the order by telephone")
    person.press("Enter")
    person.arrives("Pedido anotado")
    order = Order.objects.latest("pk")
    assert (order.channel, str(order.total), order.contact.name) == ("phone", "9.00", "José da Silva")
    assert order.contact.phone == "+5511987654321"


def time_by_telephone(person: Person, premises: Premises) -> None:
    """A cake to be collected and a haircut tomorrow at ten, paid by transfer; at first that time is taken."""
    to_the_counter(person)
    person.type("bolo")
    person.press("Enter")
    person.type("corte")
    person.press("Enter")
    person.due("R$ 92,00")
    person.presses("Pedido por telefone")
    person.until("document.activeElement.name === 'name'", why="the name")
    person.type("José da Silva")
    person.writes("phone", "11987654321")
    person.sets("Dia: Corte", at(10).date().isoformat())
    person.presses("10:00 · Ana")
    person.touches("label", "Transferência")
    person.sees("Ao todo R$ 92,00")
    person.looks("an order by telephone with a visit")
    agenda.booked(at(10), "CORTE", name="Carla Dias", who=Professional.objects.get(name="Ana").public_id, actor=STAFF)
    person.presses("Anotar o pedido")
    person.sees("Ana não está mais livre nesse horário.")
    person.looks("a time that was lost")
    person.touches(".desk-refusal .counter-time", "10:00 · Bia")
    person.sees("Ao todo R$ 92,00")
    person.presses("Anotar o pedido")
    person.arrives("Pedido anotado")
    order = Order.objects.latest("pk")
    assert (order.channel, order.status, str(order.total)) == ("phone", "pending", "92.00")
    assert (order.contact.name, order.contact.phone) == ("José da Silva", "+5511987654321")
    visit = Appointment.objects.latest("pk")
    assert (visit.state, visit.professional.name, visit.starts_at) == ("held", "Bia", at(10))


def the_transfer(person: Person, premises: Premises) -> None:
    """The money of a transfer is in the bank."""
    person.opens("/admin/")
    person.click(f".desk-row[href*='/{premises.transfer.pk}/']")
    person.arrives("Aguardando pagamento")
    person.presses("O dinheiro chegou")
    person.arrives("Confira antes o extrato do banco.")
    person.presses("Confirmar o pedido")
    person.sees("Confirmado")
    premises.transfer.refresh_from_db()
    assert (premises.transfer.status, premises.transfer.paid) == ("confirmed", premises.transfer.total)


def the_pickup(person: Person, premises: Premises) -> None:
    """Somebody collects what was ordered, and pays."""
    person.opens("/admin/")
    person.click(f".desk-row[href*='/{premises.pickup.pk}/']")
    person.arrives("Entregar ao cliente")
    person.presses("Entregar ao cliente")
    person.arrives("R$ 9,00")
    person.click(".desk form button.is-primary")
    person.sees("Concluído")
    premises.pickup.refresh_from_db()
    assert (premises.pickup.status, str(premises.pickup.paid)) == ("completed", "9.00")
    assert set(Fulfilment.objects.filter(order=premises.pickup).values_list("status", flat=True)) == {"delivered"}


def money_back(person: Person, premises: Premises) -> None:
    """Ten reais of yesterday's cake, in cash."""
    order = Order.objects.get(number=premises.sold)
    person.opens("/admin/")
    person.presses("Devolver dinheiro", near="#content")
    person.arrives("Escolha o pedido")
    person.click(f".desk-row[href*='/{order.pk}/']")
    person.arrives("Quanto")
    person.writes("amount", "10,00")
    person.writes("reason", "Chegou amassado")
    person.click(".desk form button[type=submit]")
    person.sees("R$ 10,00")
    refund = Refund.objects.latest("pk")
    assert (str(refund.amount), refund.reason) == ("10.00", "Chegou amassado")
    order.refresh_from_db()
    assert str(order.refunded) == "10.00"


def end_of_the_day(person: Person, premises: Premises) -> None:
    """Count the drawer without seeing what should be in it, and close the day."""
    person.opens("/admin/")
    person.presses("Fechar o dia", near="#content")
    person.arrives("Dinheiro")
    person.writes("cash", "32,00")
    person.writes("card", "0")
    person.writes("pix", "0")
    person.click(".desk form button.is-primary")
    person.arrives("R$ 32,00")
    person.click(".desk form button.is-primary")
    person.sees("A gaveta e o dia estão fechados.")
    person.arrives("fechado por")
    assert not TillSession.objects.filter(closed_at=None).exists()
    assert Payment.objects.filter(tender="cash").count() == 1
