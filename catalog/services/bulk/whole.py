"""The two things that are done with a table once it is filled: compare it, and write it."""

import json
from datetime import datetime

from catalog.services import categories
from catalog.services.bulk import table, verdicts, writing
from common.actors import Actor
from common.transactions import within_unit_of_work


@within_unit_of_work
def compare(*, locked: bool = False) -> None:
    """Say of each row what it would change, in the temporary table `product_verdict`.

    `locked`: and let nobody change its products until this unit of work ends.
    """
    table.find(locked=locked)
    found, unclear = table.shelves_there(paths=table.wanted_categories())
    table.place(shelves=found)
    verdicts.compare(unclear=[json.dumps(path) for path in unclear])


@within_unit_of_work
def write(*, actor: Actor, now: datetime) -> None:
    """Write a table that was compared and has no wrong row; shelves that are missing are put up."""
    paths = table.wanted_categories()
    found, _unclear = table.shelves_there(paths=paths)
    table.place(shelves=categories.put_up(paths=[path for path in paths if path not in found]))
    writing.write(actor=actor, now=now)
