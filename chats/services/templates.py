"""The shop's own words for its messages."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from chats import selectors
from chats.errors import WordsChanged
from chats.filling import unknown_names
from chats.models import LONGEST, ChatTemplate, Occasion
from chats.wording import LANGUAGES, allowed_in, complaint, our_words
from common.actors import Actor
from common.errors import FieldError, Malformed, NotFound
from common.text import is_clean
from common.transactions import one_at_a_time
from common.use_cases import use_case


@use_case()
def write_words(*, occasion: str, texts: Mapping[str, str], seen: str, actor: Actor, now: datetime) -> None:
    """Write the texts of an occasion, by language. One that is our own stays ours, and follows it when it improves.

    `seen`: what `as_of_now` said of the texts that the page showed.

    Raises NotFound (no such occasion), Malformed, WordsChanged (somebody saved others meanwhile).
    """
    _judge(occasion=occasion, texts=texts)
    _lock_unchanged(occasion=occasion, seen=seen)
    for language, text in texts.items():
        own = ChatTemplate.objects.filter(occasion=occasion, language=language)
        if text == our_words(occasion=occasion, language=language):
            own.delete()
        elif not own.filter(text=text).exists():
            said = {"text": text, "changed_at": now, "actor_kind": actor.kind, "actor_id": actor.id}
            ChatTemplate.objects.update_or_create(occasion=occasion, language=language, defaults=said)


@use_case()
def give_back_our_words(*, occasion: str, seen: str) -> None:
    """Forget the shop's own words for an occasion. Raises NotFound, WordsChanged."""
    _judge(occasion=occasion, texts={})
    _lock_unchanged(occasion=occasion, seen=seen)
    ChatTemplate.objects.filter(occasion=occasion).delete()


def as_of_now(*, occasion: str) -> str:
    """Return what names the texts of an occasion as they are now."""
    own = selectors.templates()
    texts = [selectors.words(own=own, occasion=occasion, language=language) for language in LANGUAGES]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _lock_unchanged(*, occasion: str, seen: str) -> None:
    one_at_a_time(names=[f"chats:{occasion}"])
    if seen != as_of_now(occasion=occasion):
        raise WordsChanged()


def _judge(*, occasion: str, texts: Mapping[str, str]) -> None:
    if occasion not in Occasion.values:
        raise NotFound()
    problems = []
    for language, text in texts.items():
        detail = _problem_of(text, occasion=occasion, language=language)
        if detail:
            problems.append(FieldError(pointer=f"/{language}", code="invalid", detail=detail))
    if problems:
        raise Malformed(errors=problems)


def _problem_of(text: str, *, occasion: str, language: str) -> str:
    if not text:
        return _("Write something, or take our words back.")
    if len(text) > LONGEST:
        return _("At most %(most)d signs.") % {"most": LONGEST}
    if not is_clean(text):
        return _("There are signs in it that cannot be seen.")
    unknown = unknown_names(text=text, allowed=allowed_in(occasion=occasion))
    return complaint(unknown=unknown[0], occasion=occasion, language=language) if unknown else ""
