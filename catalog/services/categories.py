"""The shelves: a tree without loops.

Moving a shelf locks all of them. Two moves that are harmless alone can close a loop together, and only
whoever holds the whole tree can tell.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.errors import CategoryInUse, CategoryLoop, CategoryTooDeep, SlugTaken
from catalog.models import Category, Product
from catalog.services import names, sheets
from common.errors import NotFound
from common.text import one_line, search_key
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case

DEEPEST = 6


@dataclass(frozen=True)
class _Tree:
    parents: dict[int, int | None]

    def above(self, pk: int | None) -> list[int]:
        """Return the chain from a category up to the first rank, itself first."""
        chain: list[int] = []
        while pk is not None and pk not in chain:
            chain.append(pk)
            pk = self.parents.get(pk)
        return chain

    def height(self, pk: int) -> int:
        """How many ranks hang on a category, its own included."""
        below = [self.height(child) for child, parent in self.parents.items() if parent == pk]
        return 1 + max(below, default=0)


@use_case()
def create_category(
    *, name: str, slug: str = "", parent_id: int | None = None, position: int | None = None
) -> Category:
    """Put up a shelf; without a slug one is made from the name, without a position it stands last.

    Raises Malformed, SlugTaken, NotFound (no such parent), CategoryTooDeep.
    """
    sheets.refuse_slug(slug=slug)
    sheets.refuse_position(position=position)
    return _put_up(tree=_locked_tree(), name=name, slug=slug, parent_id=parent_id, position=position)


@within_unit_of_work
def category_called(*, name: str) -> Category:
    """Return the shelf of that name, the highest where there are several; one of the first rank is put up at need.

    Raises Malformed for what is no name.
    """
    tree = _locked_tree()
    found = Category.objects.filter(name__iexact=one_line(name))
    ranked = sorted(found, key=lambda category: (len(tree.above(category.pk)), category.pk))
    return ranked[0] if ranked else _put_up(tree=tree, name=name)


@use_case()
def change_category(*, category_id: int, name: str, slug: str, parent_id: int | None, position: int) -> Category:
    """Rename or move a shelf, with everything on it.

    Raises Malformed, NotFound, SlugTaken, CategoryLoop, CategoryTooDeep.
    """
    name = one_line(name)
    sheets.refuse_name(name=name, most=80)
    sheets.refuse_slug(slug=slug)
    sheets.refuse_position(position=position)
    tree = _locked_tree()
    if category_id not in tree.parents:
        raise NotFound()
    _check_place(tree=tree, pk=category_id, parent_id=parent_id)
    category = Category.objects.get(pk=category_id)
    category.name, category.parent_id, category.position = name, parent_id, position
    category.slug = _slug(wanted=slug, name=name, pk=category_id) if slug else category.slug
    category.save()
    return category


@within_unit_of_work
def put_in_order(*, slugs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Put shelves of the first rank in this order, and return their names as they stood and as they stand.

    Those that are not named come last; those that are gone meanwhile are passed over.
    """
    _locked_tree()
    shelves = list(Category.objects.filter(parent=None).order_by("position", "sort_key", "pk"))
    places = {slug: place for place, slug in enumerate(slugs)}
    wanted = sorted(shelves, key=lambda shelf: places.get(shelf.slug, len(places)))
    if wanted != shelves:
        for place, shelf in enumerate(wanted):
            shelf.position = place
        Category.objects.bulk_update(wanted, ["position"])
    return [shelf.name for shelf in shelves], [shelf.name for shelf in wanted]


@use_case()
def remove_category(*, category_id: int) -> None:
    """Take an empty shelf down. Raises NotFound, CategoryInUse."""
    tree = _locked_tree()
    if category_id not in tree.parents:
        raise NotFound()
    products = Product.objects.filter(category_id=category_id).count()
    children = sum(parent == category_id for parent in tree.parents.values())
    if products or children:
        raise CategoryInUse(products=products, categories=children)
    Category.objects.filter(pk=category_id).delete()


@within_unit_of_work
def put_up(*, paths: Iterable[Sequence[str]]) -> dict[tuple[str, ...], int]:
    """Put up what is missing of paths such as ("Padaria", "Pães"), and return the shelf at the end of each.

    One statement for each rank, however many there are. Raises Malformed, CategoryTooDeep.
    """
    wanted = {tuple(one_line(name) for name in path) for path in paths}
    for path in wanted:
        refuse_path(path)
    _locked_tree()
    shelves = list(Category.objects.all())
    slugs = {shelf.slug for shelf in shelves}
    places: dict[tuple[int | None, str], int] = {}
    for shelf in shelves:
        places.setdefault((shelf.parent_id, search_key(shelf.name)), shelf.pk)
    siblings = Counter(shelf.parent_id for shelf in shelves)
    ends: dict[tuple[str, ...], int | None] = dict.fromkeys(wanted)
    for rank in range(DEEPEST):
        here = sorted(path for path in wanted if len(path) > rank)
        fresh: dict[tuple[int | None, str], Category] = {}
        for path in here:
            place = (ends[path], search_key(path[rank]))
            if place not in places and place not in fresh:
                slug = free_slug(name=path[rank], taken=slugs, most=80)
                slugs.add(slug)
                fresh[place] = Category(name=path[rank], slug=slug, parent_id=place[0], position=siblings[place[0]])
                siblings[place[0]] += 1
        Category.objects.bulk_create(fresh.values())
        places |= {place: shelf.pk for place, shelf in fresh.items()}
        ends |= {path: places[ends[path], search_key(path[rank])] for path in here}
    return {path: pk for path, pk in ends.items() if pk is not None}


def refuse_path(path: Sequence[str]) -> None:
    """Let a path pass. Raises Malformed, CategoryTooDeep."""
    if len(path) > DEEPEST:
        raise CategoryTooDeep(deepest=DEEPEST)
    for name in path or ("",):
        sheets.refuse_name(name=name, most=80)


@within_unit_of_work
def _locked_tree() -> _Tree:
    return _Tree({category.pk: category.parent_id for category in locked(Category.objects.all())})


@within_unit_of_work
def _put_up(
    *, tree: _Tree, name: str, slug: str = "", parent_id: int | None = None, position: int | None = None
) -> Category:
    name = one_line(name)
    sheets.refuse_name(name=name, most=80)
    _check_place(tree=tree, pk=None, parent_id=parent_id)
    last = Category.objects.filter(parent_id=parent_id).count() if position is None else position
    return Category.objects.create(name=name, slug=_slug(wanted=slug, name=name), parent_id=parent_id, position=last)


def _check_place(*, tree: _Tree, pk: int | None, parent_id: int | None) -> None:
    if parent_id is not None and parent_id not in tree.parents:
        raise NotFound()
    chain = tree.above(parent_id)
    if pk in chain:
        raise CategoryLoop()
    if len(chain) + (tree.height(pk) if pk is not None else 1) > DEEPEST:
        raise CategoryTooDeep(deepest=DEEPEST)


def _slug(*, wanted: str, name: str, pk: int | None = None) -> str:
    """Return the slug asked for, or a free one made from the name. Raises SlugTaken."""
    others = Category.objects.exclude(pk=pk or 0)
    if wanted:
        if others.filter(slug=wanted).exists():
            raise SlugTaken(slug=wanted)
        return wanted
    return free_slug(name=name, taken=set(others.values_list("slug", flat=True)), most=80)


def free_slug(*, name: str, taken: set[str], most: int) -> str:
    """Return a slug made from a name that is not among `taken`, with a number where needed."""
    return names.first_free(root=names.slug_root(name=name, most=most), held=taken)[0]
