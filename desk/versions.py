"""What a page showed when it was opened, so that an old tab never undoes what somebody saved meanwhile.

A page that saves carries a signed picture of its own untouched fields. When it is sent and what is stored no longer
looks like that, nothing is saved: the page comes back with what changed, with every field that was typed as it was
typed, and with everything else as it is now. Sent again, it is saved.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.core import signing
from django.core.files import File
from django.core.signing import BadSignature
from django.http import QueryDict
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from common.text import plain_number

SALT = "desk.versions"
SEEN = "_seen"
FILE = "file:"
NOTHING = "-"
LONGEST = 120

Values = dict[str, list[str]]
Rows = dict[str, Values]


@dataclass(frozen=True)
class Picture:
    """The untouched fields of a page by the names they are sent under; rows by formset and key."""

    fields: Values
    rows: dict[str, Rows] = field(default_factory=dict)
    log: int = 0
    language: str = ""

    def sealed(self) -> str:
        """Return the picture as the page carries it."""
        return signing.dumps([self.fields, self.rows, self.log, self.language], salt=SALT, compress=True)

    @classmethod
    def opened(cls, text: str) -> "Picture":
        """Return the picture a page carried. Raises BadSignature."""
        fields, rows, log, language = signing.loads(text, salt=SALT)
        return cls(fields=fields, rows=rows, log=log, language=language)

    def same_as(self, other: "Picture") -> bool:
        """Say whether both show the same."""
        return self.fields == other.fields and self.rows == other.rows


@dataclass(frozen=True)
class Difference:
    """One field that is no longer as the page showed it; `typed` is what was typed instead, if anything was."""

    label: str
    before: str
    now: str
    typed: str = ""


class Seen:
    """What a page of one form showed, and what somebody else saved since: for pages of a form of their own.

    `sent` is what was sent, brought up to date where something `changed` that the page shows; `seal` is what the page
    carries next, in `desk/seen.html`. `fresh` is the form as it would be opened now. What no field shows, such as a
    picture, is compared by the service that saves it.
    """

    name = SEEN

    def __init__(self, *, sent: QueryDict | None, fresh: forms.BaseForm) -> None:
        sealed = sent.get(SEEN) if sent is not None else None
        try:
            before = Picture.opened(str(sealed)) if sealed else None
        except (BadSignature, ValueError):
            before = None
        with translation.override((before and before.language) or get_language()):
            now = picture_of(form=fresh)
            self.seal, self.sent, self.changed = now.sealed(), sent, list[Difference]()
            if sent is None or before is None or now.same_as(before):
                return
            self.changed = differences(before=before, now=now, form=fresh, formsets=(), post=sent)
            if self.changed:
                self.sent, _files = merged(post=sent, files=MultiValueDict(), before=before, now=now, formsets=())
            else:
                self.seal = str(sealed)

    def refuse(self, form: forms.BaseForm) -> None:
        """Say on the form of what was sent that nothing is saved yet."""
        form.add_error(None, gettext("Somebody saved this page while it was open here. Nothing is saved yet."))


def picture_of(*, form: forms.BaseForm, formsets: Iterable[Any] = (), log: int = 0) -> Picture:
    """Return the picture of a page from its forms, which nothing was sent to."""
    rows = {}
    for formset in formsets:
        known = (row for row in formset.initial_forms if row.instance.pk)
        rows[formset.prefix] = {str(row.instance.pk): _without_prefix(row, formset=formset) for row in known}
    return Picture(fields=dict(_values(form)), rows=rows, log=log, language=get_language() or "")


def merged(
    *, post: QueryDict, files: MultiValueDict[str, Any], before: Picture, now: Picture, formsets: Iterable[Any]
) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """Return what was sent, brought up to date: typed fields as typed, all others as they are now.

    A row that somebody removed stays away unless it was typed into, then it is a new one; rows that somebody added are
    there.
    """
    data, kept = post.copy(), files.copy()
    for name, values in _brought(sent=dict(post.lists()), before=before.fields, now=now.fields).items():
        _put(data, name, values)
    for formset in formsets:
        _merge_rows(data=data, files=kept, formset=formset, before=before, now=now)
    return data, kept


def differences(
    *, before: Picture, now: Picture, form: forms.BaseForm, formsets: Iterable[Any], post: QueryDict
) -> list[Difference]:
    """Return what changed between two pictures in the words of the page's fields, which nothing was sent to."""
    found = list(_changed(before=before.fields, now=now.fields, form=form, sent=dict(post.lists())))
    for formset in formsets:
        found += _changed_rows(formset=formset, before=before, now=now, post=post)
    return found


