"""The key of a request that must happen once."""

from dataclasses import dataclass, replace

USER = "user:"


@dataclass(frozen=True)
class IdempotencyKey:
    """A request that must happen once: whose key it is, the key, and a SHA-256 of the canonical body."""

    scope: str
    key: str
    fingerprint: str

    def within(self, part: object) -> "IdempotencyKey":
        """Narrow a guest's keys to one object; the keys of somebody who signed in are theirs on the route."""
        return self if self.scope.startswith(USER) else replace(self, scope=f"{self.scope}:{part}")
