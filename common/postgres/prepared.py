"""Statements that a connection has prepared, asked by their names and without a cursor.

A cursor of Django's around one of psycopg's costs several times what PostgreSQL's answer does. It is used for the first
few times of a statement, while psycopg counts them before it prepares it, and always where nothing is prepared.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg import Connection, generators
from psycopg._enums import Wait
from psycopg._preparing import Prepare
from psycopg.abc import PQGen, Transformer
from psycopg.adapt import PyFormat
from psycopg.adapt import Transformer as _Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

REMEMBERED = 200
"""Statements of a connection whose parameters' types are remembered; PostgreSQL keeps fewer of them prepared."""

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|(%))")


class Numbered(NamedTuple):
    """A statement as PostgreSQL wants it, with $1 and so on; the names of its parameters in that order, and formats."""

    text: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]


class Query(NamedTuple):
    """By what psycopg knows a statement that it prepared."""

    query: bytes
    types: tuple[int, ...]


class Answer:
    """What the server answered to a statement; like a cursor, of which it has these two."""

    __slots__ = ("_result", "_transformer")

    def __init__(self, result: PGresult, transformer: Transformer) -> None:
        self._result = result
        self._transformer = transformer

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        self._transformer.set_pgresult(self._result)
        rows = self._transformer.load_rows(0, self._result.ntuples, tuple)
        self._transformer.set_pgresult(None)  # it is remembered for the statement's next time, and shall not keep them
        return rows

    @property
    def rowcount(self) -> int:
        """How many rows were found or changed."""
        return self._result.command_tuples or 0


@lru_cache(maxsize=REMEMBERED)
def numbered(statement: str) -> Numbered:
    """Return a statement with named parameters as PostgreSQL wants it. Raises ValueError for a lone percent sign."""
    numbers: dict[str, int] = {}

    def written(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${numbers.setdefault(name, len(numbers) + 1)}"

    text = _PLACEHOLDER.sub(written, statement)
    if "%" in _PLACEHOLDER.sub("", statement):
        raise ValueError("a percent sign in a statement is written twice")
    return Numbered(text.encode(), tuple(numbers), [PyFormat.AUTO] * len(numbers))


def answers(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Wait for all that the server answers to what was sent. Raises OperationalError for one that goes without a word.

    psycopg's own generator lets go of the interpreter's lock twice as often; with other threads at work each time costs
    a change of threads.
    """
    yield from generators.send(pgconn)
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            yield Wait.R
            try:
                pgconn.consume_input()
            except OperationalError:
                if results:  # it has said why
                    return results
                raise
        result = pgconn.get_result()
        if result is None:
            return results
        results.append(result)


class Asking(Connection[Any]):
    """A connection that can be asked what it has prepared."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._transformers: dict[str, Transformer] = {}

    def ask_prepared(self, statement: str, parameters: Mapping[str, Any]) -> Answer | None:
        """Return the answer to a statement, or None where it is not prepared: then a cursor is needed.

        Raises what the server refuses, KeyError for a parameter that is missing.
        """
        if self.prepare_threshold is None:
            return None
        with self.lock:
            text, names, formats = numbered(statement)
            transformer = self._transformers.get(statement) or self._new_transformer(statement)
            values = transformer.dump_sequence([parameters[name] for name in names], formats)
            query = Query(text, transformer.types or ())
            state, name = self._prepared.get(query)  # type: ignore[arg-type]
            if state is not Prepare.YES:
                return None
            self._prepared.maybe_add_to_cache(query, state, name)  # type: ignore[arg-type]
            return Answer(self.wait(self._ask_gen(name, values, transformer)), transformer)

    def _ask_gen(self, name: bytes, values: Any, transformer: Transformer) -> PQGen[PGresult]:
        yield from self._start_query()
        self.pgconn.send_query_prepared(name, values, param_formats=transformer.formats)
        result = (yield from answers(self.pgconn))[-1]
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result, encoding=self.info.encoding)
        return result

    def _new_transformer(self, statement: str) -> Transformer:
        """Return what writes the values of a statement and reads its rows; it remembers how, for the next time."""
        if len(self._transformers) >= REMEMBERED:
            self._transformers.clear()
        made = self._transformers[statement] = _Transformer(self)
        return made
