"""One realistic call for every route of the API and every page of the desk, on a shop that `seed_demo` has filled.

What is measured or examined of all routes (`tools.bench.routes`, `tools.plans`) is asked for here, so that a route
without an example is noticed once, for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tools.calls.ground import Ask, Ground


@dataclass(frozen=True)
class Call:
    """A route's example: `route` is its method and pattern, `make` prepares what it needs and returns the request.

    `hot`: asked for all day long. `is_file`: as long as the shop has rows, and sent while it is read.
    """

    route: str
    make: Callable[[Ground], Ask]
    about: str = ""
    hot: bool = False
    is_file: bool = False

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return f"{self.route} ({self.about})" if self.about else self.route
