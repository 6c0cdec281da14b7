"""The shapes of the demonstration shop's content, and its tree of categories.

Plain data, in the language of the shop. Amounts are text here, because they are turned into money by
the same service that reads what the owner types.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DemoCategory:
    """A branch of the tree; `parent` is the slug of the branch it grows from."""

    slug: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class DemoVariant:
    """One SKU: price in reais, option name -> value, and the units the shop opens with."""

    sku: str
    name: str
    price: str
    stock: int = 0
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoProduct:
    """One product; `motif` and `colour` say what its picture shows. `lead` is its notice for pickup in minutes."""

    slug: str
    name: str
    category: str
    motif: str
    colour: str
    description: str
    variants: tuple[DemoVariant, ...]
    kind: str = "goods"
    lead: int | None = None


def sized(prefix: str, *sizes: tuple[str, str, str, int], option: str = "Tamanho") -> tuple[DemoVariant, ...]:
    """Return variants that differ in one option: (end of the SKU, value, price, units) each."""
    return tuple(
        DemoVariant(sku=f"{prefix}-{code}", name=value, price=price, stock=units, options={option: value})
        for code, value, price, units in sizes
    )


def single(sku: str, price: str, units: int, name: str = "Unidade") -> tuple[DemoVariant, ...]:
    """Return the only variant of a product that comes in one form."""
    return (DemoVariant(sku=sku, name=name, price=price, stock=units),)


CATEGORIES = (
    DemoCategory("padaria", "Padaria"),
    DemoCategory("paes", "Pães", "padaria"),
    DemoCategory("bolos", "Bolos", "padaria"),
    DemoCategory("doces", "Doces", "padaria"),
    DemoCategory("salgados", "Salgados", "padaria"),
    DemoCategory("bebidas", "Bebidas", "padaria"),
    DemoCategory("cestas", "Cestas e presentes", "padaria"),
    DemoCategory("barbearia", "Barbearia"),
    DemoCategory("pomadas", "Pomadas e ceras", "barbearia"),
    DemoCategory("cabelo", "Cabelo e banho", "barbearia"),
    DemoCategory("barba", "Cuidados da barba", "barbearia"),
    DemoCategory("acessorios", "Acessórios", "barbearia"),
    DemoCategory("servicos", "Serviços", "barbearia"),
    DemoCategory("experiencias", "Experiências", "padaria"),
)
