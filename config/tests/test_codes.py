"""The codes of the API. A change of this list is a change of the contract: clients read these words."""

from collections import defaultdict
from importlib import import_module

from django.utils.translation import override

from common.errors import Refusal
from devstack.state import ROOT

ABSTRACT = {"refused", "conflict", "invalid"}


for _errors in ROOT.glob("*/errors.py"):
    import_module(f"{_errors.parent.name}.errors")


def refusals(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    """Return every refusal that the shop knows, those of tests left out."""
    found = {kind} if ".tests." not in kind.__module__ else set()
    return found.union(*(refusals(below) for below in kind.__subclasses__()))


def codes() -> dict[int, list[str]]:
    """Return the codes by status, sorted."""
    found: dict[int, set[str]] = defaultdict(set)
    for refusal in refusals():
        found[refusal.status].add(refusal.code)
    return {status: sorted(words - ABSTRACT) for status, words in sorted(found.items())}


def test_the_codes_are_these() -> None:
    assert codes() == {
        400: [
            "idempotency_key_invalid",
            "idempotency_key_required",
            "invalid_request",
            "invalid_signature",
            "invalid_token",
        ],
        401: [
            "invalid_credentials",
            "second_factor_required",
            "token_reused",
            "unauthenticated",
        ],
        403: [
            "cancel_above_limit",
            "forbidden",
            "price_above_limit",
            "refund_above_limit",
            "refunds_above_day",
        ],
        404: [
            "not_found",
        ],
        405: [
            "method_not_allowed",
        ],
        406: [
            "not_acceptable",
        ],
        409: [
            "barcode_taken",
            "below_reserved",
            "cart_closed",
            "cart_full",
            "category_in_use",
            "changed_meanwhile",
            "count_again",
            "count_changed",
            "counted_meanwhile",
            "day_closed",
            "drawers_open",
            "email_taken",
            "factor_needed",
            "favourites_changed",
            "hours_changed",
            "idempotency_in_progress",
            "invalid_transition",
            "label_taken",
            "look_changed",
            "not_for_sale",
            "not_ready",
            "nothing_to_pay",
            "nothing_to_sell",
            "nothing_to_tell",
            "out_of_stock",
            "own_login",
            "parked_changed",
            "pix_awaited",
            "pix_not_begun",
            "prices_changed",
            "quantity_limit",
            "refund_exceeds_paid",
            "rule_ended",
            "sales_wait",
            "session_closed",
            "session_open",
            "sku_taken",
            "slot_taken",
            "slug_taken",
            "statement_changed",
            "till_taken",
            "too_late_to_cancel",
            "too_late_to_change",
            "too_many_addresses",
            "too_many_holds",
            "too_many_pictures",
            "total_changed",
            "visit_moved",
            "week_changed",
            "words_changed",
            "would_strand_appointments",
        ],
        413: [
            "payload_too_large",
        ],
        415: [
            "unsupported_media_type",
        ],
        422: [
            "category_loop",
            "category_too_deep",
            "day_ahead",
            "delivery_unavailable",
            "deposit_required",
            "discount_above_limit",
            "empty_cart",
            "hours_clash",
            "idempotency_key_reused",
            "lookup_not_offered",
            "method_not_offered",
            "not_for_sale",
            "note_required",
            "nothing_changes",
            "nothing_counted",
            "nothing_sold",
            "payments_do_not_add_up",
            "pickup_unavailable",
            "policy_out_of_range",
            "slot_unavailable",
            "too_many_open_orders",
            "too_many_units",
            "unacceptable_picture",
            "unknown_policy",
            "unknown_sku",
            "unreadable_colour",
            "unreadable_label",
        ],
        429: [
            "throttled",
        ],
        503: [
            "busy",
            "database_unavailable",
            "lookup_unavailable",
        ],
    }


def test_every_refusal_is_told_in_both_languages() -> None:
    untold = []
    for refusal in refusals():
        with override("en"):
            english = str(refusal.title)
        with override("pt-br"):
            if not english or str(refusal.title) == english:
                untold.append(f"{refusal.__name__}: {english}")
    assert untold == []


def test_one_code_has_one_status_unless_the_contract_says_so() -> None:
    by_code: dict[str, set[int]] = defaultdict(set)
    for refusal in refusals():
        by_code[refusal.code].add(refusal.status)
    assert {code for code, statuses in by_code.items() if len(statuses) > 1} <= {"not_for_sale", "lookup_unavailable"}
