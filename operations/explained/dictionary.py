"""The data dictionary: a page for each app, with its diagram, and of each table what every column means.

It is written from the models, so it needs no database; a test compares it with one.
"""

import inspect
from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection, models
from django.db.models.constraints import BaseConstraint
from django.db.models.fields import NOT_PROVIDED

from common.transactions import constraints_that_speak
from operations.explained.diagram import diagram, overview, related
from operations.explained.tables import table, with_block, with_tables

OURS = (
    "common", "audit", "desk", "accounts", "shop", "customers", "catalog", "inventory", "scheduling", "till", "cart",
    "orders", "payments", "counter", "spreadsheets", "chats", "commissions", "reports",
)  # fmt: skip
"""Apps with tables, from the cellar up; a test holds that none is missing."""

LINK = "Which of the one belongs to which of the other."


def app_page(label: str) -> str:
    """Return the page of one app."""
    tables = _of(label)
    lines = [
        f"# {label}: {len(tables)} tables",
        "",
        "Written from the models by `make docs`. What the columns of the tables mean: [the dictionary](README.md).",
        "",
        *diagram(tables),
    ]
    for model in tables:
        lines += ["", *_table(model)]
    return "\n".join(lines) + "\n"


def read_me(text: str) -> str:
    """Return the page that leads to the others, with its list of apps and its diagram as they are now."""
    rows = [(f"[{label}]({label}.md)", ", ".join(f"`{one._meta.db_table}`" for one in _of(label))) for label in OURS]
    return with_block(with_tables(text, {("app", "tables"): rows}), overview(OURS))


def _of(label: str) -> list[type[models.Model]]:
    return tables_of(apps.get_app_config(label))


def tables_of(app: AppConfig) -> list[type[models.Model]]:
    """Return the models of an app that have a table, those that only link two others included."""
    return [model for model in app.get_models(include_auto_created=True) if model._meta.managed]


def columns_of(model: type[models.Model]) -> list[models.Field]:  # type: ignore[type-arg]
    """Return the fields of a model that are columns of its table."""
    return list(model._meta.local_concrete_fields)


def constraints_of(model: type[models.Model]) -> list[BaseConstraint]:
    """Return the constraints of a model that have a name of ours."""
    return list(model._meta.constraints)


def explained(model: type[models.Model], field: models.Field) -> str:  # type: ignore[type-arg]
    """Return what a column means."""
    if model._meta.auto_created:
        return LINK if field.is_relation else "Number of the row."
    if field.primary_key and not field.help_text:
        return "Number of the row; nobody outside sees it."
    return str(field.help_text)


def _table(model: type[models.Model]) -> Iterator[str]:
    yield f"## `{model._meta.db_table}`"
    yield ""
    yield _said(model)
    yield ""
    yield from table(("column", "type", "null", "default", "what"), [_column(model, one) for one in columns_of(model)])
    if constraints_of(model):
        yield ""
        heads = ("constraint", "promises", "who breaks it hears")
        yield from table(heads, [_constraint(model, one) for one in constraints_of(model)])
    if model._meta.indexes:
        yield ""
        yield from table(("index", "over", "where"), [_index(model, one) for one in model._meta.indexes])


def _said(model: type[models.Model]) -> str:
    if model._meta.auto_created:
        return f"Links {' and '.join(field.name for field in columns_of(model) if field.is_relation)}."
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _column(model: type[models.Model], field: models.Field) -> tuple[str, ...]:  # type: ignore[type-arg]
    kind = field.db_type(connection) or ""
    if field.is_relation:
        kind += f" -> `{related(field)._meta.db_table}`"
    if isinstance(field, models.GeneratedField):
        kind += ", computed"
    elif field.unique and not field.primary_key:
        kind += ", unique"
    choices = [str(value) for value, _label in field.flatchoices]
    what = explained(model, field) + (f" One of: {', '.join(filter(None, choices))}." if 0 < len(choices) <= 20 else "")
    return f"`{field.column}`", kind, "yes" if field.null else "", _default(field), what


def _default(field: models.Field) -> str:  # type: ignore[type-arg]
    default = field.default if field.db_default is NOT_PROVIDED else field.db_default
    if default is NOT_PROVIDED or field.is_relation:
        return ""
    if callable(default):
        return getattr(default, "__name__", "computed")
    value = getattr(default, "value", default)
    return f"`{value!s}`" if value not in ("", None) else "empty"


def _constraint(model: type[models.Model], constraint: BaseConstraint) -> tuple[str, str, str]:
    verdict = constraints_that_speak().get(constraint.name)
    heard = f"`{verdict.refusal().code}`" if verdict else "nobody: the rules judge before"
    return f"`{constraint.name}`", _promise(model, constraint), heard


def _promise(model: type[models.Model], constraint: BaseConstraint) -> str:
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        if isinstance(constraint, models.CheckConstraint):
            condition: str = constraint._get_check_sql(model, editor)  # type: ignore[attr-defined]  # the stubs lack it
            return f"`{condition}`".replace(f'"{model._meta.db_table}".', "").replace('"', "")
        if isinstance(constraint, ExclusionConstraint):
            over = " and ".join(f"{_words(expression)} {operator}" for expression, operator in constraint.expressions)
            return f"no two rows with {over}{_where(constraint.condition)}"
        if isinstance(constraint, models.UniqueConstraint):
            over = ", ".join(constraint.fields or map(_words, constraint.expressions))
            return f"no two rows with the same {over}{_where(constraint.condition)}"
    raise TypeError(f"nobody has said what {constraint.name} promises")


def _index(model: type[models.Model], index: models.Index) -> tuple[str, str, str]:
    over = ", ".join(index.fields or map(_words, index.expressions))
    method = index.suffix.removesuffix("idx").removesuffix("_") or "btree"
    return (
        f"`{index.name}`",
        over + ("" if type(index) is models.Index else f" ({method})"),
        _words(index.condition or ""),
    )


def _where(condition: models.Q | None) -> str:
    return f", where {_words(condition)}" if condition else ""


def _words(expression: Any) -> str:
    """Return a condition or an expression as one reads it."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, models.F):
        return str(expression.name)  # type: ignore[attr-defined]  # the stubs lack it
    if isinstance(expression, models.Value):
        return str(expression.value)
    if not isinstance(expression, models.Q):
        return str(expression)
    children: list[Any] = list(expression.children)
    parts = [_words(child) if isinstance(child, models.Q) else _comparison(*child) for child in children]
    text = f" {expression.connector} ".join(parts)
    text = f"({text})" if len(parts) > 1 and expression.negated else text
    return f"NOT {text}" if expression.negated else text


LOOKUPS = {"gte": ">=", "lte": "<=", "gt": ">", "lt": "<", "in": "in"}


def _comparison(name: str, value: object) -> str:
    column, _under, lookup = name.rpartition("__")
    if lookup == "isnull":
        return f"{column} is {'empty' if value else 'not empty'}"
    if lookup in LOOKUPS:
        return f"{column} {LOOKUPS[lookup]} {_value(value)}"
    return f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, sorted(value) if isinstance(value, set | frozenset) else value))
    return _words(value) if isinstance(value, models.F | models.Q) else ("''" if value == "" else str(value))
