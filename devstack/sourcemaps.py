"""Upload the window's source maps to Sentry: `python -m devstack.sourcemaps`, where SENTRY_AUTH_TOKEN says so.

With them Sentry shows lines of `web/` instead of columns of packed files. They are built apart and deleted again, so
what is served never holds one. Asked is the documented API of releases (docs.sentry.io/api/releases).
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from devstack import node, window
from devstack.errors import StackError
from devstack.state import ROOT

SERVED = "~/static/window/built/"
"""Where browsers get the files, whatever the shop's address; `base` in `web/vite.config.ts` says the same."""

SAAS = "https://sentry.io"
THERE_ALREADY = 409
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """A project of Sentry, and what opens it."""

    url: str
    organization: str
    project: str
    token: str

    def ask(self, path: str, *, body: bytes, kind: str) -> None:
        """Send something; what is there already is no trouble. Raises StackError."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = urllib.request.Request(f"{self.url}/api/0/{path}", data=body, headers=headers, method="POST")  # noqa: S310 - judged below
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310 - http or https, see `wanted`
                return
        except urllib.error.HTTPError as refused:
            if refused.code != THERE_ALREADY:
                raise StackError(f"Sentry refused {path} with {refused.code}.", _RIGHTS) from None
        except OSError as problem:
            raise StackError(f"Sentry cannot be reached at {self.url}: {problem}") from None


def wanted(environment: Mapping[str, str]) -> Place | None:
    """Return where source maps are wanted; None where nobody asked. Raises StackError for half an answer."""
    token = environment.get("SENTRY_AUTH_TOKEN", "").strip()
    if not token:
        return None
    organization, project = (environment.get(f"SENTRY_{name}", "").strip() for name in ("ORG", "PROJECT"))
    if not organization or not project:
        example = "SENTRY_ORG=maria SENTRY_PROJECT=window"
        raise StackError("SENTRY_AUTH_TOKEN needs SENTRY_ORG and SENTRY_PROJECT.", f"For example {example}.")
    url = (environment.get("SENTRY_URL", "").strip() or SAAS).rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise StackError("SENTRY_URL is no address.", f"For example SENTRY_URL={SAAS}.")
    return Place(url=url, organization=organization, project=project, token=token)


def release() -> str:
    """Return the name under which pages tell of their accidents, as `RELEASE` in the settings has it."""
    return f"balcao@{json.loads((ROOT / 'web' / 'package.json').read_text())['version']}"


def upload(place: Place) -> int:
    """Build the maps and upload each with its script; return how many. Raises StackError."""
    window.build()
    version = release()
    body = json.dumps({"version": version, "projects": [place.project]}).encode()
    place.ask(f"organizations/{quote(place.organization)}/releases/", body=body, kind="application/json")
    path = f"projects/{quote(place.organization)}/{quote(place.project)}/releases/{quote(version, safe='')}/files/"
    count = 0
    with tempfile.TemporaryDirectory() as built:
        for script, source_map in _built(Path(built)):
            for file, header in ((source_map, ""), (script, f"Sourcemap:{source_map.name}")):
                kind, body = _form(file, name=f"{SERVED}assets/{file.name}", header=header)
                place.ask(path, body=body, kind=kind)
            count += 1
    return count


def _built(place: Path) -> Iterator[tuple[Path, Path]]:
    """Build once more with maps, and give each script that is served with its own."""
    try:
        words = ("--sourcemap", "hidden", "--outDir", str(place), "--emptyOutDir", "--logLevel", "warn")
        done = node.script("build", *words, workspace="web", seconds=window.PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise StackError("The source maps were not built in time.") from None
    if done.returncode != 0:
        raise StackError(f"The source maps could not be built: {done.stderr or done.stdout}")
    for script in sorted(place.glob("assets/*.js")):
        served = window.BUILT / "assets" / script.name
        if not served.is_file() or served.read_bytes() != script.read_bytes():
            raise StackError(f"{script.name} is not what is served.", "Delete .dev/window.stamp and build anew.")
        yield script, script.with_name(f"{script.name}.map")


def _form(file: Path, *, name: str, header: str) -> tuple[str, bytes]:
    """Return a form with a file, as browsers send it: its kind and its bytes."""
    line = secrets.token_hex(16)
    begins = f"--{line}\r\nContent-Disposition: form-data; name="
    fields = {"name": name} | ({"header": header} if header else {})
    parts = [f'{begins}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    parts.append(f'{begins}"file"; filename="{file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n')
    body = "".join(parts).encode() + file.read_bytes() + f"\r\n--{line}--\r\n".encode()
    return f"multipart/form-data; boundary={line}", body


_RIGHTS = "The token needs the scope project:releases, of this organization."


def main() -> int:
    """Upload where somebody asked for it, and return the exit code."""
    try:
        place = wanted(os.environ)
        if place is None:
            print("SENTRY_AUTH_TOKEN is not set: no source map leaves.")
            return 0
        print(f"{upload(place)} scripts with their source maps are at {place.url} as {release()}.")
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
