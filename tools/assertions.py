"""Which tests claim nothing: neither they nor any helper of the tests that they call asserts or expects a refusal.

    python -m tools.assertions

A test without a claim is green whatever the code does.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from devstack.state import ROOT

CLAIMS = frozenset({"raises", "warns", "fail", "run_state_machine_as_test"})
"""What claims something where it is called; a state machine does in each of its invariants."""


def silent_tests(*, root: Path) -> list[str]:
    """Return the tests that claim nothing, as `path:line name`."""
    functions: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    tests: list[tuple[Path, ast.FunctionDef]] = []
    for path in sorted((*root.glob("*/tests/**/*.py"), *root.glob("common/testing.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                functions[node.name].append(node)
                if node.name.startswith("test_") and path.name.startswith("test_"):
                    tests.append((path, node))
    claiming = set(CLAIMS)
    while more := {
        name
        for name, nodes in functions.items()
        if name not in claiming and not name.startswith("test_") and any(_claims(node, claiming) for node in nodes)
    }:
        claiming |= more
    return [
        f"{path.relative_to(root)}:{node.lineno} {node.name}" for path, node in tests if not _claims(node, claiming)
    ]


def _claims(function: ast.FunctionDef, claiming: set[str]) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or not claiming.isdisjoint(_names(function))


def _names(function: ast.FunctionDef) -> Iterator[str]:
    """Yield what a function calls or hands on, and the fixtures it asks for."""
    yield from (argument.arg for argument in function.args.args)
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


if __name__ == "__main__":
    found = silent_tests(root=ROOT)
    print("\n".join(found) or "Every test claims something.")
    sys.exit(bool(found))
