"""nginx for Debian, deploy/nginx/balcao.conf, with the addresses and places of somebody's own."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from config.tests.test_proxy import PROXY, certificate
from devstack.ports import LOOPBACK
from devstack.state import ROOT


def written_out(
    place: Path, *, tls: int, plain: int, units: Sequence[str], host: str = LOOPBACK, name: str = "localhost"
) -> Path:
    """Write the configuration for two units into a folder, with a certificate of its own, and return its file.

    `units`: host and port of each. `host`, `name`: where it listens, and whom it serves.
    """
    certificate(place, name=name)
    for file in (PROXY / "shop.conf", PROXY / "refusal.conf", ROOT / "deploy" / "nginx" / "balcao.limits"):
        shutil.copy(file, place / file.name)
    limits = place / "balcao.limits"
    limits.write_text(limits.read_text().replace("/var/log/nginx", str(place)))
    text = (ROOT / "deploy" / "nginx" / "balcao.conf").read_text()
    for old, new in (
        ("listen [::]", "# listen [::]"), ("listen 443", f"listen {host}:{tls}"), ("listen 80", f"listen {host}:{plain}"),
        ("127.0.0.1:8000", units[0]), ("127.0.0.1:8001", units[1]), ("shop.example.com", name),
        ("/etc/nginx/tls", str(place)), ("include mime.types;", ""), ("/srv/balcao", str(place)),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = place / "nginx.conf"
    config.write_text(f"pid {place}/nginx.pid; error_log {place}/error.log; events {{}} http {{ {temporary} {text} }}")
    return config
