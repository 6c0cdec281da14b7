"""Motifs from the oven."""

from operations.demo.pictures.scene import CREAM, WHITE, Scene, mix


def rolls(scene: Scene) -> None:
    """Three rolls with a cut across each."""
    for x, y, size in ((250, 420, 1.0), (550, 420, 1.0), (400, 360, 1.12)):
        scene.shadow(x, y + 68 * size, 140 * size)
        scene.ellipse(x, y, 142 * size, 74 * size, scene.dark)
        scene.ellipse(x, y - 6, 138 * size, 70 * size, scene.base)
        scene.ellipse(x - 14, y - 24 * size, 104 * size, 38 * size, mix(scene.base, WHITE, 0.22))
        scene.line([(x - 86 * size, y - 6), (x, y - 30 * size), (x + 84 * size, y - 16)], CREAM, 15 * size)
        scene.line([(x - 80 * size, y + 2), (x, y - 21 * size), (x + 80 * size, y - 8)], scene.light, 6 * size)


def balls(scene: Scene) -> None:
    """Return a small pile of round ones."""
    for x, y in ((230, 430), (400, 440), (570, 430), (315, 330), (487, 330), (400, 235)):
        scene.shadow(x, y + 76, 84, 12)
        scene.ellipse(x, y, 94, 84, scene.dark)
        scene.ellipse(x, y - 5, 90, 78, scene.base)
        scene.ellipse(x - 22, y - 30, 44, 30, scene.light)
        scene.crumbs(x - 50, y - 30, x + 55, y + 40, scene.dark, 7)


def loaf(scene: Scene) -> None:
    """Return a long loaf with three cuts."""
    scene.shadow(400, 470, 290, 24)
    scene.ellipse(400, 360, 290, 128, scene.dark)
    scene.ellipse(400, 350, 284, 120, scene.base)
    scene.ellipse(380, 306, 226, 60, mix(scene.base, WHITE, 0.2))
    for x in (250, 370, 490):
        scene.line([(x - 20, 400), (x + 14, 330), (x + 58, 282)], CREAM, 22)
        scene.line([(x - 14, 398), (x + 20, 332), (x + 58, 290)], scene.light, 8)
    scene.crumbs(180, 260, 620, 420, CREAM, 60)


def baguette(scene: Scene) -> None:
    """Two baguettes crossed."""
    for left, right in (((150, 440), (660, 230)), ((140, 260), (650, 440))):
        scene.line([left, right], scene.dark, 94)
        scene.line([(left[0], left[1] - 8), (right[0], right[1] - 8)], scene.base, 82)
        for step in range(1, 6):
            x = left[0] + (right[0] - left[0]) * step / 6
            y = left[1] + (right[1] - left[1]) * step / 6
            scene.line([(x - 30, y + 12), (x + 26, y - 32)], CREAM, 14)


def croissant(scene: Scene) -> None:
    """Return a crescent in folds."""
    scene.shadow(400, 470, 270, 22)
    folds = ((205, 420, 62), (270, 345, 86), (400, 305, 108), (530, 345, 86), (595, 420, 62))
    for x, y, size in (folds[0], folds[4], folds[1], folds[3], folds[2]):
        scene.ellipse(x, y, size, size * 0.92, scene.dark)
        scene.ellipse(x, y - 6, size - 6, size * 0.82, scene.base)
        scene.ellipse(x - size * 0.15, y - size * 0.38, size * 0.55, size * 0.25, scene.light)


def pie(scene: Scene) -> None:
    """Return a round one with a rim and a filling."""
    scene.shadow(400, 462, 270, 26)
    scene.ellipse(400, 390, 270, 110, scene.dark)
    scene.ellipse(400, 360, 270, 108, scene.base)
    for step in range(18):
        angle = step / 18
        x = 400 + 252 * _cos(angle)
        y = 360 + 98 * _sin(angle)
        scene.ellipse(x, y, 26, 18, scene.light)
    scene.ellipse(400, 358, 214, 76, scene.dark)
    scene.ellipse(400, 354, 206, 70, mix(scene.base, (214, 120, 60), 0.4))
    scene.crumbs(270, 310, 530, 400, CREAM, 34)


def drops(scene: Scene) -> None:
    """Golden drops standing on their bellies."""
    for x, y, size in ((240, 420, 0.95), (560, 420, 0.95), (400, 400, 1.15)):
        scene.shadow(x, y + 72 * size, 96 * size)
        top = y - 190 * size
        scene.polygon([(x - 72 * size, y - 40 * size), (x, top), (x + 72 * size, y - 40 * size)], scene.dark)
        scene.ellipse(x, y, 96 * size, 80 * size, scene.dark)
        scene.polygon([(x - 66 * size, y - 40 * size), (x, top + 14), (x + 66 * size, y - 40 * size)], scene.base)
        scene.ellipse(x, y - 5, 90 * size, 74 * size, scene.base)
        scene.ellipse(x - 30 * size, y - 20 * size, 24 * size, 40 * size, scene.light)
        scene.crumbs(x - 50 * size, y - 70 * size, x + 60 * size, y + 50 * size, scene.dark, 22)


def cookies(scene: Scene) -> None:
    """Return a stack of biscuits and one beside it."""
    scene.shadow(350, 468, 190, 20)
    for step in range(5):
        y = 440 - step * 46
        scene.ellipse(350 + (step % 2) * 8, y, 165, 46, scene.dark)
        scene.ellipse(350 + (step % 2) * 8, y - 12, 165, 44, scene.base)
    scene.crumbs(230, 215, 470, 262, CREAM, 20)
    scene.shadow(590, 462, 110, 16)
    scene.ellipse(590, 380, 106, 98, scene.dark)
    scene.ellipse(590, 376, 100, 92, scene.base)
    scene.crumbs(530, 320, 650, 430, CREAM, 20)


def _cos(turn: float) -> float:
    return _wave(turn + 0.25)


def _sin(turn: float) -> float:
    return _wave(turn)


def _wave(turn: float) -> float:
    """Bhaskara's sine of a part of a turn: exact enough for a crust, and the same on every machine."""
    part = turn % 1.0
    half, sign = (part * 2, 1) if part < 0.5 else ((part - 0.5) * 2, -1)
    return sign * 16 * half * (1 - half) / (5 - 4 * half * (1 - half))


MOTIFS = {
    "baguette": baguette,
    "balls": balls,
    "cookies": cookies,
    "croissant": croissant,
    "drops": drops,
    "loaf": loaf,
    "pie": pie,
    "rolls": rolls,
}
