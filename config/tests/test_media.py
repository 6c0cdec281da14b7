"""Files of the shop, as they are handed out: kept for ever, for their names are made for them alone."""

from pathlib import Path

from django.test import Client
from pytest_django import Settings


def test_a_file_is_kept_for_ever_and_what_is_missing_is_not(settings: Settings, tmp_path: Path, client: Client) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "bolo.webp").write_bytes(b"RIFF")
    there = client.get("/media/bolo.webp")
    assert (there.status_code, there.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    again = client.get("/media/bolo.webp", headers={"If-Modified-Since": there.headers["Last-Modified"]})
    assert again.status_code == 304
    missing = client.get("/media/nada.webp")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("Cache-Control", "")
