"""The list of who should be written to, what was sent, and the words of each message."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.chats.forms import LABELS, SendForm, WordsForm
from chats import selectors, services
from chats.errors import WordsChanged
from chats.models import Occasion
from chats.selectors import DueChat
from chats.wording import LANGUAGES, example, names_for
from common import clock
from common.dates import midnight
from common.errors import Refusal
from common.text import plain_number
from desk.admin import desk_actor
from desk.pages import page_response, posted, require
from desk.refusals import explained, problems_of, refused
from desk.shown import name_actors, shown_instant, shown_phone
from desk.versions import Seen
from shop import services as shop
from shop.policy import Policy

SEND, WRITE = "chats.send_chat", "chats.change_chattemplate"
FURTHEST = 100
SENT_ON_A_PAGE = 50


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show who should be written to today."""
    require(request, SEND)
    number = min(plain_number(request.GET.get("page", ""), digits=4) or 1, FURTHEST)
    policy, now = shop.policy(), clock.now()
    due, more = selectors.due_chats(policy=policy, now=now, page=number)
    context = {
        "title": _("Today's messages"),
        "rows": [_row(chat) for chat in due],
        "before": number - 1,
        "after": number + 1 if more and number < FURTHEST else 0,
    }
    return page_response(request, "backoffice/chats/page.html", context)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Write down that a message is sent, and open WhatsApp with it.

    The page opens it by itself, for the desk lets no form lead to another site.
    """
    require(request, SEND)
    key = SendForm(request.POST).key
    if key is None:
        raise Http404
    try:
        chat = services.send_chat(key=key, actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=reverse("chats:page"))
    return page_response(request, "backoffice/chats/open.html", {"title": _("Opening WhatsApp"), "chat": chat})


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """Show what was sent today, and by whom."""
    require(request, SEND)
    today = timezone.localtime(clock.now()).date()
    since = midnight(today, zone=timezone.get_current_timezone())
    rows = Paginator(selectors.sent_chats(since=since), SENT_ON_A_PAGE).get_page(request.GET.get("page"))
    name_actors(list(rows.object_list))
    return page_response(request, "backoffice/chats/sent.html", {"title": _("Sent today"), "rows": rows})


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that a message was not sent after all."""
    require(request, SEND)
    try:
        services.take_back(sent=pk, actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=reverse("chats:sent"))
    messages.success(request, _("It is on the list again."))
    return HttpResponseRedirect(reverse("chats:sent"))


@require_GET
def words(request: HttpRequest) -> HttpResponse:
    """Show the words of every message, in each language of the shop, as their reader gets them."""
    require(request, WRITE)
    policy, own = shop.policy(), selectors.templates()
    rows = []
    for occasion in Occasion:
        texts = _texts(own, occasion, policy)
        rows.append(
            {
                "occasion": occasion,
                "own": any((occasion, language) in own for language in texts),
                "texts": [
                    (LABELS[language], language, example(text=text, language=language, policy=policy))
                    for language, text in texts.items()
                ],
            }
        )
    return page_response(request, "backoffice/chats/words.html", {"title": _("Words of the messages"), "rows": rows})


@require_http_methods(["GET", "POST"])
def rewrite(request: HttpRequest, occasion: str) -> HttpResponse:
    """Change the words of one message, look at them first, or take ours back."""
    require(request, WRITE)
    if occasion not in Occasion.values:
        raise Http404
    policy, own = shop.policy(), selectors.templates()
    seen = services.as_of_now(occasion=occasion)
    texts, status = _texts(own, occasion, policy), 200
    as_stored = partial(WordsForm, occasion=occasion, texts=texts, seen=seen)
    page_seen = Seen(sent=posted(request), fresh=as_stored(None))
    form = as_stored(page_seen.sent)
    if page_seen.changed and form.is_valid():
        texts, status = form.texts, WordsChanged.status
        page_seen.refuse(form)
    elif request.method == "POST" and form.is_valid():
        texts = form.texts
        if "look" not in request.POST:
            try:
                _save(request, form, occasion)
            except Refusal as refusal:
                status = _refuse(request, form, refusal, seen=seen)
            else:
                messages.success(request, _("The words are saved."))
                return HttpResponseRedirect(reverse("chats:words"))
    spoken = get_language()
    context = {
        "title": Occasion(occasion).label,
        "form": form,
        "fields": [
            (form[language], example(text=text, language=language, policy=policy)) for language, text in texts.items()
        ],
        "names": names_for(occasion=occasion, language=spoken if spoken in LANGUAGES else LANGUAGES[0]),
        "own": any((occasion, language) in own for language in texts),
        "occasion": occasion,
        "page_seen": page_seen,
    }
    return page_response(request, "backoffice/chats/rewrite.html", context, status=status)


def _save(request: HttpRequest, form: WordsForm, occasion: str) -> None:
    seen = form.cleaned_data["seen"]
    if "ours" in request.POST:
        services.give_back_our_words(occasion=occasion, seen=seen)
        return
    services.write_words(occasion=occasion, texts=form.texts, seen=seen, actor=desk_actor(request), now=clock.now())


def _refuse(request: HttpRequest, form: WordsForm, refusal: Refusal, *, seen: str) -> int:
    """Say what was wrong beside its field; nothing that was typed is lost."""
    if isinstance(refusal, WordsChanged):
        form.data = {**request.POST.dict(), "seen": seen}
        form.add_error(None, explained(refusal))
        return refusal.status
    for name, text in problems_of(refusal):
        form.add_error(name if name in form.fields else None, text)
    return refusal.status


def _texts(own: Any, occasion: str, policy: Policy) -> dict[str, str]:
    """Return the texts of an occasion in each language of the shop."""
    spoken = {language.lower() for language in policy.languages}
    languages = [language for language in LANGUAGES if language in spoken] or LANGUAGES[:1]
    return {language: selectors.words(own=own, occasion=occasion, language=language) for language in languages}


def _row(chat: DueChat) -> dict[str, Any]:
    if chat.number:
        link = reverse("admin:orders_order_change", args=[chat.pk])
    else:
        link = f"{reverse('agenda:page')}?visit={chat.key.subject}"
    return {
        "chat": chat,
        "occasion": Occasion(chat.key.occasion).label,
        "about": chat.key.about.isoformat(),
        "phone": shown_phone(chat.phone),
        "moment": shown_instant(chat.moment) if chat.moment else "",
        "link": link,
    }
