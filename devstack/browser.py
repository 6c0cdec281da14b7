"""The browser of the end-to-end tests: `python -m devstack.browser` finds Chromium, or installs it where it may.

It may where the machine's packages are its own to install: as root, with apt. Everywhere else it says in one line what
is missing, and ends with 1.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
PATIENCE = 600


def found() -> str | None:
    """Return where Chromium is, or None for a machine without it."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def may_install() -> bool:
    """Tell whether packages may be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    """Install Debian's Chromium; what goes wrong is said by whether it is found afterwards."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(INSTALL, check=False, timeout=PATIENCE, env=environment, **quiet)  # type: ignore[call-overload]


def main() -> int:
    """Say where the browser is, or that there is none."""
    if found() is None and may_install():
        install()
    if (path := found()) is None:
        print("There is no Chromium here, so no page is walked through in a browser: apt install chromium")
        return 1
    print(f"The browser is {path}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
