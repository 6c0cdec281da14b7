"""Dressing the window: its look and the order of its shelves, saved at once or not at all.

Pictures are stored before the transaction and the replaced ones deleted after it, so that a failure leaves a file too
many and never a look without its file.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog import services as catalog
from catalog.services import Picture
from common.actors import Actor
from common.use_cases import use_case
from shop import looks
from shop import services as shop
from shop.look import StoredPicture
from shop.looks import LookSheet
from shop.services import ShopSheet
from storefront import selectors

FOLDER = "window"


@dataclass(frozen=True)
class WindowSheet:
    """What is chosen differently about the window.

    `values`: choices by the names of the look, but pictures; `pictures`: a painted one by its name, None to take the
    one there is down; `categories`: slugs of the first rank in order; `name`: the shop's own. None: as it is.
    """

    seen: int
    values: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Picture | None] = field(default_factory=dict)
    categories: Sequence[str] | None = None
    name: str | None = None


def dress_window(*, sheet: WindowSheet, actor: Actor, now: datetime) -> None:
    """Save how the window looks.

    Raises Malformed, UnreadableColour, LookChanged, PolicyOutOfRange.
    """
    stored = {key: _stored(picture) for key, picture in sheet.pictures.items()}
    try:
        _dress(sheet=sheet, stored=stored, actor=actor, now=now)
    except BaseException:
        for picture in stored.values():
            if picture is not None:
                catalog.delete_file(picture.file)
        raise


@use_case()
def _dress(*, sheet: WindowSheet, stored: Mapping[str, StoredPicture | None], actor: Actor, now: datetime) -> None:
    names = {row["id"]: row["name"] for row in selectors.on_show()} if "featured" in sheet.values else {}
    look = LookSheet(seen=sheet.seen, values={**sheet.values, **stored}, names=names)
    for file in looks.write_look(sheet=look, actor=actor, now=now):
        transaction.on_commit(partial(catalog.delete_file, file))
    if sheet.name is not None:
        shop.write(sheet=ShopSheet(values={"name": sheet.name}), actor=actor, now=now)
    if sheet.categories is not None:
        before, after = catalog.put_in_order(slugs=sheet.categories)
        if before != after:
            looks.note(key="categories", old=", ".join(before), new=", ".join(after), actor=actor, now=now)


def _stored(picture: Picture | None) -> StoredPicture | None:
    if picture is None:
        return None
    wanted = f"{FOLDER}/{uuid.uuid4().hex}.{picture.extension}"
    name = default_storage.save(wanted, ContentFile(picture.content))
    return StoredPicture(file=name, width=picture.width, height=picture.height)
