"""Searching and sorting by what people are called: columns that PostgreSQL keeps, and the conditions that read them.

A key is a generated column, so it can neither be forgotten by a writer nor outlive a name that was erased. It
holds what `common.text.search_key` makes of a name, in SQL; a test compares the two letter by letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.migrations import RunPython
from django.db.models import F, Func, GeneratedField, Q, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.lookups import Contains
from django.utils.translation import gettext_lazy as _

from common.identity import DOTLESS
from common.text import search_key, search_terms

LETTERS = "".join(
    letter for letter in map(chr, range(0xAA, 0x180)) if len(search_key(letter)) == 1 and search_key(letter) != letter
)
"""The letters of Latin alphabets that are another letter without their marks or their case."""

# Most names are ASCII and cost no more than `lower`. Capitals with marks are in LETTERS, so that the result does not
# depend on the locale of the database.
_FOLDED = (
    "CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) "
    f"ELSE lower(replace(translate(normalize(%(expressions)s, NFC), '{LETTERS}', "
    f"'{''.join(map(search_key, LETTERS))}'), 'ß', 'ss')) END"
)


_WORDS = f"(' ' || {_FOLDED})"

_LOCAL = "split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1)"
_DOMAIN = "split_part(lower(%(expressions)s), '@', 2)"
MAILBOX = (
    f"CASE WHEN {_DOMAIN} IN ('{DOTLESS[0]}', '{DOTLESS[1]}') THEN replace({_LOCAL}, '.', '') || '@{DOTLESS[0]}' "
    f"WHEN {_DOMAIN} = '' THEN '' ELSE {_LOCAL} || '@' || {_DOMAIN} END"
)


MOST_NEIGHBOURS = 1_000
"""So many are named in a condition; of more the rows are frequent, and found whichever way they are looked for."""


class ComputedText(GeneratedField):
    """A column that PostgreSQL computes. What it means is no part of a migration: the table stays as it is."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return it for migrations as Django's own field, without its help text."""
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("help_text", None)
        return name, "django.db.models.GeneratedField", args, kwargs


def folded(column: str) -> Func:
    """Return the SQL for a text column without accents and case."""
    return Func(F(column), template=_FOLDED, output_field=TextField())


def lowered(column: str) -> Func:
    """Return the SQL for a column that holds no accents, an e-mail or a document, without case."""
    return Func(F(column), function="lower", output_field=TextField())


def words_of(column: str) -> Func:
    """Return the SQL for the words of a text column without accents and case, each with a space before it."""
    return Func(F(column), template=_WORDS, output_field=TextField())


def folded_sql(column: str) -> str:
    """Return what `folded` reads of a column, for a statement that sorts by it."""
    return _FOLDED % {"expressions": column}


def words_sql(column: str) -> str:
    """Return what `words_of` reads of a column, for an index of it."""
    return _WORDS % {"expressions": column}


def digits_of_phone(column: str) -> Func:
    """Return the SQL for a stored phone number without its plus."""
    return Func(F(column), template="replace(%(expressions)s, '+', '')", output_field=TextField())


def sort_key_of(column: str, *, label: Any) -> ComputedText:
    """Return the column by which a name is sorted: Água beside Agua, Álvaro before Bruno, in every locale."""
    return _kept(folded(column), label=label, help_text=_("Computed from the name: by what it is sorted."))


def search_key_of(*parts: Combinable, label: Any) -> ComputedText:
    """Return the column in which `matching` looks; each word of it has a space before it."""
    return _kept(
        Func(*parts, template="(' ' || %(expressions)s)", arg_joiner=" || ' ' || ", output_field=TextField()),
        label=label,
        help_text=_("Computed: the words by which it is found, without accents and case."),
    )


def mailbox_key_of(column: str, *, label: Any) -> ComputedText:
    """Return the column of what `common.identity.mailbox_of` makes of an e-mail column."""
    mailbox: Func = Func(F(column), template=MAILBOX, output_field=TextField())
    return _kept(
        mailbox, label=label, help_text=_("Computed from the e-mail: whose mailbox it is, however it is written.")
    )


def trigram_index(*, name: str, on: str) -> RunPython:
    """Return the step of a migration that builds an index of parts of words beside the shop, outside a transaction.

    `on`: table and columns, as they stand in CREATE INDEX. The extension `pg_trgm` is wanted, not needed.
    """

    def drop(apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

    def build(apps: Any, schema_editor: Any) -> None:
        drop(apps, schema_editor)  # what a run that was broken off has left
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
            if cursor.fetchone() == (True,):
                cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")

    return RunPython(build, drop)


@dataclass(frozen=True)
class Neighbours:
    """What a foreign key leads to, and is searched by columns of its own.

    They are found first. Beside an OR a join leaves PostgreSQL no index to begin with; their keys are a condition on
    one table, each side of the OR has its index, and how much each finds is known.
    """

    key: str
    rows: QuerySet[Any]

    def having(self, condition: Q) -> Q:
        """Return the condition that the key leads to one of those that meet a condition."""
        found = self.rows.filter(condition).order_by().values_list("pk", flat=True)
        first = list(found[: MOST_NEIGHBOURS + 1])
        return Q(**{f"{self.key}__in": first if len(first) <= MOST_NEIGHBOURS else found})


def matching(
    *,
    text: str,
    column: str = "",
    also: Sequence[str] = (),
    words: Sequence[str] = (),
    neighbours: Neighbours | None = None,
) -> Q:
    """Return the condition that a search key holds every term of what somebody typed; no term asks for nothing.

    `also`: columns without accents in which a term may stand instead, whatever its case; `words`: columns of names and
    sentences as people wrote them. Either stands alone where there is no key.
    `neighbours`: where those columns lie whose path begins with their key.
    """
    condition = Q()
    for alternatives in search_terms(text):
        own, theirs = Q(), Q()
        for wanted in alternatives:
            asked = {f"{column}__contains": wanted} if column else {}
            asked |= {f"{other}__icontains": wanted.strip() for other in also}
            for path, value in asked.items():
                if neighbours and path.startswith(f"{neighbours.key}__"):
                    theirs |= Q(**{path.removeprefix(f"{neighbours.key}__"): value})
                else:
                    own |= Q(**{path: value})
            for written in words:
                own |= Q(Contains(words_of(written), wanted))
        condition &= own | neighbours.having(theirs) if neighbours and theirs else own
    return condition


def naming(*, text: str, name: str) -> Q:
    """Return the condition that a name holds every term of what somebody typed, as a search key of it alone would."""
    return matching(text=text, words=[name])


def _kept(expression: Func, *, label: Any, help_text: Any) -> ComputedText:
    return ComputedText(
        expression=expression,
        output_field=TextField(db_collation="C"),
        db_persist=True,
        editable=False,
        verbose_name=label,
        help_text=help_text,
    )
