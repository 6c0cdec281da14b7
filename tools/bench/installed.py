"""An environment with the packages of production alone, as the image has it.

Frameworks import what they find, so tools for tests and checks that lie beside them would count as the shop's memory.
"""

import json
import sysconfig
import venv
from importlib.metadata import distribution
from pathlib import Path

from devstack import state


def production(place: Path) -> Path:
    """Make the environment, out of links to what is installed; return its Python."""
    venv.create(place, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    for name in json.loads((state.ROOT / "Pipfile.lock").read_text())["default"]:
        installed = distribution(name)
        for entry in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            if not (packages / entry).exists():
                (packages / entry).symlink_to(str(installed.locate_file(entry)))
    return place / "bin" / "python"
