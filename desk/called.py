"""What rows and columns of the database are called where the desk tells of them, those of others' apps included."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

TABLES: dict[str, Any] = {
    "auth_group": _("role"),
    "auth_group_permissions": _("permission of a role"),
    "django_otp_webauthn_webauthncredential": _("passkey"),
    "otp_totp_totpdevice": _("authenticator app"),
}
"""Tables that others have made, or Django for us, which have no names for people; those above are added by `learn`."""
NAMED_APPS = {"auth"}
"""Whose rows are called by their names where something is told of them; those of people by their numbers."""
NAMES: dict[str, str] = {}
"""Rows that are called by another column than their name."""

COLUMNS = {
    "app_label": _("app"),
    "codename": _("code"),
    "combination": _("combination"),
    "confirmed": _("confirmed"),
    "credential_id": _("number of the device"),
    "group": _("role"),
    "key": _("secret"),
    "model": _("table"),
    "permission": _("permission"),
    "public_key": _("public key"),
    "room": _("room"),
    "service": _("service"),
    "tolerance": _("codes before and after that count"),
    "user": _("login"),
}
"""Columns of those tables, and of two more."""
OTHERS = ("auth_permission", "django_content_type")


def learn(*, tables: Mapping[str, Any], named_apps: Iterable[str], names: Mapping[str, str]) -> None:
    """Take what tables and rows of the apps above are called."""
    TABLES.update(tables)
    NAMED_APPS.update(named_apps)
    NAMES.update(names)


@cache
def tables() -> dict[str, type[models.Model]]:
    """Return the models by their tables."""
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def called_table(name: str) -> str:
    """Return what a row of a table is called; the table's own name where nobody knows it any more."""
    model = tables().get(name)
    return capfirst(str(TABLES.get(name) or (model._meta.verbose_name if model else name)))


def called_column(table: str, name: str) -> str:
    """Return what a column is called; its own name where nobody knows it any more."""
    column = column_of(table, name)
    if column is None:
        return name
    foreign = COLUMNS.get(column.name) if table in TABLES or table in OTHERS else None
    return capfirst(str(foreign or column.verbose_name))


def column_of(table: str, name: str) -> Any:
    """Return the field of a column, if there still is one."""
    model = tables().get(table)
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return next((one for one in model._meta.concrete_fields if one.column == name), None)


def read_names(rows: Iterable[tuple[str, Any]]) -> Iterator[tuple[tuple[str, Any], str]]:
    """Read what rows, each a table and a number, are called, with one statement for each table that has names."""
    wanted: dict[str, set[Any]] = {}
    for table, pk in rows:
        wanted.setdefault(table, set()).add(pk)
    for table, keys in wanted.items():
        if column := _name_of(table):
            found: Any = tables()[table]._base_manager.filter(pk__in=keys).values_list("pk", column)
            yield from (((table, pk), str(text)) for pk, text in found if text)


@cache
def _name_of(table: str) -> str:
    if table in NAMES:
        return NAMES[table]
    model = tables().get(table)
    if model is None or model._meta.app_label not in NAMED_APPS:
        return ""
    return next((one for one in ("name", "sku") if column_of(table, one) is not None), "")
