"""How far a long command has come: a bar that moves on a terminal, a line every tenth of the way anywhere else."""

import time

from django.core.management.base import OutputWrapper

WIDTH = 30
TENTHS = 10


class Bar:
    """One bar of one command."""

    def __init__(self, *, total: int, out: OutputWrapper) -> None:
        """`total`: what `show` is told in the end."""
        self._total, self._out, self._began, self._tenth = total, out, time.monotonic(), 0

    def show(self, done: int) -> None:
        """Show that so much is done, how fast it goes and how long the rest will take."""
        tenth = done * TENTHS // self._total
        if not self._out.isatty() and tenth == self._tenth:
            return
        self._tenth = tenth
        passed = max(time.monotonic() - self._began, 0.001)
        left = round(passed / done * (self._total - done))
        full = "#" * (done * WIDTH // self._total)
        line = f"[{full:.<{WIDTH}}] {done:,} / {self._total:,}  {done / passed:,.0f}/s  {left // 60}:{left % 60:02d}"
        if self._out.isatty():
            self._out.write(f"\r{line}", ending="\n" if done >= self._total else "")
        else:
            self._out.write(line)
        self._out.flush()
