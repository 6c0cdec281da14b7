"""Source maps: uploaded only where somebody asked, each with its script, and never where the shop serves files."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest
from django.conf import settings

from devstack import sourcemaps, window
from devstack.errors import StackError
from devstack.state import ROOT

NAMED = {"SENTRY_AUTH_TOKEN": "token-of-the-build", "SENTRY_ORG": "maria", "SENTRY_PROJECT": "window"}
FILES = "/api/0/projects/maria/window/releases/balcao%400.1.0/files/"


class Asked(list[tuple[str, str, bytes]]):
    """What was asked of a Sentry: path, kind and body; and what it answers."""

    url = ""
    status = 201

    def files(self) -> dict[str, dict[str, bytes]]:
        found = {}
        for path, kind, body in self:
            if path == FILES:
                form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
                fields = {
                    str(part.get_param("name", header="Content-Disposition")): cast(
                        "bytes", part.get_payload(decode=True)
                    )
                    for part in form.walk()
                    if not part.is_multipart()
                }
                found[fields["name"].decode()] = fields
        return found


@contextmanager
def sentry() -> Iterator[Asked]:
    asked = Asked()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_let_in = self.headers["Authorization"] == "Bearer token-of-the-build"
            asked.append((self.path, self.headers["Content-Type"], body))
            self.send_response(asked.status if is_let_in else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        asked.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def built() -> None:
    try:
        window.build()
    except StackError as failure:
        pytest.skip(f"the window could not be built: {failure.problem}")


@pytest.mark.timeout(300)
def test_each_script_goes_with_its_map_and_none_is_served(built: None) -> None:
    with sentry() as asked:
        place = sourcemaps.wanted({**NAMED, "SENTRY_URL": asked.url})
        assert place is not None
        count = sourcemaps.upload(place)
        assert json.loads(asked[0][2]) == {"version": "balcao@0.1.0", "projects": ["window"]}
        files = asked.files()
    scripts = {f"~/static/window/built/assets/{path.name}" for path in (window.BUILT / "assets").glob("*.js")}
    assert {name for name in files if name.endswith(".js")} == scripts
    assert len(scripts) == count
    for name in scripts:
        source_map = json.loads(files[f"{name}.map"]["file"])
        assert files[name]["header"].decode() == f"Sourcemap:{name.rpartition('/')[2]}.map"
        assert source_map["version"] == 3
    sources = {source for name in scripts for source in json.loads(files[f"{name}.map"]["file"])["sources"]}
    assert any(source.endswith("web/src/app.tsx") for source in sources), sources
    assert list(window.BUILT.rglob("*.map*")) == []
    assert [path for path in window.BUILT.rglob("*.js") if re.search(r"sourceMappingURL", path.read_text())] == []


def test_what_is_there_already_is_no_trouble_and_what_is_refused_is_said() -> None:
    with sentry() as asked:
        place = sourcemaps.wanted({**NAMED, "SENTRY_URL": f"{asked.url}/"})
        assert place is not None
        asked.status = sourcemaps.THERE_ALREADY
        place.ask("organizations/maria/releases/", body=b"{}", kind="application/json")
        asked.status = 403
        with pytest.raises(StackError, match="with 403"):
            place.ask("organizations/maria/releases/", body=b"{}", kind="application/json")
    with pytest.raises(StackError, match="cannot be reached"):
        place.ask("organizations/maria/releases/", body=b"{}", kind="application/json")


def test_nobody_asked_nothing_leaves(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SENTRY_AUTH_TOKEN", raising=False)
    assert sourcemaps.main() == 0
    assert "no source map leaves" in capsys.readouterr().out


@pytest.mark.parametrize("lacks", ["SENTRY_ORG", "SENTRY_PROJECT"])
def test_half_an_answer_is_named(lacks: str) -> None:
    with pytest.raises(StackError, match="SENTRY_AUTH_TOKEN needs SENTRY_ORG and SENTRY_PROJECT"):
        sourcemaps.wanted({name: value for name, value in NAMED.items() if name != lacks})
    with pytest.raises(StackError, match="SENTRY_URL is no address"):
        sourcemaps.wanted({**NAMED, "SENTRY_URL": "sentry.example.com"})


def test_release_and_place_are_those_of_the_pages() -> None:
    assert sourcemaps.release() == settings.RELEASE
    base = re.search(r'base: "(.+)"', (ROOT / "web" / "vite.config.ts").read_text())
    assert base is not None
    assert f"~{base[1]}" == sourcemaps.SERVED
