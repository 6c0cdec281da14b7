"""Rows of the catalogue as customers read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.core.files.storage import default_storage

Row = Mapping[str, Any]


def category_tree(*, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Build the tree of rows {id, parent_id, slug, name, products}; each counts what stands below it too."""
    nodes: dict[int, dict[str, Any]] = {}
    parents: dict[int, int | None] = {}
    for row in rows:
        parents[row["id"]] = row["parent_id"]
        nodes[row["id"]] = {
            "slug": row["slug"],
            "name": row["name"],
            "children": [],
            "product_count": row["products"],
        }
    roots: list[dict[str, Any]] = []
    for pk, node in nodes.items():
        parent = parents[pk]
        (roots if parent is None else nodes[parent]["children"]).append(node)
    for root in roots:
        _count(root)
    return roots


def _count(node: dict[str, Any]) -> int:
    total = int(node["product_count"]) + sum(_count(child) for child in node["children"])
    node["product_count"] = total
    return total


def card(*, row: Row) -> dict[str, Any]:
    """Return a product as it stands on a list."""
    return {
        "id": row["public_id"],
        "slug": row["slug"],
        "name": row["name"],
        "kind": row["kind"],
        "category": {"slug": row["category_slug"], "name": row["category_name"]},
        "image": _image(row, name=row["name"]) if row["file"] else None,
        "price_from": row["price_from"],
        "currency": row["currency"],
        "in_stock": row["in_stock"],
    }


def page_of_product(*, row: Row, related: Sequence[Row]) -> dict[str, Any]:
    """Return a product with everything there is to know about it."""
    variants = orjson.loads(row["variants"])
    images = [_image(image, name=row["name"]) for image in orjson.loads(row["images"])]
    return {
        **card(row={**row, "file": None}),
        "image": images[0] if images else None,
        "description": row["description"],
        "pickup_lead_minutes": row["pickup_lead_minutes"],
        "images": images,
        "options": _options(variants),
        "variants": variants,
        "related": [card(row=other) for other in related],
    }


def availability(*, sku: str, quantity: int, available: int | None) -> dict[str, Any]:
    """Say whether `quantity` units could be had; of time (`available` None) the agenda tells."""
    return {
        "sku": sku,
        "quantity": quantity,
        "available": available,
        "sufficient": available is None or available >= quantity,
    }


def _image(row: Row, *, name: str) -> dict[str, Any]:
    return {
        "url": default_storage.url(row["file"]),
        "alt": row["alt"] or name,
        "width": row["width"],
        "height": row["height"],
    }


def _options(variants: Iterable[Row]) -> list[dict[str, Any]]:
    values: dict[str, list[str]] = {}
    for variant in variants:
        for option in variant["options"]:
            known = values.setdefault(option["name"], [])
            if option["value"] not in known:
                known.append(option["value"])
    return [{"name": name, "values": found} for name, found in values.items()]
