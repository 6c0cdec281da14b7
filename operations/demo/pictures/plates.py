"""Motifs served on plates and in cups: cakes, sweets, drinks."""

from operations.demo.pictures.scene import CREAM, INK, WHITE, Scene, mix

PLATE = (246, 246, 244)
RED = (201, 74, 78)


def _plate(scene: Scene, half_width: float = 270) -> None:
    scene.shadow(400, 486, half_width, 20)
    scene.ellipse(400, 468, half_width, 42, mix(PLATE, INK, 0.16))
    scene.ellipse(400, 460, half_width, 40, PLATE)


def cake(scene: Scene) -> None:
    """Return a layered cake with icing that runs."""
    _plate(scene)
    scene.slab(230, 250, 570, 460, scene.base, 26)
    scene.slab(230, 336, 570, 362, CREAM, 4)
    scene.ellipse(400, 252, 170, 46, scene.deep)
    for x, length in ((250, 60), (300, 96), (352, 54), (404, 110), (456, 66), (506, 92), (550, 50)):
        scene.slab(x - 24, 240, x + 24, 250 + length, scene.deep, 24)
    scene.ellipse(400, 244, 170, 42, mix(scene.deep, WHITE, 0.12))
    for x in (320, 400, 480):
        scene.ellipse(x, 222, 24, 24, RED)
        scene.ellipse(x - 7, 214, 7, 6, mix(RED, WHITE, 0.6))


def birthday(scene: Scene) -> None:
    """Return a cake of two storeys with candles."""
    _plate(scene, 290)
    scene.slab(200, 320, 600, 462, scene.base, 24)
    scene.slab(270, 212, 530, 330, scene.light, 22)
    for x in range(216, 600, 48):
        scene.ellipse(x, 326, 26, 20, CREAM)
    for x in range(286, 530, 44):
        scene.ellipse(x, 218, 24, 18, CREAM)
    for x in (320, 360, 400, 440, 480):
        scene.slab(x - 6, 146, x + 6, 208, scene.dark, 4)
        scene.ellipse(x, 132, 9, 16, (255, 190, 70))
        scene.ellipse(x, 136, 4, 8, (255, 240, 180))
    scene.crumbs(220, 360, 580, 446, RED, 26)


def bundt(scene: Scene) -> None:
    """Return a ring cake in folds."""
    _plate(scene)
    for x in (228, 284, 342, 400, 458, 516, 572):
        scene.slab(x - 44, 270, x + 44, 460, scene.dark, 44)
        scene.slab(x - 34, 266, x + 30, 456, scene.base, 36)
    scene.ellipse(400, 282, 206, 62, scene.light)
    scene.ellipse(400, 282, 66, 22, scene.deep)
    for x, length in ((250, 40), (330, 70), (420, 46), (500, 76), (560, 36)):
        scene.slab(x - 16, 290, x + 16, 310 + length, CREAM, 16)


def roll(scene: Scene) -> None:
    """Return a thin cake rolled up."""
    _plate(scene)
    scene.slab(330, 250, 620, 460, scene.dark, 60)
    scene.ellipse(330, 354, 118, 106, CREAM)
    for size in (106, 84, 62, 40, 18):
        scene.arc((330 - size, 354 - size * 0.9, 330 + size, 354 + size * 0.9), 0, 345, scene.base, 11)
    scene.crumbs(440, 262, 600, 330, CREAM, 26)


def slice_(scene: Scene) -> None:
    """Return a slice on its plate."""
    _plate(scene)
    scene.polygon([(210, 320), (560, 250), (600, 330), (600, 450), (210, 450)], scene.dark)
    scene.polygon([(210, 330), (600, 330), (600, 450), (210, 450)], CREAM)
    scene.polygon([(210, 420), (600, 420), (600, 450), (210, 450)], (196, 140, 84))
    scene.polygon([(210, 322), (560, 250), (600, 332)], scene.base)
    scene.polygon([(210, 322), (600, 328), (600, 352), (210, 348)], scene.base)
    for x, y in ((420, 292), (500, 282), (520, 308)):
        scene.ellipse(x, y, 16, 11, scene.light)


