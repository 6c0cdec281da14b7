"""The sandbox's adapter against the sandbox itself, over HTTP: begun once, whatever becomes of an answer."""

import json
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from devstack import ports
from inventory.tests.factories import MONDAY
from payments.brcode import crc16
from payments.gateways import calls
from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Declined,
    Delivery,
    Given,
    Returning,
    Sought,
    Unreachable,
)
from payments.gateways.sandbox import SIGNATURE, Sandbox
from payments.tests.brcodes import fields_of
from payments.tests.sandbox_process import KEY, SECRET, Running, running
from sandbox.signing import sign


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with running(begins=MONDAY) as opened:
        yield opened


@pytest.fixture
def adapter(there: Running) -> Sandbox:
    return Sandbox(**there.access)


def asked(**differs: Any) -> Asked:
    name = uuid4()
    made = Asked(
        id=name, key=f"payment:{name}", order="B-1", method="card", amount=Decimal("59.90"), currency="BRL",
        expires_at=MONDAY + timedelta(minutes=15), description="B-1", return_url="https://shop.example/pay/",
        notify_url="",
    )  # fmt: skip
    return replace(made, **differs)


def returning(reference: str, amount: str, **differs: Any) -> Returning:
    name = uuid4()
    made = Returning(
        id=name, key=f"refund:{name}", payment=reference, amount=Decimal(amount), currency="BRL", reason="changed"
    )
    return replace(made, **differs)


def delivery(body: bytes, *, at: datetime = MONDAY, secret: str = SECRET) -> Delivery:
    return Delivery(body=body, headers={"Sandbox-Signature": sign(body=body, secret=secret, at=at)}, query={})


def test_a_card_gets_a_page_and_what_we_called_it_comes_back(adapter: Sandbox, there: Running) -> None:
    wish = asked()
    fact = adapter.begin(wish)
    assert (fact.status, fact.amount, fact.currency, fact.payment, fact.order) == (
        "pending", Decimal("59.90"), "BRL", wish.id, "B-1",
    )  # fmt: skip
    assert (fact.account, fact.live) == (adapter.account, adapter.live)
    assert fact.given == Given(checkout_url=f"{there.url}/pay/{fact.reference}/")
    assert adapter.look_up(Sought(reference=fact.reference)) == fact
    assert adapter.look_up(Sought(payment=wish.id)) == fact
    assert there.act(fact.reference, "pay") == wish.return_url
    paid = adapter.look_up(Sought(payment=wish.id))
    assert paid is not None
    assert (paid.status, paid.amount, paid.at is not None) == ("succeeded", Decimal("59.90"), True)


def test_a_pix_gets_a_text_that_a_bank_could_read(adapter: Sandbox) -> None:
    text = adapter.begin(asked(method="pix", amount=Decimal("1234.50"))).given.pix_text
    found = fields_of(text)
    assert (found["54"], found["53"], found["58"], found["26-00"]) == ("1234.50", "986", "BR", "br.gov.bcb.pix")
    assert text[-4:] == f"{crc16(text[:-4].encode()):04X}"


@pytest.mark.fault("C11")
def test_asking_again_begins_nothing_new(adapter: Sandbox, there: Running) -> None:
    wish = asked()
    first, again = adapter.begin(wish), adapter.begin(wish)
    assert first == again
    there.act(first.reference, "pay")
    assert adapter.begin(wish).status == "succeeded", "the same one, as it is by now"
    assert len(there.ask(f"/v1/payments?metadata_payment={wish.id}")["data"]) == 1
    with pytest.raises(Declined, match="key_reused"):
        adapter.begin(replace(wish, amount=Decimal("1.00")))


@pytest.mark.fault("C11")
def test_an_answer_that_breaks_off_is_unknown_and_the_payment_begun_once(adapter: Sandbox, there: Running) -> None:
    wish = asked()
    there.fails("lost")
    with pytest.raises(Unreachable):
        adapter.begin(wish)
    known = adapter.look_up(Sought(payment=wish.id))
    assert known is not None, "it was begun all the same"
    assert adapter.begin(wish) == known
    assert len(there.ask(f"/v1/payments?metadata_payment={wish.id}")["data"]) == 1


