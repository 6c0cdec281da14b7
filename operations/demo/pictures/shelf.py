"""Motifs from the shelf: bags, baskets, boxes, and everything of the barbershop."""

from operations.demo.pictures.scene import CREAM, INK, WHITE, Scene, mix

STEEL = (176, 184, 190)
RED = (192, 70, 66)


def bag(scene: Scene) -> None:
    """Return a paper bag with a label."""
    scene.shadow(400, 482, 180, 20)
    scene.polygon([(260, 170), (540, 170), (560, 480), (240, 480)], scene.base)
    scene.polygon([(260, 170), (540, 170), (530, 120), (270, 120)], scene.dark)
    scene.polygon([(480, 170), (540, 170), (560, 480), (500, 480)], scene.dark)
    scene.slab(300, 260, 470, 400, CREAM, 14)
    for x, y in ((350, 320), (415, 340)):
        scene.ellipse(x, y, 28, 38, scene.deep)
        scene.arc((x - 18, y - 34, x + 6, y + 34), 280, 80, CREAM, 5)


def basket(scene: Scene) -> None:
    """Return a basket with bread in it."""
    scene.shadow(400, 484, 260, 22)
    scene.arc((220, 80, 580, 520), 180, 360, scene.deep, 24)
    for x, y in ((290, 300), (400, 270), (510, 300)):
        scene.ellipse(x, y, 84, 58, (184, 118, 62))
        scene.ellipse(x, y - 6, 80, 52, (222, 164, 96))
        scene.line([(x - 44, y - 8), (x, y - 26), (x + 44, y - 12)], CREAM, 10)
    scene.polygon([(180, 310), (620, 310), (570, 480), (230, 480)], scene.base)
    for row in range(4):
        y = 324 + row * 40
        for step in range(9):
            x = 214 + step * 44 + (22 if row % 2 else 0) + row * 4
            scene.slab(x, y, x + 36, y + 24, scene.light if (row + step) % 2 else scene.dark, 10)
    scene.slab(168, 296, 632, 326, scene.dark, 15)
    scene.polygon([(400, 312), (340, 276), (340, 348)], RED)
    scene.polygon([(400, 312), (460, 276), (460, 348)], RED)
    scene.ellipse(400, 312, 18, 18, mix(RED, INK, 0.25))


def box(scene: Scene) -> None:
    """Return a present with a ribbon."""
    scene.shadow(400, 484, 220, 20)
    scene.slab(210, 260, 590, 480, scene.base, 12)
    scene.slab(190, 210, 610, 284, scene.dark, 12)
    scene.slab(372, 210, 428, 480, CREAM, 2)
    scene.slab(210, 360, 590, 400, CREAM, 2)
    for x in (330, 470):
        scene.ellipse(x, 170, 66, 42, CREAM)
        scene.ellipse(x, 170, 40, 22, scene.base)
    scene.ellipse(400, 192, 28, 24, mix(CREAM, INK, 0.1))


def tin(scene: Scene) -> None:
    """Return a flat tin, its lid leaning on it."""
    scene.shadow(340, 470, 220, 20)
    scene.ellipse(340, 420, 200, 52, mix(scene.base, INK, 0.5))
    scene.slab(140, 350, 540, 420, scene.dark, 4)
    scene.ellipse(340, 350, 200, 54, STEEL)
    scene.ellipse(340, 348, 182, 46, scene.light)
    scene.ellipse(310, 338, 90, 16, mix(scene.light, WHITE, 0.5))
    scene.ellipse(540, 310, 146, 152, scene.dark)
    scene.ellipse(532, 306, 142, 148, scene.base)
    scene.ellipse(532, 306, 108, 112, CREAM)
    scene.line([(490, 330), (532, 300), (574, 330)], scene.deep, 16)
    scene.line([(490, 300), (532, 270), (574, 300)], scene.dark, 8)


def shaker(scene: Scene) -> None:
    """Return a small bottle for powder."""
    scene.shadow(400, 482, 120, 18)
    scene.slab(300, 240, 500, 480, scene.base, 30)
    scene.slab(320, 150, 480, 252, STEEL, 24)
    for x in (360, 400, 440):
        scene.ellipse(x, 176, 9, 7, INK)
    scene.slab(300, 310, 500, 410, CREAM, 4)
    scene.line([(340, 360), (460, 360)], scene.dark, 12)
    scene.crumbs(520, 380, 640, 470, mix(WHITE, scene.pale, 0.3), 50)


def bottle(scene: Scene) -> None:
    """Return a bottle with a pump, and a smaller one behind."""
    scene.shadow(420, 484, 210, 20)
    scene.slab(500, 280, 610, 480, scene.light, 26)
    scene.slab(530, 236, 580, 290, scene.deep, 8)
    scene.slab(280, 210, 480, 482, scene.base, 40)
    scene.slab(300, 224, 326, 470, mix(scene.base, WHITE, 0.35), 13)
    scene.slab(350, 150, 410, 220, scene.deep, 8)
    scene.slab(366, 104, 394, 160, STEEL, 6)
    scene.slab(300, 92, 410, 118, scene.deep, 12)
    scene.slab(280, 300, 480, 420, CREAM, 4)
    scene.ellipse(380, 340, 26, 26, scene.base)
    scene.line([(330, 390), (430, 390)], scene.dark, 9)


