"""Walks among products, stock, people, settings and spreadsheets."""

from accounts.models import User
from catalog.models import Product, ProductImage, Variant
from catalog.tests.factories import picture_file
from inventory.models import StockItem
from operations.tests.walks.person import Person
from operations.tests.walks.premises import Premises
from shop import services as shop


def on_hand(sku: str) -> int:
    """Return how many units lie in the shop."""
    return StockItem.objects.get(variant__sku=sku).on_hand


def received(person: Person, premises: Premises) -> None:
    """Twelve cakes and two hundred breads have arrived."""
    person.opens("/admin/")
    person.presses("Receber mercadoria", near="#content")
    person.until("document.activeElement.id === 'counter-search'", why="the search field")
    for what, name in (("12*bolo", "Bolo de fubá"), ("200*pão", "Pão francês")):
        person.type(what)
        person.press("Enter")
        person.until(f"document.querySelector('[data-lines]').innerText.includes({name!r})", why=name)
    person.looks("what arrived")
    person.click("[data-send]")
    person.until("!document.querySelector('[data-lines]').innerText.trim()", why="an empty list")
    assert (on_hand("BOLO"), on_hand("PAO")) == (17, 400)


def counted(person: Person, premises: Premises) -> None:
    """There are four cakes left, whatever the list says."""
    person.opens("/admin/")
    person.presses("Contar um produto", near="#content")
    person.until("document.activeElement.name === 'q'", why="where to search")
    person.type("fubá")
    person.press("Enter")
    person.until("document.activeElement.name === 'quantity'", why="how many there are")
    person.looks("counting one")
    person.type("4")
    person.presses("Salvar", near="#content")
    person.sees("Bolo de fubá: 4 contado")
    assert on_hand("BOLO") == 4


def price(person: Person, premises: Premises) -> None:
    """The bread costs a real."""
    person.opens("/admin/")
    person.presses("Mudar um preço", near="#content")
    person.until("document.activeElement.name === 'q'", why="where to search")
    person.type("pão francês")
    person.press("Enter")
    person.until("document.activeElement.name === 'price'", why="the new price")
    person.looks("one price")
    person.type("1,00")
    person.presses("Salvar", near="#content")
    person.sees("custa agora R$ 1,00")
    assert str(Variant.objects.get(sku="PAO").price) == "1.00"


def product(person: Person, premises: Premises) -> None:
    """Cheese bread, in two sizes, with a photo."""
    photo = person.folder / "pao-de-queijo.jpg"
    photo.write_bytes(picture_file(size=(640, 480)))
    person.opens("/admin/")
    person.goes_to("Produtos")
    person.click("a[href='/admin/catalog/product/add/']")
    person.arrives("Categoria")
    person.fills(name="Pão de queijo")
    person.chooses("shelf", "Padaria")
    person.presses("Variações")
    person.fills(**{"variants-0-name": "Grande", "variants-0-price": "7,50"})
    person.looks("variants")
    person.presses("Fotos")
    person.presses("Adicionar mais: Foto")
    person.attaches("images-0-upload", photo)
    person.looks("photos")
    person.presses("Salvar")
    person.sees("Pão de queijo")
    made = Product.objects.get(name="Pão de queijo")
    assert [(one.name, str(one.price)) for one in made.variants.all()] == [("Grande", "7.50")]
    assert ProductImage.objects.filter(product=made).count() == 1


def customer(person: Person, premises: Premises) -> None:
    """What did Maria buy, and when does she come?"""
    person.opens("/admin/")
    person.goes_to("Clientes")
    person.arrives("Maria Souza")
    person.touches("#result_list a", "Maria Souza")
    person.arrives("Compras e atendimentos")
    told = person.said()
    assert "1 × Bolo de fubá" in told
    assert "02/03/2026 11:00 · com Ana" in told


def invited(person: Person, premises: Premises) -> None:
    """Léo is to help at the counter."""
    person.opens("/admin/")
    person.goes_to("Equipe")
    person.click("a[href='/admin/accounts/user/add/']")
    person.arrives("E-mail")
    person.fills(name="Léo Campos", email="leo@example.com")
    person.touches("#content label", "Balcão: pedidos")
    person.presses("Salvar")
    person.sees("Léo Campos")
    leo = User.objects.get(email="leo@example.com")
    assert (leo.is_staff, [group.name for group in leo.groups.all()]) == (True, ["counter"])


def settings(person: Person, premises: Premises) -> None:
    """The number for WhatsApp has changed."""
    person.opens("/admin/")
    person.goes_to("Dados e regras")
    person.arrives("WhatsApp")
    person.fills(whatsapp="11 91234-5678")
    person.presses("Salvar")
    person.sees("Salvo")
    assert shop.policy().whatsapp == "+5511912345678"


def who_did_it(person: Person, premises: Premises) -> None:
    """Who made the bread dearer?"""
    price(person, premises)
    person.clicks = 0
    person.opens("/admin/")
    person.goes_to("Produtos")
    person.touches("#result_list a", "Pão francês")
    person.presses("Quem mudou isto?", near="#content, #header-inner")
    person.arrives("Dona Ana")
    assert "R$ 1,00" in person.said()


def spreadsheets(person: Person, premises: Premises) -> None:
    """Products come from a spreadsheet, and go into one."""
    sheet = person.folder / "produtos.csv"
    sheet.write_text("Produto;Categoria;Preço;Somar ao estoque\nBroa de milho;Padaria;6,50;30\n", encoding="cp1252")
    person.opens("/admin/")
    person.goes_to("Planilhas")
    person.arrives("Produtos e estoque")
    person.attaches("file", sheet)
    person.presses("Ver o que muda")
    person.arrives("Broa de milho")
    person.presses("Confirmar tudo")
    person.arrives("Entrou tudo: 1 nov")
    assert on_hand(Variant.objects.get(product__name="Broa de milho").sku) == 30
    person.presses("Outra planilha")
    link = person.until("document.querySelector(\"a[href$='products.csv']\")?.href", why="the link to save")
    saved = person.tab.run(f"fetch({link!r}).then((answer) => answer.text())")
    assert "Broa de milho" in saved
    assert "Pão francês" in saved
