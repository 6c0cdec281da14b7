"""How the database and what waits in it stand, in one statement: for health and whoever looks after the shop."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from common.trouble import trouble

LATE = timedelta(minutes=5)
BEHIND_SECONDS = 30
WRITES = "ok"

_STANDING = """
SELECT
    pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
    (SELECT json_object_agg(name, beat_at)::text FROM common_heartbeat),
    (
        SELECT min(not_before) FROM common_outboxmessage
        WHERE done_at IS NULL AND dead_at IS NULL AND NOT (handler = ANY (%(letters)s) AND EXISTS (
            SELECT FROM common_outage WHERE name = 'mail'
        ))
    ),
    (SELECT since FROM common_outage WHERE name = 'mail'),
    (SELECT extract(epoch FROM max(replay_lag))::float FROM pg_stat_replication)
"""


@dataclass(frozen=True)
class Standing:
    """`writes`: ok, or why the database takes none. `due_since`: since when the oldest message of the outbox is due.

    `lag_seconds`: how far the slowest standby is behind; 0 where there is none, or the role may not know.
    """

    writes: str
    seen: dict[str, datetime]
    due_since: datetime | None
    mail_away_since: datetime | None
    lag_seconds: float

    def is_late(self, *, now: datetime) -> bool:
        """Say whether messages wait that should have left."""
        return self.due_since is not None and now - self.due_since > LATE

    @property
    def is_behind(self) -> bool:
        """Say whether a standby is too far behind to take over without a loss."""
        return self.lag_seconds > BEHIND_SECONDS


def standing(*, letters: Sequence[str]) -> Standing:
    """Ask how things stand; `letters`: the handlers that wait for the mail server. Raises what databases raise."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"letters": list(letters)})
        is_read_only, beats, due_since, mail_away_since, lag = cursor.fetchone()
    seen = {name: datetime.fromisoformat(at) for name, at in (json.loads(beats) if beats else {}).items()}
    return Standing(
        writes="read_only" if is_read_only else trouble.lately() or WRITES,
        seen=seen,
        due_since=due_since,
        mail_away_since=mail_away_since,
        lag_seconds=lag or 0.0,
    )
