"""The pictures of a product: added, described, put in order, removed.

The file is stored before the transaction and deleted after it, so that a failure leaves a file too many
and never a row without its file.
"""

import uuid
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors import TooManyPictures
from catalog.models import Product, ProductImage
from catalog.services import history, sheets
from catalog.services.history import Change
from catalog.services.pictures import Picture
from catalog.services.variants import locked_product
from common import counters
from common.actors import Actor
from common.errors import Busy, NotFound
from common.text import one_line
from common.use_cases import use_case

MOST = 12
FOLDER = "products"

log = structlog.get_logger(__name__)


def add_image(
    *,
    product_id: int,
    picture: Picture,
    alt: str = "",
    position: int | None = None,
    actor: Actor,
    now: datetime,
) -> ProductImage:
    """Store a picture that `prepare_picture` returned; without a position it comes last, 0 is the main picture.

    Raises Malformed, NotFound, TooManyPictures, and Busy where there is no room for it.
    """
    alt = one_line(alt)
    sheets.refuse_alt(alt=alt)
    sheets.refuse_position(position=position)
    name = _stored(picture)
    try:
        return _add(product_id=product_id, picture=picture, name=name, alt=alt, position=position, actor=actor, now=now)
    except BaseException:
        delete_file(name)
        raise


def _stored(picture: Picture) -> str:
    """Store a picture under a name that nobody guesses, whole or not at all, and return that. Raises Busy."""
    wanted = f"{FOLDER}/{uuid.uuid4().hex}.{picture.extension}"
    try:
        return str(default_storage.save(wanted, ContentFile(picture.content)))
    except OSError as problem:
        log.exception("picture_not_stored")
        delete_file(wanted)
        raise Busy(_("The picture could not be stored: the shop's disk may be full.")) from problem


@use_case()
def _add(
    *,
    product_id: int,
    picture: Picture,
    name: str,
    alt: str,
    position: int | None,
    actor: Actor,
    now: datetime,
) -> ProductImage:
    product = locked_product(product_id=product_id)
    count = product.images.count()
    if count >= MOST:
        told = _("A product has at most %(most)s pictures.") % {"most": MOST}
        raise TooManyPictures(told, most=MOST)
    image = ProductImage.objects.create(
        product=product,
        file=name,
        alt=alt,
        width=picture.width,
        height=picture.height,
        position=count if position is None else position,
    )
    _touch(product=product, now=now)
    history.write_down(changes=[Change(product.pk, "picture", "", alt or name)], actor=actor, now=now)
    return image


@use_case()
def change_image(*, image_id: UUID, alt: str, position: int, actor: Actor, now: datetime) -> ProductImage:
    """Describe a picture anew, and put it in its place. Raises Malformed, NotFound."""
    alt = one_line(alt)
    sheets.refuse_alt(alt=alt)
    sheets.refuse_position(position=position)
    image = _owned(image_id=image_id)
    changes = [
        Change(image.product_id, "picture description", image.alt, alt),
        Change(image.product_id, "picture position", image.position, position),
    ]
    image.alt, image.position = alt, position
    ProductImage.objects.filter(pk=image.pk).update(alt=alt, position=position)
    _touch(product=image.product, now=now)
    history.write_down(changes=changes, actor=actor, now=now)
    return image


@use_case()
def remove_image(*, image_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a picture down, and delete its file once that is certain. Raises NotFound."""
    image = _owned(image_id=image_id)
    name = str(image.file.name)
    ProductImage.objects.filter(pk=image.pk).delete()
    _touch(product=image.product, now=now)
    changes = [Change(image.product_id, "picture", image.alt or name, "")]
    history.write_down(changes=changes, actor=actor, now=now)
    transaction.on_commit(partial(delete_file, name))


def put_main_image(*, product_id: int, picture: Picture | None, alt: str = "", actor: Actor, now: datetime) -> None:
    """Let a picture take the place of the main one, or of none; None takes the main one down.

    Raises Malformed, NotFound, TooManyPictures.
    """
    main = ProductImage.objects.filter(product=product_id).order_by("position", "pk").first()
    if picture is not None:
        place = main.position if main else 0
        add_image(product_id=product_id, picture=picture, alt=alt, position=place, actor=actor, now=now)
    if main is not None:
        remove_image(image_id=main.public_id, actor=actor, now=now)


def _owned(*, image_id: UUID) -> ProductImage:
    """Return a picture whose product is locked. Raises NotFound."""
    product_id = ProductImage.objects.filter(public_id=image_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise NotFound()
    product = locked_product(product_id=product_id)
    image = product.images.filter(public_id=image_id).first()
    if image is None:
        raise NotFound()
    return image


def _touch(*, product: Product, now: datetime) -> None:
    Product.objects.filter(pk=product.pk).update(updated_at=now)


def delete_file(name: str) -> None:
    """Delete a picture that nothing names any more; one that cannot be deleted is counted and logged."""
    try:
        default_storage.delete(name)
    except OSError:
        counters.increment("picture_file_left")
        log.warning("picture_file_left", name=name)
