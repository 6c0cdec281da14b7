"""Every constraint of the database has a voice, or a reason why it needs none."""

import re

import pytest
from django.db import connection

from common.errors import Refusal
from common.transactions import constraints_that_speak

# A constraint that two writers can meet at, or that what somebody sends can reach, has a refusal (`apps.py` of its
# app). What stands here is broken by our own mistake alone; then it is a bug, and is answered and logged as one.
BUGS = {
    "an identity made at random": r"""
        accounts_signinchallenge_digest_key recoverycode_once
        \w+_public_id_key cart_cartline_claim_key inventory_stockreservation_claim_key scheduling_appointment_claim_key
    """,
    "Django's own floor of a positive number, below the bounds that we name": r"""
        (accounts|audit|cart|catalog|chats|commissions|common|counter|inventory|orders|payments|scheduling|shop|spreadsheets)_\w+_check
    """,
    "one of the words of our own enumeration": r"""
        appointment_state_known appointmentnotice_kind_known backupcopy_kind_known entry_action_known availabilityrule_weekday_known cart_status_known
        fulfilment_status_known gatewayevent_status_known moneycase_status_known openinghours_weekday_known
        order_channel_known awaitedpix_status_known tip_tender_known parkedsale_status_known order_status_known orderline_unit_known payment_status_known payment_tender_known product_kind_known stockcount_status_known
        refund_status_known cashmovement_kind_known daycorrection_tender_known customerstep_action_known
        chattemplate_occasion_known chattemplate_language_known sentchat_occasion_known
        product_status_known signinattempt_door_known signinattempt_outcome_known
        signinattempt_step_known sentletter_held_back_known statementline_source_known
        variant_unit_known import_state_known importrow_what_known commissionrule_bearer_known commissionentry_kind_known commissionpayout_method_known keptsum_what_known
    """,
    "a form that the door or the rule has judged before": r"""
        address_postal_code_form address_state_known category_name_given category_not_its_own_parent category_slug_given
        customer_document_form customer_email_folded customer_phone_e164 product_deposit_bounds product_deposit_of_goods
        product_deposit_one_way product_lead_bounds product_slug_and_name_given service_deposit_one_way
        professional_has_name room_has_name shopsettings_\w+ shoplook_\w+ user_email_folded variant_options_list variant_price_bounds
        variant_barcode_form variant_sku_form holiday_has_name service_\w+_bounds service_tolerance_shorter_than_duration
        combination_duration_bounds combination_of_several_services combination_price_bounds
        availabilityrule_hours_bounds availabilityrule_valid_range dateoverride_hours_bounds openinghours_\w+_closing
        openinghours_whole_minutes professionalservice_price_bounds timeoff_ends_after_start
        appointment_forced_with_reason block_names_somebody customerrecord_name_given customerrecord_email_folded
        customerrecord_phone_e164 customerrecord_document_form customerrecord_birthday_form customerrecord_few_tags
        customerrecord_not_its_own apart_in_order chattemplate_text_given
        commissionrule_for_one_thing
        commissionrule_percent_or_amount commissionrule_fee_bounds commissionrule_fee_where_shared
        commissionrule_consumables_bounds
        cashmovement_has_reason cashmovement_amount_bounds daycorrection_has_reason daycorrection_amount_bounds till_has_name tillsession_float_bounds tillcount_counted_bounds
        tillclose_counted_bounds tillclose_difference_has_note stockcount_label_given repricedvariant_bounds countedline_quantity_bounds
    """,
    "the arithmetic of what we write ourselves": r"""
        entry_step_once keptday_ends_after_start keptsum_once pricerun_way_and_direction repricedvariant_differs repricedvariant_once appointment_blocked_bounded appointment_blocked_covers_start appointment_ends_after_start
        appointment_click_of_direct_request appointment_hold_expires appointment_lane_within_capacity appointmentservice_duration_positive
        appointmentservice_price_bounds cartline_price_bounds cartline_visit_is_one customer_anonymised_is_empty
        customerrecord_anonymised_is_empty customerstep_merged_into_another
        sentchat_taken_back_by_somebody
        awaitedpix_amount_bounds tip_amount_bounds awaitedpix_ended_has_time parkedsale_label_given parkedsale_sold_is_an_order receipt_change_of_what_came user_team_is_verified order_agreed_pickup_window ordercontact_anonymised_is_empty
        fulfilmentline_quantity_positive gatewayevent_handled_has_time moneycase_settled_has_time moneystep_of_one
        order_cancelled_costs_nothing order_cancelled_within_total
        order_late_fee_of_money_kept order_pending_expires
        order_pickup_window order_total_adds_up orderline_quantity_bounds orderline_total_adds_up
        milestone_one_beginning payment_received_has_time refund_returned_has_time refreshfamily_ending_with_instant refreshfamily_lives
        payment_session_of_counter refund_tender_has_session tillsession_closed_after_opened dayclose_ends_after_start
        import_done_has_an_instant import_none_wrong
        signinchallenge_lives signinchallenge_tries_bounded
        commissionrule_begins_after_writing commissionrule_ends_after_beginning commissionentry_within_its_base
        commissionentry_of_something commissionpayout_amount_bounds commissionpayout_cash_left_a_drawer
        commissions_commissionpayout_movement_id_key
        backupcopy_bytes_counted backupcopy_proof_whole examination_ends_after_begin refreshtoken_lives stockmovement_delta_not_zero stockmovement_sign_of_kind stockreservation_quantity_positive
    """,
    "larger than the amount that a buyer must name to get there": r"""
        order_money_bounds orderline_deposit_bounds orderline_money_bounds payment_amount_bounds refund_amount_bounds
        statementline_amount_bounds
    """,
    "more units than the count and the receipt allow": "stockitem_on_hand_bounds",
    "rows of one parent, numbered by the statement that writes them all": r"""
        orderline_position appointmentservice_position fulfilmentline_once outboxmessage_once
        orders_ordercontact_order_id_key counter_parkedsale_cart_id_key
        importrow_once
    """,
    "written so that the second one is passed over": r"""
        appointmentnotice_once backupcopy_once common_examination_night_key gatewayevent_once inventory_stockitem_variant_id_key keptunits_once block_once apart_once
        payments_moneycase_cause_key common_sentletter_identity_key common_outage_name_key \w+_uniq
    """,
}
CONSTRAINTS = """
SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE contype IN ('c', 'u', 'x') AND relname !~ '^(django|auth|otp)_' AND connamespace = 'public'::regnamespace
UNION
SELECT index.relname FROM pg_index JOIN pg_class index ON index.oid = indexrelid JOIN pg_class ON pg_class.oid = indrelid
WHERE indisunique AND NOT indisprimary AND pg_class.relname !~ '^(django|auth|otp|pg)_'
"""
PATTERNS = {pattern: reason for reason, patterns in BUGS.items() for pattern in patterns.split()}


@pytest.fixture
def names(db: None) -> set[str]:
    """Return every constraint that our tables have."""
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS)
        return {name for (name,) in cursor.fetchall()}


def a_bug(name: str) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in PATTERNS)


def test_every_constraint_speaks_or_is_a_bug_for_a_reason(names: set[str]) -> None:
    speaking = set(constraints_that_speak())
    assert len(names) > 200
    assert sorted(name for name in names - speaking if not a_bug(name)) == []
    assert sorted(name for name in speaking if a_bug(name)) == []


def test_nothing_stands_here_that_the_database_does_not_have(names: set[str]) -> None:
    assert sorted(set(constraints_that_speak()) - names) == []
    assert sorted(pattern for pattern in PATTERNS if not any(re.fullmatch(pattern, name) for name in names)) == []


@pytest.mark.parametrize("name", sorted(constraints_that_speak()))
def test_the_voice_of_a_constraint_is_a_refusal(name: str) -> None:
    refusal = constraints_that_speak()[name].refusal()
    assert isinstance(refusal, Refusal)
    assert refusal.status in (401, 409, 422, 503)
    assert refusal.code