@pytest.mark.fault("C11")
def test_nobody_waits_for_an_answer_that_does_not_come(
    adapter: Sandbox, there: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "TIMEOUT", 0.4)
    there.fails("slow", seconds=3)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="Timeout"):
        adapter.begin(asked())
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(("trouble", "said"), [("error", "HTTP 500"), ("busy", "HTTP 429")])
def test_an_error_of_the_gateway_is_no_refusal(adapter: Sandbox, there: Running, trouble: str, said: str) -> None:
    wish = asked()
    there.fails(trouble)
    with pytest.raises(Unreachable, match=said):
        adapter.begin(wish)
    assert adapter.begin(wish).status == "pending"


def test_a_gateway_that_is_not_there_is_unreachable() -> None:
    gone = Sandbox(url=f"http://127.0.0.1:{ports.free_port()}", key=KEY, secret=SECRET)
    for work in (
        lambda: gone.begin(asked()),
        lambda: gone.look_up(Sought(reference="x")),
        lambda: gone.refund(returning("x", "1.00")),
        lambda: list(gone.list_events(since=MONDAY)),
        gone.check_connection,
    ):
        with pytest.raises(Unreachable):
            work()


def test_something_else_at_its_address_is_no_gateway(there: Running) -> None:
    other = Sandbox(url=f"{there.url}/scan/?text=", key=KEY, secret=SECRET)  # leads to a page for people
    with pytest.raises(Unreachable, match="HTTP 302"):
        other.check_connection()


def test_a_wrong_key_is_refused_and_repeated_nowhere(there: Running) -> None:
    stranger = Sandbox(url=there.url, key="a-wrong-key-to-be-hidden", secret=SECRET)
    for work in (lambda: stranger.begin(asked()), stranger.check_connection):
        with pytest.raises(Declined, match="unauthorized") as refused:
            work()
        assert "hidden" not in f"{refused.value!r} {stranger!r}"
    with pytest.raises(Unreachable, match="unauthorized"):  # nothing is known of that payment
        stranger.look_up(Sought(reference="pay_1"))


def test_the_connection_says_whose_money_it_is(adapter: Sandbox) -> None:
    assert adapter.check_connection() == Connection(ok=True, account="sandbox", live=False)


def test_what_is_not_known_is_nothing(adapter: Sandbox) -> None:
    assert adapter.look_up(Sought(reference="pay_nobody")) is None
    assert adapter.look_up(Sought(payment=uuid4())) is None


@pytest.mark.parametrize("wrong", [{"amount": Decimal("0.00")}, {"currency": "eur"}, {"return_url": "javascript:x"}])
def test_what_the_gateway_does_not_take_it_declines(adapter: Sandbox, wrong: dict[str, Any]) -> None:
    with pytest.raises(Declined, match="_invalid"):
        adapter.begin(asked(**wrong))


@pytest.mark.fault("C15")
def test_money_goes_back_once_and_never_more_than_came(adapter: Sandbox, there: Running) -> None:
    reference = adapter.begin(asked()).reference
    with pytest.raises(Declined, match="payment_not_paid"):
        adapter.refund(returning(reference, "1.00"))
    there.act(reference, "pay")
    back = returning(reference, "50.00")
    first, again = adapter.refund(back), adapter.refund(back)
    assert first == again
    assert (first.status, first.amount, first.payment, first.refund) == (
        "succeeded", Decimal("50.00"), reference, back.id,
    )  # fmt: skip
    with pytest.raises(Declined, match="more_than_was_paid"):
        adapter.refund(returning(reference, "9.91"))
    assert adapter.refund(returning(reference, "9.90")).status == "succeeded"


@pytest.mark.fault("C16")
def test_a_bank_may_refuse_to_give_back(adapter: Sandbox, there: Running) -> None:
    reference = adapter.begin(asked()).reference
    there.act(reference, "pay")
    there.act(reference, "hold_back")
    with pytest.raises(Declined, match="account_closed"):
        adapter.refund(returning(reference, "1.00"))


