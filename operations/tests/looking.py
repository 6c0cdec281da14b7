"""What keeps somebody from using a page: axe finds nothing serious on it, and nothing scrolls sideways.

Whatever fades or slides is waited for: half-way through, a text has less contrast than it will have. So are the fonts:
without theirs, an icon is a word.
"""

from pathlib import Path

from operations.tests.chromium import Tab

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
AT_REST = """
(async () => {
  const soon = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const moving = () => document.getAnimations().filter((one) =>
    one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity);
  const until = Date.now() + 5000;
  await Promise.race([document.fonts.ready, soon(5)]);
  do {
    await Promise.race([drawn(), soon(0.2)]);
    await Promise.race([Promise.allSettled(moving().map((one) => one.finished)), soon(1)]);
  } while (moving().length && Date.now() < until);
  return !moving().length;
})()
"""
# A rule of axe has one weight for all it finds, so the rules whose findings nobody would hear of are not run.
LOOK = """
axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
  rules: Object.fromEntries(axe._audit.rules
    .filter(({ impact }) => impact === "minor" || impact === "moderate").map(({ id }) => [id, { enabled: false }])),
}).then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`))
"""
IN_THE_DARK = """
axe.run(document, { resultTypes: ["violations"], runOnly: { type: "rule", values: ["color-contrast"] } })
  .then(({ violations }) => violations.map(({ id, nodes }) => `dark: ${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)}`))
"""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def flaws(tab: Tab) -> list[str]:
    """Return what keeps somebody from using the page that a tab shows."""
    found = seen_by_axe(tab, LOOK)
    wide = tab.run(SIDEWAYS)
    return [*found, *([f"scrolls sideways by {wide} px"] if wide > 0 else [])]


def seen_by_axe(tab: Tab, look: str) -> list[str]:
    """Return what axe says of the page once nothing on it moves; the page's policy is put aside meanwhile."""
    assert tab.run(AT_REST), "something on the page moves for ever"
    tab.call("Page.setBypassCSP", enabled=True)
    if not tab.run("'axe' in window"):
        tab.run(AXE)
    found = list(tab.run(look))
    tab.call("Page.setBypassCSP", enabled=False)
    return found
