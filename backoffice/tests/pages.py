"""What a browser sends of a page: the fields of its form as they stand there, and what is typed over them."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Attributes = dict[str, str | None]


class _Fields(HTMLParser):
    """Collects the fields of the form that saves the page."""

    def __init__(self, *, form_id: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._form_id, self._inside = form_id, not form_id
        self._select = self._textarea = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found: Attributes = dict(attrs)
        if tag == "form" and self._form_id:
            self._inside = found.get("id") == self._form_id
        name = found.get("name") or ""
        if not self._inside:
            return
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea, self._text = name, []
        elif tag == "option" and self._select and "selected" in found:
            self._add(self._select, found.get("value"))
        elif tag == "input" and name:
            self._input(name, found)

    def _input(self, name: str, found: Attributes) -> None:
        kind = found.get("type") or "text"
        if kind in ("checkbox", "radio") and "checked" not in found:
            return
        if kind not in ("submit", "button", "file", "image"):
            self._add(name, found.get("value") or ("on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self._add(self._textarea, "".join(self._text).removeprefix("\n").replace("\n", "\r\n"))
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form" and self._form_id:
            self._inside = False

    def _add(self, name: str, value: str | None) -> None:
        if name and "__prefix__" not in name:
            self.sent.setdefault(name, []).append(value or "")


def fields_of(answer: Any, *, form_id: str = "") -> dict[str, list[str]]:
    """Return what a page's form would send if nobody touched it; the empty row that its script copies stays out."""
    parser = _Fields(form_id=form_id)
    parser.feed(answer.content.decode())
    return parser.sent


class Tab:
    """A page of the desk open in one browser's tab."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        answer = client.get(address)
        assert answer.status_code == 200
        self._read(answer)

    def _read(self, answer: Any) -> None:
        opts = answer.context["opts"]
        self.sent: dict[str, Any] = dict(fields_of(answer, form_id=f"{opts.model_name}_form"))

    def type(self, **values: Any) -> "Tab":
        """Type over some fields; None empties a box that is ticked."""
        for name, value in values.items():
            if value is None:
                self.sent.pop(name, None)
            else:
                self.sent[name] = value
        return self

    def save(self, **more: Any) -> Any:
        """Press save, and return the answer; if the page came back, it is what this tab now shows."""
        answer = self.client.post(self.address, {**self.sent, "_save": "1", **more})
        if answer.status_code != 302:
            self._read(answer)
        return answer