def dropper(scene: Scene) -> None:
    """Return a vial with a pipette."""
    scene.shadow(400, 484, 130, 18)
    scene.slab(300, 260, 500, 482, scene.base, 34)
    scene.slab(318, 274, 342, 470, scene.light, 12)
    scene.slab(352, 200, 448, 270, INK, 10)
    scene.slab(370, 110, 430, 208, mix(INK, WHITE, 0.2), 28)
    scene.slab(300, 330, 500, 430, CREAM, 4)
    scene.polygon([(400, 346), (376, 388), (424, 388)], scene.base)
    scene.ellipse(400, 392, 25, 22, scene.base)
    for x, y in ((580, 440), (620, 458)):
        scene.ellipse(x, y, 20, 13, scene.light)


def comb(scene: Scene) -> None:
    """Return a wooden comb."""
    scene.shadow(400, 452, 280, 18)
    scene.slab(130, 230, 670, 320, scene.dark, 36)
    scene.slab(130, 222, 670, 308, scene.base, 36)
    for step in range(20):
        x = 160 + step * 25
        scene.slab(x, 290, x + 14, 440, scene.base, 7)
    scene.line([(170, 250), (630, 250)], scene.light, 10)


def brush(scene: Scene) -> None:
    """Return a beard brush on its back."""
    scene.shadow(400, 480, 250, 20)
    for step in range(32):
        x = 172 + step * 15
        scene.line([(x, 360), (x + scene.chance.uniform(-6, 6), 220)], mix(INK, scene.base, 0.3), 7)
    scene.slab(140, 350, 670, 480, scene.dark, 60)
    scene.slab(140, 340, 670, 456, scene.base, 56)
    scene.line([(200, 376), (610, 376)], scene.light, 12)


def razor(scene: Scene) -> None:
    """Return an open razor."""
    scene.shadow(400, 470, 270, 16)
    scene.polygon([(180, 190), (520, 280), (500, 350), (150, 270)], STEEL)
    scene.polygon([(150, 270), (500, 350), (496, 364), (146, 286)], mix(STEEL, WHITE, 0.6))
    scene.line([(512, 318), (650, 420)], scene.dark, 58)
    scene.line([(512, 312), (648, 412)], scene.base, 46)
    scene.line([(300, 440), (560, 372)], scene.deep, 40)
    scene.ellipse(520, 318, 20, 20, mix(STEEL, INK, 0.3))
    scene.ellipse(520, 318, 8, 8, WHITE)


def scissors(scene: Scene) -> None:
    """Scissors and the barber's pole."""
    scene.slab(600, 120, 680, 470, WHITE, 20)
    for step in range(7):
        y = 150 + step * 48
        colour = RED if step % 2 else (58, 92, 140)
        scene.polygon([(604, y + 22), (676, y - 14), (676, y + 10), (604, y + 46)], colour)
    scene.slab(590, 96, 690, 134, scene.deep, 16)
    scene.slab(590, 456, 690, 492, scene.deep, 16)
    scene.polygon([(150, 130), (186, 122), (360, 330), (330, 350)], STEEL)
    scene.polygon([(470, 122), (506, 130), (330, 350), (300, 330)], mix(STEEL, INK, 0.14))
    for x in (228, 428):
        scene.ellipse(x, 418, 72, 66, scene.base)
        scene.ellipse(x, 418, 44, 40, scene.pale)
    scene.line([(300, 350), (258, 372)], scene.base, 26)
    scene.line([(356, 350), (398, 372)], scene.base, 26)
    scene.ellipse(328, 338, 14, 14, INK)


def towel(scene: Scene) -> None:
    """Draw rolled towels in a pile."""
    for x, y in ((270, 420), (530, 420), (400, 310)):
        scene.shadow(x, y + 62, 120, 14)
        scene.slab(x - 118, y - 58, x + 118, y + 62, scene.base, 50)
        scene.ellipse(x - 74, y + 2, 48, 58, scene.dark)
        for size in (40, 26, 12):
            box_ = (x - 74 - size, y + 2 - size * 1.2, x - 74 + size, y + 2 + size * 1.2)
            scene.arc(box_, 0, 340, scene.light, 7)
        scene.slab(x + 20, y - 56, x + 44, y + 60, CREAM, 2)


MOTIFS = {
    "bag": bag,
    "basket": basket,
    "bottle": bottle,
    "box": box,
    "brush": brush,
    "comb": comb,
    "dropper": dropper,
    "razor": razor,
    "scissors": scissors,
    "shaker": shaker,
    "tin": tin,
    "towel": towel,
}