def test_events_say_what_happened_in_its_order(adapter: Sandbox, there: Running) -> None:
    reference = adapter.begin(asked()).reference
    for act in ("twice", "dispute"):
        there.act(reference, act)
    adapter.refund(returning(reference, "9.90"))
    told = [event for event in adapter.list_events(since=MONDAY) if reference in event.body.decode()]
    assert [event.kind for event in told] == ["payment.succeeded", "dispute.opened", "refund.succeeded"]
    paid, disputed, back = told
    assert paid.payment is not None
    assert disputed.dispute is not None
    assert back.refund is not None
    assert (paid.payment.reference, disputed.dispute.payment, back.refund.payment) == (reference,) * 3
    assert list(adapter.list_events(since=MONDAY + timedelta(hours=5))) == []


def test_a_long_list_of_events_is_read_to_its_end(adapter: Sandbox, there: Running) -> None:
    references = [adapter.begin(asked()).reference for _ in range(6)]
    for reference in references:
        for _ in range(20):
            there.act(reference, "dispute")
    found = [event for event in adapter.list_events(since=MONDAY) if event.dispute]
    ours = [event for event in found if event.dispute and event.dispute.payment in references]
    assert len(ours) == 120
    assert len({event.id for event in found}) == len(found)


@pytest.mark.fault("C6")
@pytest.mark.fault("C7")
def test_only_the_gateways_own_fresh_word_is_believed(adapter: Sandbox, there: Running) -> None:
    wish = asked()
    reference = adapter.begin(wish).reference
    there.act(reference, "pay")
    [body] = there.events(reference)
    event = adapter.verify_event(delivery(body), now=MONDAY)
    assert event.payment is not None
    assert (event.kind, event.payment.status, event.payment.payment) == ("payment.succeeded", "succeeded", wish.id)
    assert (event.id, event.body) == (json.loads(body)["id"], body)
    late = MONDAY + timedelta(seconds=300)
    assert adapter.verify_event(delivery(body), now=late).id == event.id
    signature = delivery(body).headers["Sandbox-Signature"]
    fresh = signature.replace(f"t={int(MONDAY.timestamp())}", f"t={int(late.timestamp())}")
    forged = {
        "another secret": delivery(body, secret="guessed"),
        "another body": replace(delivery(body), body=body.replace(b"BRL", b"EUR")),
        "another time, not signed": replace(delivery(body), headers={SIGNATURE: fresh}),
        "nothing": replace(delivery(body), headers={}),
        "half of it": replace(delivery(body), headers={SIGNATURE: signature.partition(",")[0]}),
        "no time": replace(delivery(body), headers={SIGNATURE: "t=x,v1=y"}),
        "a time beyond all": replace(delivery(body), headers={SIGNATURE: f"t={'9' * 40},v1=y"}),
        "letters beyond all": replace(delivery(body), headers={SIGNATURE: f"t={int(MONDAY.timestamp())},v1=é"}),
        "no event": delivery(b'{"id": 1}'),
    }
    for one in forged.values():
        with pytest.raises(BadSignature):
            adapter.verify_event(one, now=MONDAY)
    for much in (timedelta(seconds=301), timedelta(days=3), -timedelta(seconds=301)):
        with pytest.raises(BadSignature, match="another time"):
            adapter.verify_event(delivery(body), now=MONDAY + much)


def test_its_books_outlive_it(tmp_path: Path) -> None:
    file, wish = tmp_path / "sandbox.json", asked()
    with running(file=file, begins=MONDAY) as first:
        reference = Sandbox(**first.access).begin(wish).reference
        first.act(reference, "twice")
    with running(file=file, begins=MONDAY) as second:
        again = Sandbox(**second.access)
        found = again.look_up(Sought(payment=wish.id))
        assert found is not None
        assert (found.reference, found.status, len(list(again.list_events(since=MONDAY)))) == (
            reference, "succeeded", 2,
        )  # fmt: skip
    file.write_text("no book")
    with running(file=file, begins=MONDAY) as third:
        assert Sandbox(**third.access).look_up(Sought(payment=wish.id)) is None


def test_a_stranger_gets_nothing_of_its_api(there: Running) -> None:
    for path, body in (("/v1/account", None), ("/v1/events", None), ("/v1/faults", {"kind": "error"})):
        with pytest.raises(urllib.error.HTTPError) as refused:
            there.ask(path, body, key="guessed")
        with refused.value as answer:
            assert (answer.code, json.load(answer)) == (401, {"code": "unauthorized"})
