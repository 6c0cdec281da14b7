"""The bench starts the shop with the packages of production alone."""

import subprocess
from pathlib import Path

import pytest

from devstack import ports, shop, state
from tools.bench.__main__ import environment
from tools.bench.installed import production


def test_the_shop_of_the_bench_loads_without_the_packages_of_development(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")  # it runs under those of the demonstration
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    urls = {"database_url": "postgres://nobody@127.0.0.1:1/none", "redis_url": "redis://127.0.0.1:1/0"}
    loaded = subprocess.run(
        [
            str(production(tmp_path / "production")), "-c",
            "import config.wsgi, config.urls, importlib.util as found; print(found.find_spec('pytest'))",
        ],
        cwd=state.ROOT, env=environment(place, var=tmp_path, **urls), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (loaded.returncode, loaded.stdout) == (0, "None\n"), loaded.stderr