def candies(scene: Scene) -> None:
    """Sweets in paper cups, two rows."""
    for x, y in ((270, 330), (400, 330), (530, 330), (205, 440), (335, 440), (465, 440), (595, 440)):
        scene.shadow(x, y + 40, 62, 12)
        scene.polygon([(x - 58, y - 4), (x + 58, y - 4), (x + 42, y + 44), (x - 42, y + 44)], mix(RED, scene.base, 0.3))
        for step in (-36, -12, 12, 36):
            scene.line([(x + step, y), (x + step * 0.75, y + 42)], mix(RED, WHITE, 0.35), 3)
        scene.ellipse(x, y - 14, 56, 52, scene.dark)
        scene.ellipse(x, y - 18, 52, 48, scene.base)
        scene.crumbs(x - 34, y - 52, x + 36, y + 8, scene.deep, 20)
        scene.ellipse(x - 18, y - 38, 12, 8, scene.light)


def donut(scene: Scene) -> None:
    """Two filled doughnuts in sugar."""
    for x, y in ((270, 400), (520, 390)):
        scene.shadow(x, y + 80, 130)
        scene.ellipse(x, y, 136, 92, scene.dark)
        scene.ellipse(x, y - 8, 132, 84, scene.base)
        scene.slab(x - 122, y - 12, x + 122, y + 16, CREAM, 14)
        scene.ellipse(x + 60, y + 4, 34, 22, (250, 214, 110))
        scene.crumbs(x - 96, y - 78, x + 96, y - 18, WHITE, 60)


def flan(scene: Scene) -> None:
    """Return a flan under its caramel."""
    _plate(scene)
    scene.polygon([(260, 260), (540, 260), (600, 456), (200, 456)], scene.base)
    scene.ellipse(400, 456, 200, 30, mix(scene.base, INK, 0.12))
    scene.ellipse(400, 262, 142, 38, scene.dark)
    for x, length in ((276, 80), (330, 120), (400, 86), (466, 130), (522, 70)):
        scene.slab(x - 20, 258, x + 20, 262 + length, scene.dark, 20)
    scene.ellipse(400, 256, 140, 34, mix(scene.dark, WHITE, 0.16))
    scene.ellipse(360, 250, 56, 10, scene.light)


def bars(scene: Scene) -> None:
    """Blocks in a small pile."""
    for x, y in ((290, 430), (510, 430), (400, 320)):
        scene.shadow(x, y + 58, 120, 14)
        scene.slab(x - 100, y - 56, x + 100, y + 56, scene.dark, 14)
        scene.slab(x - 100, y - 62, x + 100, y + 30, scene.base, 14)
        scene.slab(x - 84, y - 52, x + 84, y - 34, scene.light, 9)
        scene.crumbs(x - 84, y - 24, x + 84, y + 22, CREAM, 16)


def cup(scene: Scene) -> None:
    """Return a hot drink."""
    scene.steam(390, 210)
    _plate(scene, 230)
    scene.arc((520, 280, 640, 400), 270, 100, PLATE, 26)
    scene.polygon([(230, 250), (570, 250), (520, 440), (280, 440)], PLATE)
    scene.ellipse(400, 440, 120, 24, mix(PLATE, INK, 0.08))
    scene.ellipse(400, 252, 170, 44, mix(PLATE, INK, 0.1))
    scene.ellipse(400, 254, 152, 36, scene.base)
    scene.ellipse(380, 248, 70, 14, scene.light)


def glass(scene: Scene) -> None:
    """Return a cold drink with a straw."""
    scene.shadow(400, 480, 130, 18)
    scene.line([(450, 90), (420, 300)], RED, 14)
    scene.polygon([(270, 150), (530, 150), (490, 478), (310, 478)], mix(WHITE, scene.pale, 0.5))
    scene.polygon([(280, 220), (520, 220), (484, 466), (316, 466)], scene.base)
    scene.ellipse(400, 222, 120, 24, scene.light)
    for x, y in ((345, 262), (425, 300), (372, 350)):
        scene.slab(x, y, x + 52, y + 48, mix(scene.base, WHITE, 0.55), 10)
    scene.ellipse(530, 170, 62, 62, mix(scene.base, (240, 200, 60), 0.5))
    scene.ellipse(530, 170, 48, 48, CREAM)
    scene.polygon([(290, 180), (310, 180), (326, 440), (318, 440)], WHITE)


MOTIFS = {
    "bars": bars,
    "birthday": birthday,
    "bundt": bundt,
    "cake": cake,
    "candies": candies,
    "cup": cup,
    "donut": donut,
    "flan": flan,
    "glass": glass,
    "roll": roll,
    "slice": slice_,
}
