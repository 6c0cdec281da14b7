"""The people of the demonstration shop who can log in, and the one place that knows their passwords."""

from typing import NamedTuple


class DemoLogin(NamedTuple):
    """A login of the demonstration shop: `role` is the role's code, or "customer" for a person who buys."""

    role: str
    email: str
    password: str


DEMO_LOGINS: tuple[DemoLogin, ...] = (
    DemoLogin(role="owner", email="dona@balcao.example", password="pao-de-queijo-7"),  # noqa: S106 - demonstration only
    DemoLogin(role="manager", email="gerente@balcao.example", password="fornada-das-seis-7"),  # noqa: S106
    DemoLogin(role="counter", email="balcao@balcao.example", password="cafe-coado-7"),  # noqa: S106
    DemoLogin(role="professional", email="ana@balcao.example", password="tesoura-afiada-7"),  # noqa: S106
    DemoLogin(role="viewer", email="contador@balcao.example", password="livro-caixa-aberto-7"),  # noqa: S106
    DemoLogin(role="customer", email="cliente@balcao.example", password="bolo-de-fuba-7"),  # noqa: S106
)
