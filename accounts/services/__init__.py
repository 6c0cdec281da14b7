"""Every write and every rule about people. Call sites use this module; the files inside are split by noun."""

from accounts.services.addresses import AddressFields, add_address, change_address, look_up, remove_address
from accounts.services.attempts import (
    Visitor,
    check_credentials,
    device_token,
    forget_attempts,
    unlock,
    unlockable,
    visitor_of,
)
from accounts.services.letters import mail_person
from accounts.services.people import (
    block_customer,
    change_password,
    change_profile,
    close_account,
    register,
    unblock_customer,
)
from accounts.services.sessions import TokenPair, forget_sessions, refresh, sign_in, sign_out
from accounts.services.team import Invitation, accept_invitation, change_member, invite, invited, renew_invitation

__all__ = [
    "AddressFields",
    "Invitation",
    "TokenPair",
    "Visitor",
    "accept_invitation",
    "add_address",
    "block_customer",
    "change_address",
    "change_member",
    "change_password",
    "change_profile",
    "check_credentials",
    "close_account",
    "device_token",
    "forget_attempts",
    "forget_sessions",
    "invite",
    "invited",
    "look_up",
    "mail_person",
    "refresh",
    "register",
    "remove_address",
    "renew_invitation",
    "sign_in",
    "sign_out",
    "unblock_customer",
    "unlock",
    "unlockable",
    "visitor_of",
]
