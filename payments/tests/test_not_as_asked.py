"""What gateways tell that is not as it was asked: foreign money, refunds of others, disputes; and what is known by now."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from common.testing import statements
from payments.gateways.protocol import DisputeFact, Event, PaymentFact, RefundFact
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.services import events, facts
from payments.tests.by_card import LATER, begin, by_card, cases, clean, gateway, paid_by_card, refunds, rows, stands
from payments.tests.saying import STRAY, elsewhere, outcome, say
from payments.tests.stand_in import NAME, StandIn

__all__ = ["gateway"]

pytestmark = pytest.mark.django_db


def the_case() -> dict[str, Any]:
    """Return the columns of the only case there is."""
    return dict(MoneyCase.objects.values().get())


def refund_of(paid: str, **differs: Any) -> RefundFact:
    """Return a refund of ten reais that was made at the gateway itself."""
    fact = RefundFact(reference="back-7", status="succeeded", amount=Decimal("10.00"), currency="BRL", payment=paid)
    return replace(fact, **differs)


def dispute_of(reference: str) -> DisputeFact:
    """Return a dispute about a payment."""
    return DisputeFact(
        reference="dp-1", payment=reference, amount=Decimal("41.00"), currency="USD", status="needs_response"
    )


class TestForeignMoney:
    """Money that does not fit is kept apart with all that is known of it."""

    def test_money_of_no_order_is_kept_with_what_the_gateway_says_of_it(self, gateway: StandIn) -> None:
        event = say(payment=replace(STRAY, currency="EURO"))
        assert outcome(event) == ("quarantined", "no order of ours", None, LATER)
        case = the_case()
        assert case == case | {
            "kind": "unknown", "cause": f"unknown:{NAME}:pay-9", "status": "open", "order_id": None,
            "payment_id": None, "event_id": event["id"], "gateway": NAME, "amount": Decimal("10.00"),
            "currency": "EUR", "detail": "no order of ours", "opened_at": LATER,
        }  # fmt: skip

    def test_money_for_an_order_is_kept_beside_it(self, gateway: StandIn) -> None:
        order = by_card()
        payment = begin(order)
        event = say(payment=gateway.pay(payment, currency="EUR"))
        detail = "currency: EUR instead of BRL"
        assert outcome(event) == ("quarantined", detail, payment.pk, LATER)
        case = the_case()
        assert case == case | {
            "kind": "mismatch", "cause": f"mismatch:{NAME}:pay-1", "order_id": order.pk, "payment_id": payment.pk,
            "event_id": event["id"], "gateway": NAME, "amount": Decimal("59.90"), "currency": "EUR",
            "detail": detail, "opened_at": LATER,
        }  # fmt: skip
        assert rows() == [("pending", "59.90")]

    @pytest.mark.parametrize(
        ("amount", "kept"),
        [("0.00", None), ("-1.00", None), ("0.01", "0.01"), ("9999999999.99", "9999999999.99"), ("10000000000", None)],
    )
    def test_an_amount_that_no_money_has_is_only_told_in_words(
        self, gateway: StandIn, amount: str, kept: str | None
    ) -> None:
        payment = begin(by_card())
        say(payment=gateway.pay(payment, amount=Decimal(amount)))
        case = the_case()
        wanted = "" if Decimal(amount) <= 0 else " instead of 59.90"
        assert case["amount"] == (Decimal(kept) if kept else None)
        assert case["detail"] == f"amount: {amount}{wanted}"

    @pytest.mark.parametrize(
        ("ours", "theirs", "detail"),
        [
            (True, False, "mode: test instead of live"),
            (False, True, "mode: live instead of test"),
            (False, None, "mode: none instead of test"),
            (None, True, "mode: live instead of none"),
        ],
    )
    def test_test_money_is_no_money(
        self, gateway: StandIn, ours: bool | None, theirs: bool | None, detail: str
    ) -> None:
        payment = begin(by_card())
        gateway.live = ours
        event = say(payment=gateway.pay(payment, live=theirs))
        assert outcome(event)[:2] == ("quarantined", detail)

    def test_money_of_another_account_is_anothers(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        for number, account in enumerate(("acct-2", None)):
            event = say(f"evt-{number}", payment=gateway.pay(payment, account=account))
            assert outcome(event)[:2] == ("quarantined", "another account of the gateway")

    def test_a_second_payment_may_be_of_another_amount_but_not_of_none(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        say(payment=gateway.pay(payment))
        payment.refresh_from_db()
        other = gateway.pay_again(payment, amount=Decimal("7.00"))
        judged: dict[str, Any] = {"gateway": gateway, "payment": payment, "order": payment.order}
        assert facts.what_does_not_fit(fact=other, **judged) == ""
        assert facts.what_does_not_fit(fact=replace(other, amount=Decimal(0)), **judged) == "amount: 0"
        own = replace(other, reference=payment.gateway_reference)
        assert facts.what_does_not_fit(fact=own, **judged) == "amount: 7.00 instead of 59.90"
        payment.gateway_reference = ""
        assert facts.what_does_not_fit(fact=other, **judged) == "amount: 7.00 instead of 59.90"
        assert facts.what_does_not_fit(fact=other, **judged | {"payment": None}) == ""


class TestRefunds:
    """Refunds that a gateway tells of by itself."""

    @pytest.mark.parametrize(
        ("differs", "detail"),
        [({"live": True}, "mode: live instead of test"), ({"account": "acct-2"}, "another account of the gateway")],
    )
    @pytest.mark.parametrize("known", [True, False])
    def test_a_refund_of_another_account_is_kept_apart(
        self, gateway: StandIn, differs: dict[str, Any], detail: str, known: bool
    ) -> None:
        order = paid_by_card(gateway)
        payment = Payment.objects.get()
        event = say(refund=refund_of("pay-1" if known else "pay-9", **differs))
        about = (order.pk, payment.pk) if known else (None, None)
        assert outcome(event) == ("quarantined", detail, about[1], LATER)
        case = the_case()
        assert case == case | {
            "kind": "mismatch", "cause": f"mismatch:{NAME}:back-7", "order_id": about[0], "payment_id": about[1],
            "event_id": event["id"], "gateway": NAME, "amount": None, "detail": detail, "opened_at": LATER,
        }  # fmt: skip
        assert (refunds(), stands(order)[2]) == ([], "0.00")

    def test_a_refund_need_not_say_whose_it_is_and_may(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        event = say(refund=refund_of("pay-1", live=False, account="acct-1"))
        assert outcome(event) == ("handled", "", Payment.objects.get().pk, LATER)
        say("evt-2", refund=refund_of("pay-1", reference="back-8"))
        assert (refunds(), stands(order)[2]) == ([("succeeded", "10.00", "at_gateway")] * 2, "20.00")
        assert set(Refund.objects.values_list("actor_kind", "actor_id", "created_at")) == {("gateway", NAME, LATER)}

    def test_a_refund_told_before_its_payment_asks_for_the_payment_first(self, gateway: StandIn) -> None:
        order = by_card()
        payment = begin(order)
        back = refund_of("pay-1")
        gateway.pay(payment, refunds=(back,), dispute=dispute_of("pay-1"))
        event = say(refund=back)
        assert gateway.calls == ["begin", "look_up"]
        assert outcome(event) == ("handled", "", payment.pk, LATER)
        assert (stands(order), refunds(), cases()) == (
            ("confirmed", "59.90", "10.00"), [("succeeded", "10.00", "at_gateway")], [],
        )  # fmt: skip
        payment.refresh_from_db()
        assert (payment.received_at, payment.actor_kind, payment.actor_id) == (LATER, "gateway", NAME)

    def test_a_refund_of_a_payment_that_is_there_is_not_asked_about(self, gateway: StandIn) -> None:
        paid_by_card(gateway)
        gateway.calls.clear()
        say(refund=refund_of("pay-1"))
        assert gateway.calls == []

    @pytest.mark.parametrize("reference", ["", "pay-9"])
    def test_a_refund_of_no_payment_of_ours_is_of_no_concern(self, gateway: StandIn, reference: str) -> None:
        begin(by_card())
        Payment.objects.update(gateway_reference="")
        event = say(refund=refund_of(reference))
        assert outcome(event) == ("ignored", "of no concern to us", None, LATER)
        assert (refunds(), gateway.calls) == ([], ["begin", "look_up"] if reference else ["begin"])

    def test_a_refund_through_another_gateway_is_of_no_concern(self, gateway: StandIn) -> None:
        elsewhere(by_card())
        assert outcome(say(refund=refund_of("pay-1")))[0] == "ignored"


class TestDisputes:
    """Payments that customers dispute with their bank."""

    def test_a_dispute_is_kept_with_all_that_is_said_of_it(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        payment = Payment.objects.get()
        event = say(dispute=dispute_of("pay-1"))
        assert outcome(event) == ("handled", "", payment.pk, LATER)
        case = the_case()
        assert case == case | {
            "kind": "dispute", "cause": f"dispute:{NAME}:dp-1", "order_id": order.pk, "payment_id": payment.pk,
            "event_id": event["id"], "gateway": NAME, "amount": Decimal("41.00"), "currency": "USD",
            "detail": "needs_response", "opened_at": LATER,
        }  # fmt: skip
        assert (stands(order), refunds()) == (("confirmed", "59.90", "0.00"), [])

    def test_a_dispute_told_before_its_payment_asks_for_the_payment_and_for_nothing_else(
        self, gateway: StandIn
    ) -> None:
        order = by_card()
        payment = begin(order)
        gateway.pay(payment, refunds=(refund_of("pay-1"),), dispute=replace(dispute_of("pay-1"), reference="dp-0"))
        assert outcome(say(dispute=dispute_of("pay-1"))) == ("handled", "", payment.pk, LATER)
        assert (stands(order), refunds()) == (("confirmed", "59.90", "0.00"), [])  # of refunds it tells by themselves
        assert MoneyCase.objects.get().cause == f"dispute:{NAME}:dp-1"

    def test_what_something_is_told_of_is_read_with_its_order_in_one_statement(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        with statements() as said:
            found = events._paid_by(gateway=gateway, reference="pay-1")
            assert found is not None
            assert found.order == order
        assert len(said) == 1

    def test_a_dispute_about_no_payment_of_ours_is_kept_all_the_same(self, gateway: StandIn) -> None:
        event = say(dispute=dispute_of("pay-9"))
        assert outcome(event) == ("handled", "", None, LATER)
        case = the_case()
        assert (case["order_id"], case["payment_id"], case["gateway"], case["currency"]) == (None, None, NAME, "USD")

    @pytest.mark.parametrize("step", [facts.note_dispute, facts.set_refund_aside])
    def test_what_an_event_tells_is_written_down_with_its_tick_or_not_at_all(self, step: Any) -> None:
        with pytest.raises(RuntimeError, match=f"^{step.__name__} must run within"):
            step()


class TestTogether:
    """Events that tell of a payment and of what went back of it at once."""

    def told(self, gateway: StandIn, **differs: Any) -> PaymentFact:
        payment = begin(by_card())
        parts: dict[str, Any] = {"refunds": (refund_of("pay-1"),), "dispute": dispute_of("pay-1")}
        return gateway.pay(payment, **parts | differs)

    def test_everything_is_written_down_and_the_event_ticked_off_after(self, gateway: StandIn) -> None:
        fact = self.told(gateway)
        for number in (1, 2):
            event = say(f"evt-{number}", payment=fact)
            assert outcome(event) == ("handled", "", Payment.objects.get().pk, LATER)
        assert (rows(), refunds(), cases()) == (
            [("succeeded", "59.90")], [("succeeded", "10.00", "at_gateway")], ["dispute"],
        )  # fmt: skip
        case = the_case()
        assert (case["event_id"], case["payment_id"], case["opened_at"]) == (
            GatewayEvent.objects.get(event_id="evt-1").pk, Payment.objects.get().pk, LATER,
        )  # fmt: skip
        refund = Refund.objects.get()
        assert (refund.created_at, refund.actor_kind, refund.actor_id) == (LATER, "gateway", NAME)
        clean(LATER)

    def test_a_refund_alone_or_a_dispute_alone_is_not_overlooked(self, gateway: StandIn) -> None:
        say(payment=self.told(gateway, dispute=None))
        assert (len(refunds()), cases()) == (1, [])
        [fact] = gateway.payments.values()
        say("evt-2", payment=replace(fact, refunds=(), dispute=dispute_of("pay-1")))
        assert (len(refunds()), cases()) == (1, ["dispute"])

    def test_where_the_money_does_not_fit_nothing_else_is_done(self, gateway: StandIn) -> None:
        event = say(payment=self.told(gateway, currency="EUR"))
        assert outcome(event) == ("quarantined", "currency: EUR instead of BRL", Payment.objects.get().pk, LATER)
        assert (rows(), refunds(), cases()) == ([("pending", "59.90")], [], ["mismatch"])
        assert the_case()["event_id"] in (None, event["id"])

    def test_of_a_payment_that_is_not_there_nothing_went_back(self, gateway: StandIn) -> None:
        event = say(payment=self.told(gateway, status="failed"))
        assert outcome(event) == ("handled", "", Payment.objects.get().pk, LATER)
        assert (rows(), refunds(), cases()) == ([("failed", "59.90")], [], [])


class TestKnown:
    """What reconciliation need not hear again."""

    def known(self, gateway: StandIn, fact: PaymentFact | None) -> bool:
        return facts.is_known(gateway=gateway, event=Event(id="1", kind="x", at=LATER, body=b"", payment=fact)) is True

    def test_money_is_known_once_it_is_in_the_books_under_its_reference(self, gateway: StandIn) -> None:
        payment = begin(by_card())
        fact = gateway.pay(payment)
        assert not self.known(gateway, fact)
        say(payment=fact)
        assert self.known(gateway, fact)
        assert not self.known(gateway, replace(fact, reference="pay-7"))

    def test_nothing_is_to_be_known_of_what_is_none_of_ours_and_brought_no_money(self, gateway: StandIn) -> None:
        assert self.known(gateway, None)
        assert not self.known(gateway, STRAY)
        for status in ("pending", "failed", "expired", "cancelled"):
            assert self.known(gateway, replace(STRAY, status=status))

    def test_an_attempt_is_known_to_be_open_and_known_to_be_over_once_that_is_written_down(
        self, gateway: StandIn
    ) -> None:
        payment = begin(by_card())
        fact = gateway.payments[payment.key]
        ends = [replace(fact, status=status) for status in ("failed", "expired", "cancelled")]
        assert [self.known(gateway, one) for one in (fact, *ends)] == [True, False, False, False]
        say(payment=ends[0])
        assert [self.known(gateway, one) for one in (fact, *ends)] == [True] * 4
        assert not self.known(gateway, replace(fact, status="succeeded"))

    def test_refunds_and_disputes_are_known_once_they_are_written_down_as_they_stand(self, gateway: StandIn) -> None:
        order = paid_by_card(gateway)
        fact = next(iter(gateway.payments.values()))
        back, other = refund_of("pay-1"), refund_of("pay-1", reference="back-8")
        with_refund, disputed = replace(fact, refunds=(back,)), replace(fact, dispute=dispute_of("pay-1"))
        assert not self.known(gateway, with_refund)
        assert not self.known(gateway, disputed)
        say(refund=back)
        assert self.known(gateway, with_refund)
        assert not self.known(gateway, replace(fact, refunds=(back, other)))
        assert not self.known(gateway, replace(fact, refunds=(replace(back, status="refused"),)))
        assert not self.known(gateway, replace(with_refund, dispute=dispute_of("pay-1")))
        say("evt-2", dispute=dispute_of("pay-1"))
        assert self.known(gateway, replace(with_refund, dispute=dispute_of("pay-1")))
        assert not self.known(gateway, replace(fact, dispute=replace(dispute_of("pay-1"), reference="dp-2")))
        assert not self.known(gateway, replace(disputed, refunds=(other,)))
        assert stands(order)[2] == "10.00"
