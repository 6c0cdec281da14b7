"""The faults that can be put into a file, one at a time.

What is not mutated says nothing of a rule: annotations, docstrings, imports, decorators of classes, `__all__`.
"""

import ast
import hashlib
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators


@dataclass(frozen=True)
class Mutant:
    """One file with one fault in it.

    `lines` is what a test has to reach to notice it; None where the fault is there from the import on. The statement
    of `module` in which the fault is stands as it was and as it is with the fault.
    """

    path: str
    where: str
    line: int
    lines: range | None
    change: str
    module: cst.Module = field(repr=False)
    was: cst.CSTNode = field(repr=False)
    becomes: cst.CSTNode = field(repr=False)

    @property
    def source(self) -> str:
        """The whole file."""
        return cast("cst.Module", self.module.deep_replace(self.was, self.becomes)).code

    @property
    def key(self) -> str:
        """What it is called, whatever becomes of the lines above it."""
        return f"{self.path}::{self.where}: {self.change}"


@dataclass(frozen=True)
class _Place:
    """Where in a file a node stands: the functions around it, the statement it is in, and the lines to reach."""

    names: tuple[str, ...] = ()
    lines: range | None = None
    statement: cst.CSTNode | None = None


def mutants_of(*, path: str, root: Path) -> list[Mutant]:
    """Return every mutant of a file, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module((root / path).read_text()))
    spans = wrapper.resolve(PositionProvider)
    found: dict[str, Mutant] = {}
    for node, mutated, place in _faults(wrapper.module, _Place(), spans=spans):
        was = place.statement or node
        becomes = mutated if was is node else was.deep_replace(node, mutated)
        before, after = (wrapper.module.code_for_node(statement) for statement in (was, becomes))
        if not _compiles(after):
            continue
        mutant = Mutant(
            path=path,
            where=".".join(place.names) or "module",
            line=spans[node].start.line if node in spans else 0,
            lines=place.lines,
            change=_change(before.splitlines(), after.splitlines()),
            module=wrapper.module,
            was=was,
            becomes=becomes,
        )
        while mutant.key in found:  # the same words twice in one function
            mutant = replace(mutant, change=f"{mutant.change} (again)")
        found[mutant.key] = mutant
    return list(found.values())


def drawn(*, mutants: Iterable[Mutant], seed: int, most: int | None) -> list[Mutant]:
    """Return `most` of the mutants, drawn by the seed; a fault that is drawn stays so while other lines change."""
    ranked = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.key}".encode()).digest())
    return sorted(ranked[:most], key=lambda mutant: (mutant.path, mutant.line, mutant.change))


def _faults(
    node: cst.CSTNode, place: _Place, *, spans: Mapping[cst.CSTNode, CodeRange]
) -> Iterator[tuple[cst.CSTNode, cst.CSTNode, _Place]]:
    if _says_no_rule(node):
        return
    place = _at(node, place, spans=spans)
    if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)) and not _is_elif(node, place.statement):
        place = replace(place, statement=node)
    if isinstance(node, cst.FunctionDef):
        place = replace(place, names=(*place.names, node.name.value), lines=_lines(spans[node.body]))
    for kind, operator in (*mutation_operators, *OURS):
        if isinstance(node, kind):
            for mutated in operator(node):
                yield node, mutated, replace(place, lines=None) if isinstance(node, cst.FunctionDef) else place
    if isinstance(node, cst.FunctionDef):
        for decorator in node.decorators:  # what it refuses does not reach the function
            yield from _faults(decorator, replace(place, lines=None), spans=spans)
        for part in (node.params, node.body):
            yield from _faults(part, place, spans=spans)
        return
    if isinstance(node, cst.ClassDef):
        yield from _faults(node.body, replace(place, names=(*place.names, node.name.value)), spans=spans)
        return
    for child in node.children:
        yield from _faults(child, place, spans=spans)


def _at(node: cst.CSTNode, place: _Place, *, spans: Mapping[cst.CSTNode, CodeRange]) -> _Place:
    """Return the place of a node: inside a function, a test has to reach its statement or the head of its block."""
    if place.lines is None:
        return place
    if isinstance(node, cst.SimpleStatementLine) and node in spans:
        return replace(place, lines=_lines(spans[node]))
    if isinstance(node, (cst.If, cst.While)):
        return replace(place, lines=range(spans[node].start.line, spans[node.test].end.line + 1))
    if isinstance(node, (cst.For, cst.With, cst.Try)) and node in spans:
        return replace(place, lines=range(spans[node].start.line, spans[node.body].start.line + 1))
    return place


def _is_elif(node: cst.CSTNode, statement: cst.CSTNode | None) -> bool:
    return isinstance(statement, cst.If) and statement.orelse is node


def _lines(span: CodeRange) -> range:
    return range(span.start.line, span.end.line + 1)


def _says_no_rule(node: cst.CSTNode) -> bool:
    if isinstance(node, (cst.Annotation, cst.Import, cst.ImportFrom)):
        return True
    if isinstance(node, cst.Assign):
        names = [target.target.value for target in node.targets if isinstance(target.target, cst.Name)]
        return names == ["__all__"]
    return isinstance(node, cst.Expr) and isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString))


def _compiles(statement: str) -> bool:
    try:
        ast.parse(textwrap.dedent(statement))
    except SyntaxError:
        return False
    return True


def _change(before: Sequence[str], after: Sequence[str]) -> str:
    """Return what is different, in one line: `old -> new`, without the lines that both begin and end with."""
    begin = _alike(before, after)
    tail = min(_alike(before[::-1], after[::-1]), len(before) - begin, len(after) - begin)
    old, new = (
        " ".join(line.strip() for line in lines[begin : len(lines) - tail]).strip() for lines in (before, after)
    )
    return f"{old} -> {new or 'nothing'}"


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines are the same from the first on."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def negate(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    """Turn a condition round."""
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(operator=cst.Not(), expression=test))


def leave_out(node: cst.Expr | cst.Raise) -> Iterator[cst.CSTNode]:
    """Leave out a refusal, or a call that is made for its effect."""
    yield cst.Pass()


def undecorate(node: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Leave out one decorator."""
    for index, decorator in enumerate(node.decorators):
        if isinstance(decorator.decorator, cst.Name) and decorator.decorator.value in BINDING:
            continue
        yield node.with_changes(decorators=[*node.decorators[:index], *node.decorators[index + 1 :]])


BINDING = frozenset({"property", "staticmethod", "classmethod"})
"""Without these a function is called otherwise, which every test notices."""

OURS: Sequence[tuple[type[cst.CSTNode], Callable[..., Iterator[cst.CSTNode]]]] = (
    (cst.If, negate),
    (cst.While, negate),
    (cst.CompIf, negate),
    (cst.Expr, leave_out),
    (cst.Raise, leave_out),
    (cst.FunctionDef, undecorate),
)
