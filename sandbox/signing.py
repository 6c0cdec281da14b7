"""The signature of what the sandbox tells: by whom, and when, so that nothing old can be told again."""

import hashlib
import hmac
from datetime import datetime

HEADER = "Sandbox-Signature"


def sign(*, body: bytes, secret: str, at: datetime) -> str:
    """Return the header's text for a body that is sent at that instant."""
    moment = str(int(at.timestamp()))
    mark = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mark}"
