"""The rooms that are mutated, and the tests that judge each: few and telling: all of them run for a survivor."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ANSWERS = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Room:
    """Files of one purpose, and the tests that judge them; `whole`: every mutant is tried, not a draw."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    whole: bool = False


ROOMS: Mapping[str, Room] = {
    "pricing": Room(
        whole=True,
        sources=("cart/pricing.py",),
        tests=("cart/tests/test_pricing.py",),
    ),
    "lifecycle": Room(
        whole=True,
        sources=("catalog/lifecycle.py", "orders/lifecycle.py", "scheduling/lifecycle.py"),
        tests=(
            "catalog/tests/test_lifecycle.py",
            "orders/tests/test_lifecycle.py",
            "scheduling/tests/test_lifecycle.py",
        ),
    ),
    "judgement": Room(
        whole=True,
        sources=("scheduling/slots/judgement.py",),
        tests=("scheduling/tests/test_judgement.py",),
    ),
    "claims": Room(
        sources=("scheduling/services/claims.py",),
        tests=("scheduling/tests/test_claims.py", "scheduling/tests/test_claim_steps.py"),
    ),
    "placing": Room(
        sources=(
            "orders/services/place_order.py",
            "orders/services/insert.py",
            "orders/services/reservations.py",
            "orders/snapshots.py",
        ),
        tests=(
            "orders/tests/test_placed_rows.py",
            "orders/tests/test_place_order.py",
            "orders/tests/test_seals.py",
            "orders/tests/test_states.py",
            "orders/tests/test_open_orders.py",
            "orders/tests/test_budgets.py",
            "orders/tests/test_full_windows.py",
            "operations/tests/test_mixed_answers.py",
            "operations/tests/test_mixed_cart.py",
            "operations/tests/test_mixed_order.py",
        ),
    ),
    "payments": Room(
        sources=(
            "payments/services/arrivals.py",
            "payments/services/attempts.py",
            "payments/services/cases.py",
            "payments/services/closing.py",
            "payments/services/counter.py",
            "payments/services/events.py",
            "payments/services/facts.py",
            "payments/services/history.py",
            "payments/services/inbox.py",
            "payments/services/limits.py",
            "payments/services/looking_after.py",
            "payments/services/notices.py",
            "payments/services/owing.py",
            "payments/services/reconciliation.py",
            "payments/services/refunds.py",
            "payments/services/resolving.py",
            "payments/services/statements.py",
            "payments/services/tips.py",
            "payments/lifecycle.py",
            "payments/selectors.py",
        ),
        tests=(
            "payments/tests/test_arriving.py",
            "payments/tests/test_attempts.py",
            "payments/tests/test_begun.py",
            "payments/tests/test_counting.py",
            "payments/tests/test_drawer.py",
            "payments/tests/test_events.py",
            "payments/tests/test_gateway_refunds.py",
            "payments/tests/test_given_up.py",
            "payments/tests/test_handed.py",
            "payments/tests/test_history.py",
            "payments/tests/test_how_money_stands.py",
            "payments/tests/test_late_money.py",
            "payments/tests/test_lifecycle.py",
            "payments/tests/test_limits.py",
            "payments/tests/test_not_as_asked.py",
            "payments/tests/test_owing.py",
            "payments/tests/test_reconcile_pix.py",
            "payments/tests/test_reconciliation.py",
            "payments/tests/test_refund_steps.py",
            "payments/tests/test_resolving.py",
            "payments/tests/test_rows.py",
            "payments/tests/test_services.py",
            "payments/tests/test_statement_lines.py",
            "payments/tests/test_statements.py",
            "payments/tests/test_sweep.py",
            "payments/tests/test_told.py",
            "counter/tests/test_tips.py",
        ),
    ),
}


def equivalent(path: Path = ANSWERS) -> dict[str, str]:
    """Return the mutants that no test can tell from the code, each with the reason."""
    with path.open("rb") as file:
        return {
            f"{where}: {change}": because
            for because, places in tomllib.load(file).items()
            for where, changes in places.items()
            for change in changes
        }