# How a field would be sent if nobody touched it.


def _values(form: forms.BaseForm) -> Iterator[tuple[str, list[str]]]:
    for bound in form:
        if isinstance(bound.field, forms.FileField):
            value = bound.value()
            yield FILE + bound.html_name, [str(value)] if isinstance(value, File) and value else []
        else:
            yield from _untouched(bound.field.widget, name=bound.html_name, value=bound.value())


def _untouched(widget: Any, *, name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    widget = getattr(widget, "widget", widget)  # what adds links around a choice is no field of its own
    if isinstance(widget, forms.MultiWidget):
        parts = value if isinstance(value, list) else widget.decompress(value) or []
        suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        for part, suffix, shown in zip(widget.widgets, suffixes, parts, strict=False):
            yield from _untouched(part, name=name + suffix, value=shown)
    elif isinstance(widget, forms.CheckboxInput):
        yield name, ["on"] if widget.check_test(value) else []
    else:
        shown = widget.format_value(value)
        yield name, [str(one) for one in (shown if isinstance(shown, list | tuple) else [shown]) if one is not None]


def _without_prefix(row: Any, *, formset: Any) -> Values:
    skipped = {row.add_prefix(name) for name in _bookkeeping(formset)}
    length = len(f"{row.prefix}-")
    values = {}
    for name, value in _values(row):
        mark = FILE if name.startswith(FILE) else ""
        bare = name[len(mark) :]
        if bare not in skipped:
            values[mark + bare[length:]] = value
    return values


def _bookkeeping(formset: Any) -> set[str]:
    return {formset.model._meta.pk.name, formset.fk.name, "DELETE", "ORDER"}


# What was sent, brought up to date.


def _brought(*, sent: Values, before: Values, now: Values) -> Values:
    """Return the fields that nobody typed into, as they are now."""
    return {
        name: values for name, values in _posted(now).items() if _same(list(sent.get(name, [])), before.get(name, []))
    }


def _same(one: list[str], other: list[str]) -> bool:
    """Say whether two sets of values mean the same; a browser sends lines with CR LF, and an empty field for none."""
    return sorted(_plain(text) for text in one if text) == sorted(_plain(text) for text in other if text)


def _put(data: QueryDict, name: str, values: list[str]) -> None:
    """Set a field as a browser sends it: one without a value is not sent."""
    data.pop(name, None)
    if values:
        data.setlist(name, values)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _merge_rows(
    *, data: QueryDict, files: MultiValueDict[str, Any], formset: Any, before: Picture, now: Picture
) -> None:
    prefix, key = formset.prefix, formset.model._meta.pk.name
    shown, stored = before.rows.get(prefix, {}), now.rows.get(prefix, {})
    old: list[tuple[str, Values, dict[str, Any]]] = []
    fresh: list[tuple[str, Values, dict[str, Any]]] = []
    for sent, chosen in _taken_rows(data=data, files=files, prefix=prefix):
        pk = "".join(sent.pop(key, []))
        if pk and pk not in stored:
            if not _is_touched(sent, shown.get(pk, {})) or "DELETE" in sent:
                continue
            pk = ""
        elif pk:
            sent |= _brought(sent=sent, before=shown.get(pk, {}), now=stored[pk])
        (old if pk else fresh).append((pk, sent, chosen))
    there = {pk for pk, _sent, _chosen in old}
    old += [(pk, _posted(values), {}) for pk, values in stored.items() if pk not in there and pk not in shown]
    for place, (pk, sent, chosen) in enumerate([*old, *fresh]):
        for name, values in {**sent, key: [pk]}.items():
            _put(data, f"{prefix}-{place}-{name}", values)
        for name, file in chosen.items():
            files[f"{prefix}-{place}-{name}"] = file
    data[f"{prefix}-TOTAL_FORMS"] = str(len(old) + len(fresh))
    data[f"{prefix}-INITIAL_FORMS"] = str(len(old))


def _taken_rows(
    *, data: QueryDict, files: MultiValueDict[str, Any], prefix: str
) -> list[tuple[Values, dict[str, Any]]]:
    """Take the rows of a formset out of what was sent: their fields and their files."""
    count = min(plain_number(data.get(f"{prefix}-TOTAL_FORMS", ""), digits=5) or 0, 1000)
    taken = []
    for place in range(count):
        head = f"{prefix}-{place}-"
        names = [name for name in data if name.startswith(head)]
        sent = {name[len(head) :]: data.pop(name) for name in names}
        chosen = {name[len(head) :]: files.pop(name)[-1] for name in list(files) if name.startswith(head)}
        taken.append((sent, chosen))
    return taken


def _is_touched(sent: Values, shown: Values) -> bool:
    return any(not _same(sent.get(name, []), values) for name, values in _posted(shown).items())


def _posted(values: Values) -> Values:
    """Leave out what a browser does not send back: the files that are there."""
    return {name: value for name, value in values.items() if not name.startswith(FILE)}


# What changed, in words.


def _changed(
    *, before: Values, now: Values, form: forms.BaseForm, sent: Values, where: str = ""
) -> Iterator[Difference]:
    for bound in form:
        if bound.is_hidden:
            continue
        names = [name for name in now if _belongs(name, to=bound, form=form, in_row=bool(where))]
        old, new = _joined(before, names), _joined(now, names)
        if _same(old, new):
            continue
        typed = _joined(sent, names)
        is_theirs = _same(typed, old) or _same(typed, new) or isinstance(bound.field, forms.FileField)
        yield Difference(
            label=f"{where}{capfirst(str(bound.label))}",
            before=in_words(bound.field, old),
            now=in_words(bound.field, new),
            typed="" if is_theirs else in_words(bound.field, typed),
        )


def _belongs(name: str, *, to: Any, form: forms.BaseForm, in_row: bool) -> bool:
    bare = name.removeprefix(FILE)
    own = to.name if in_row else to.html_name
    return bare == own or (isinstance(to.field, forms.MultiValueField) and bare.startswith(f"{own}_"))


def _joined(values: Values, names: Iterable[str]) -> list[str]:
    return [one for name in names for one in values.get(name, [])]


def _changed_rows(*, formset: Any, before: Picture, now: Picture, post: QueryDict) -> Iterator[Difference]:
    shown, stored = before.rows.get(formset.prefix, {}), now.rows.get(formset.prefix, {})
    title = capfirst(str(formset.model._meta.verbose_name))
    known = {str(row.instance.pk): row for row in formset.initial_forms}
    sent = dict(_sent_rows(post, formset=formset))
    for pk, values in stored.items():
        row = known[pk]
        where = f"{title} “{row.instance}” · "
        if pk not in shown:
            yield Difference(label=f"{title} “{row.instance}”", before=NOTHING, now=gettext("new"))
            continue
        typed = sent.get(pk, {})
        yield from _changed(before=shown[pk], now=values, form=row, sent=typed, where=where)
    for pk in shown.keys() - stored.keys():
        yield Difference(label=title, before=_row_in_words(formset, shown[pk]), now=gettext("removed"))


def _sent_rows(post: QueryDict, *, formset: Any) -> Iterator[tuple[str, Values]]:
    copy: MultiValueDict[str, Any] = MultiValueDict()
    for sent, _files in _taken_rows(data=post.copy(), files=copy, prefix=formset.prefix):
        yield "".join(sent.pop(formset.model._meta.pk.name, [])), sent


def _row_in_words(formset: Any, values: Values) -> str:
    fields = formset.empty_form.fields
    parts = (in_words(fields[name], value) for name, value in values.items() if name in fields and any(value))
    return " · ".join(part for part in parts if part != NOTHING) or NOTHING


def in_words(field: forms.Field, values: list[str]) -> str:
    """Return what a field would hold, as its page shows it."""
    if isinstance(field, forms.BooleanField):
        return gettext("yes") if any(values) else gettext("no")
    if isinstance(field, forms.ChoiceField):
        wanted = [text for text in values if text]
        names = {str(key): str(name) for key, name in _flat(cast("Iterable[Any]", field.choices))} if wanted else {}
        text = ", ".join(names.get(text, text) for text in wanted)
    else:
        text = " ".join(text for text in values if text)
    return (text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…") or NOTHING


def _flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for key, name in choices:
        if isinstance(name, list | tuple):
            yield from name
        else:
            yield key, name
