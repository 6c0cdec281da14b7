"""The first day of a shop, from an empty database to the closed drawer, job after job, each measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from common import clock, outbox
from operations.tests.walks.person import A_CLICK, A_LETTER, Person

NAME, EMAIL, PASSWORD = "Maria Souza", "maria@padaria.example", "forno-a-lenha-1987"
PRODUCTS = """Produto;Categoria;Preço;Somar ao estoque
Pão francês;Pães;0,90;200
Pão de queijo;Salgados;5,50;60
Bolo de fubá;Bolos;32,00;6
Broa de milho;Pães;6,50;20
Café coado;Bebidas;4,00;100
"""


@dataclass(frozen=True)
class Done:
    """What a job took."""

    name: str
    clicks: int
    letters: int

    @property
    def seconds(self) -> float:
        """How long hands were on it."""
        return self.clicks * A_CLICK + self.letters * A_LETTER


class Day:
    """Somebody's first day, and what each job of it took."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.done: list[Done] = []

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Measure a job, and let the worker do meanwhile what it does."""
        clicks, letters = self.person.clicks, self.person.letters
        yield
        self.done.append(Done(name, self.person.clicks - clicks, self.person.letters - letters))
        outbox.relay(now=clock.now())

    def measured(self) -> list[dict[str, object]]:
        """Return what was measured, to be written down."""
        return [{**asdict(one), "seconds": round(one.seconds)} for one in self.done]

    def whole(self, link: str) -> None:
        """Go through the day."""
        self._opens(link)
        self._brings_products()
        self._agrees_on_commissions()
        self._sells()
        self._books()
        self._takes_an_order()
        self._gives_money_back()
        self._pays_commissions()
        self._closes()

    def _opens(self, link: str) -> None:
        person = self.person
        with self.job("Escolher a senha e entrar"):
            person.tab.open(link, width=person.width)
            person.fills(password=PASSWORD, again=PASSWORD)
            person.press("Enter")
            person.fills(username=EMAIL, password=PASSWORD)
            person.press("Enter")
            person.arrives("Para abrir a loja: 0 de 6 passos feitos", picture="primeiros-passos")
        steps: tuple[tuple[str, str, dict[str, str]], ...] = (
            ("Nome e CNPJ", "shop", {"name": "Padaria da Maria", "document": "11.222.333/0001-81"}),
            ("Horário da loja", "hours", {"day_0": "8h-12h, 13h-19h", "day_5": "8h-13h"}),
            ("Como os clientes pagam", "payment", {"pix_key": EMAIL}),
            (
                "Um serviço e quem faz, com horário", "service",
                {"name": "Corte", "price": "60", "person": "Ana Lima", "category": "Cabelo"},
            ),
        )  # fmt: skip
        for title, step, fields in steps:
            with self.job(title):
                person.click(f"#first-steps a[href$='/{step}/']")
                if step == "payment":
                    person.touches("label", "Pix")
                person.fills(**fields)
                person.looks(title)
                person.takes(f"passo-{step}")
                person.click(".desk form button.is-primary")
                person.sees("Para abrir a loja")

    def _brings_products(self) -> None:
        person = self.person
        sheet = person.folder / "produtos.csv"
        sheet.write_text(PRODUCTS, encoding="cp1252")
        with self.job("Cinco produtos de uma planilha"):
            person.goes_to("Planilhas")
            person.arrives("Produtos e estoque", picture="planilhas")
            person.attaches("file", sheet)
            person.presses("Ver o que muda")
            person.arrives("Broa de milho", picture="planilha")
            person.presses("Confirmar tudo")
            person.sees("Entrou tudo: 5 novas")

    def _agrees_on_commissions(self) -> None:
        person = self.person
        with self.job("Combinar a comissão"):
            person.goes_to("Regras")
            person.click("a[href='/admin/commissions/commissionrule/add/']")
            person.arrives("Quem arca com o desconto")
            person.chooses("professional", "Ana Lima")
            person.chooses("target", "Todos os serviços")
            person.fills(share="40%")
            person.takes("comissao")
            person.presses("Salvar")
            person.sees("Salvo")

    def _to_the_counter(self) -> None:
        person = self.person
        if person.phone:
            person.goes_to("Vender no balcão F2")
        else:
            person.press("F2")
        person.until("document.activeElement.id === 'counter-search'", why="the search field")

    def _sells(self) -> None:
        person = self.person
        with self.job("Vender dois pães e um corte, em dinheiro"):
            self._to_the_counter()
            person.type("2*pão fr")
            person.press("Enter")
            person.type("corte")
            person.press("Enter")
            person.due("R$ 61,80")
            person.looks("a sale")
            person.takes("venda")
            person.click("[data-pay=cash]")
            person.until("document.getElementById('counter-pay').open", why="the money")
            person.looks("the money")
            person.takes("dinheiro")
            person.click("[data-receive]")
            person.arrives("R$ 61,80 recebidos", picture="vendido")

    def _books(self) -> None:
        person = self.person
        with self.job("Marcar um horário por telefone"):
            person.reads()
            person.presses("Próxima venda Enter")
            person.goes_to("Agenda")
            person.until("document.querySelector('.ec-event')", why="the calendar")
            person.presses("Novo agendamento")
            person.touches(".agenda-time", "14:00")
            person.writes("name", "João Pereira")
            person.writes("phone", "11912345678")
            person.looks("a new visit")
            person.takes("agendamento")
            person.presses("Marcar")
            person.until("!document.querySelector('dialog[open]')", why="the agenda")
            person.touches(".ec-event", "João Pereira")
            person.arrives("João Pereira", picture="agenda")
            assert "09:00 Sem nome" in person.tab.run("document.getElementById('agenda-calendar').innerText")
            person.click("#agenda-visit [data-close]")
            person.until("!document.querySelector('dialog[open]')", why="the agenda")

    def _takes_an_order(self) -> None:
        person = self.person
        with self.job("Anotar um pedido por telefone, com Pix"):
            self._to_the_counter()
            person.type("10*queijo")
            person.press("Enter")
            person.due("R$ 55,00")
            person.presses("Pedido por telefone")
            person.until("document.activeElement.name === 'name'", why="the name")
            person.type("José da Silva")
            person.writes("phone", "11987654321")
            person.touches("#counter-phone label", "Pix")
            person.looks("the order by telephone")
            person.takes("pedido-por-telefone")
            person.press("Enter")
            person.arrives("Pedido anotado", picture="pedido-anotado")
            person.reads()
            person.presses("Próxima venda Enter")
        with self.job("O Pix chegou: confirmar"):
            person.opens("/admin/")
            person.presses("Pedidos", near="#content")
            person.picks("José da Silva")
            person.presses("O dinheiro chegou")
            person.arrives("Confira antes o extrato do banco.", picture="pix-chegou")
            person.presses("Confirmar o pedido")
            person.arrives("Confirmado", picture="pedido")

    def _gives_money_back(self) -> None:
        person = self.person
        with self.job("Devolver dinheiro de um pão amassado"):
            person.goes_to("Pedidos")
            person.picks("R$ 61,80")
            person.presses("Devolver dinheiro")
            person.fills(amount="0,90", reason="Pão amassado")
            person.looks("giving back")
            person.takes("devolucao")
            person.click(".desk form button[type=submit]")
            person.arrives("R$ 0,90")

    def _pays_commissions(self) -> None:
        person = self.person
        with self.job("As comissões do dia"):
            person.goes_to("Extratos")
            person.arrives("Ana Lima", picture="comissoes")
            person.touches("#content a", "Ana Lima")
            person.arrives("R$ 24,00", picture="extrato")

    def _closes(self) -> None:
        person = self.person
        with self.job("Contar a gaveta e fechar o dia"):
            person.opens("/admin/")
            person.presses("Fechar o dia", near="#content")
            person.fills(cash="60,90", card="0", pix="0")
            person.looks("counting")
            person.takes("contagem")
            person.click(".desk form button.is-primary")
            person.arrives("Diferença", picture="diferenca")
            person.click(".desk form button.is-primary")
            person.arrives("fechado por", picture="dia-fechado")
