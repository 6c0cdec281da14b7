"""The tables of people. Call sites use this package; the files inside are split by noun."""

from accounts.models.factors import RecoveryCode, SignInChallenge
from accounts.models.people import Address, Block, Customer, User, UserManager
from accounts.models.sessions import RefreshFamily, RefreshToken, SignInAttempt

__all__ = [
    "Address",
    "Block",
    "Customer",
    "RecoveryCode",
    "RefreshFamily",
    "RefreshToken",
    "SignInAttempt",
    "SignInChallenge",
    "User",
    "UserManager",
]
