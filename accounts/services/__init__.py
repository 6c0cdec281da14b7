"""Every write and every rule about people. Call sites use this module; the files inside are split by noun."""

from accounts.services.addresses import AddressFields, add_address, change_address, look_up, remove_address
from accounts.services.attempts import (
    Visitor,
    device_token,
    forget_attempts,
    unlock,
    unlockable,
    visitor_of,
)
from accounts.services.blocks import block_person, lift_block, remove_block, write_block
from accounts.services.credentials import check_credentials, check_second_factor, prove_again, sign_in, sign_out_there
from accounts.services.factors import (
    add_app,
    add_passkey,
    remove_app,
    remove_factors,
    remove_passkey,
    renew_codes,
)
from accounts.services.letters import mail_person
from accounts.services.mailboxes import (
    ask_for_reset,
    reset_password,
    resettable,
    send_reset,
    send_verification,
    verify_email,
)
from accounts.services.passkeys import to_make as passkey_to_make
from accounts.services.passwords import change_password, choose_password
from accounts.services.people import (
    block_customer,
    change_profile,
    close_account,
    register,
    switch_customer,
    unblock_customer,
)
from accounts.services.sessions import (
    TokenPair,
    begin_page_session,
    begin_session,
    end_session,
    forget_sessions,
    refresh,
    seen,
    sign_out,
)
from accounts.services.team import (
    Invitation,
    accept_invitation,
    change_member,
    invite,
    invited,
    mail_invitation,
    renew_invitation,
)

__all__ = [
    "AddressFields",
    "Invitation",
    "TokenPair",
    "Visitor",
    "accept_invitation",
    "add_address",
    "add_app",
    "add_passkey",
    "ask_for_reset",
    "begin_page_session",
    "begin_session",
    "block_customer",
    "block_person",
    "change_address",
    "change_member",
    "change_password",
    "change_profile",
    "check_credentials",
    "check_second_factor",
    "choose_password",
    "close_account",
    "device_token",
    "end_session",
    "forget_attempts",
    "forget_sessions",
    "invite",
    "invited",
    "lift_block",
    "look_up",
    "mail_invitation",
    "mail_person",
    "passkey_to_make",
    "prove_again",
    "refresh",
    "register",
    "remove_address",
    "remove_app",
    "remove_block",
    "remove_factors",
    "remove_passkey",
    "renew_codes",
    "renew_invitation",
    "reset_password",
    "resettable",
    "seen",
    "send_reset",
    "send_verification",
    "sign_in",
    "sign_out",
    "sign_out_there",
    "switch_customer",
    "unblock_customer",
    "unlock",
    "unlockable",
    "verify_email",
    "visitor_of",
    "write_block",
]
