"""Entities and how they refer to each other, as text that Mermaid draws."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models

SHORT = {"timestamp with time zone": "timestamptz", "double precision": "float", "time without time zone": "time"}


def diagram(tables: Sequence[type[models.Model]]) -> Iterator[str]:
    """Give the diagram of some tables: their keys, and which rows lead to which."""
    yield "```mermaid"
    yield "erDiagram"
    for model in tables:
        yield f"    {model._meta.db_table} {{"
        for field in model._meta.local_concrete_fields:
            if field.primary_key or field.is_relation or field.unique:
                yield f"        {_kind(field)} {field.column} {_key(field)}"
        yield "    }"
    for model in tables:
        for field in model._meta.local_concrete_fields:
            if field.is_relation:
                one = "|o" if field.null else "||"
                many = "o|" if field.unique else "o{"
                yield f"    {related(field)._meta.db_table} {one}--{many} {model._meta.db_table} : {field.name}"
    yield "```"


def overview(labels: Sequence[str]) -> Iterator[str]:
    """Give the diagram of apps: whose rows lead to rows of which other, and by how many columns."""
    leads: Counter[tuple[str, str]] = Counter()
    for label in labels:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            for field in model._meta.local_concrete_fields:
                if field.is_relation and related(field)._meta.app_label != label:
                    leads[label, related(field)._meta.app_label] += 1
    yield "```mermaid"
    yield "flowchart BT"
    for (source, target), count in sorted(leads.items()):
        yield f"    {source} -->|{count}| {target}"
    yield "```"


def related(field: models.Field) -> type[models.Model]:  # type: ignore[type-arg]
    """Return the model that a foreign key leads to."""
    found: Any = field.related_model
    model: type[models.Model] = found
    return model


def _kind(field: models.Field) -> str:  # type: ignore[type-arg]
    kind = re.sub(r"\(.*\)", "", field.db_type(connection) or "").split(" COLLATE")[0]
    return SHORT.get(kind, kind).replace(" ", "_")


def _key(field: models.Field) -> str:  # type: ignore[type-arg]
    keys = [("PK", field.primary_key), ("FK", field.is_relation), ("UK", field.unique and not field.primary_key)]
    return ", ".join(name for name, holds in keys if holds)
