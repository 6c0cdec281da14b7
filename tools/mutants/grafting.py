"""Put changed source into a module that everybody has imported already.

Functions and classes stay the objects that others hold and get the new code, so that it does not matter who imported
what from where. What cannot be changed in place (a table, a constant) is handed to those who imported it by name.
"""

import ast
import functools
import inspect
import sys
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

_ITS_OWN = frozenset({"__dict__", "__weakref__", "__module__", "__doc__", "__abstractmethods__", "_abc_impl"})


def graft(*, module: ModuleType, before: Mapping[str, Any]) -> None:
    """Let what the module's source has just made anew live on in the objects that were there `before`."""
    seen: set[int] = set()
    for name, old in before.items():
        new = vars(module).get(name)
        if name.startswith("__") or new is old:
            continue
        if _became(old, new, home=module.__name__, seen=seen):
            vars(module)[name] = old
        else:
            _hand_out(name=name, old=old, new=new, home=module)


def _became(old: Any, new: Any, *, home: str, seen: set[int]) -> bool:
    """Turn the old object into the new one, if it is of the module and can be changed; say whether it was."""
    if old is new or id(old) in seen:
        return True
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        return _became_function(old, new, home=home, seen=seen)
    if isinstance(old, type) and isinstance(new, type) and old.__module__ == new.__module__ == home:
        seen.add(id(old))
        for name, value in list(vars(new).items()):
            if name not in _ITS_OWN and not _became(vars(old).get(name), value, home=home, seen=seen):
                setattr(old, name, value)
        return True
    if isinstance(old, property) and isinstance(new, property):
        return _became(old.fget, new.fget, home=home, seen=seen)
    if isinstance(old, (classmethod, staticmethod)) and type(old) is type(new):
        return _became(old.__func__, new.__func__, home=home, seen=seen)
    if isinstance(old, functools.cached_property) and isinstance(new, functools.cached_property):
        return _became(old.func, new.func, home=home, seen=seen)
    return inspect.ismemberdescriptor(old) and inspect.ismemberdescriptor(new)


def _became_function(old: FunctionType, new: FunctionType, *, home: str, seen: set[int]) -> bool:
    if not (old.__module__ == new.__module__ == home and old.__code__.co_freevars == new.__code__.co_freevars):
        return False
    seen.add(id(old))
    for mine, theirs in zip(old.__closure__ or (), new.__closure__ or (), strict=True):
        if not _became(mine.cell_contents, theirs.cell_contents, home=home, seen=seen):
            mine.cell_contents = theirs.cell_contents
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    return True


def _hand_out(*, name: str, old: Any, new: Any, home: ModuleType) -> None:
    """Give the new value to every module that imported the old one by its name."""
    for other in list(sys.modules.values()):
        if other is not home and getattr(other, "__dict__", {}).get(name) is old and _imports(other, name, home=home):
            setattr(other, name, new)


def _imports(other: ModuleType, name: str, *, home: ModuleType) -> bool:
    if not (getattr(other, "__file__", None) or "").endswith(".py"):
        return False
    with open(str(other.__file__)) as file:
        tree = ast.parse(file.read())
    return any(
        isinstance(node, ast.ImportFrom)
        and f"{home.__name__}.".startswith(f"{node.module}.")
        and any(alias.name == name and alias.asname is None for alias in node.names)
        for node in ast.walk(tree)
    )
