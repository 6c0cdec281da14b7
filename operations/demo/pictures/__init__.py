"""Pictures of the demonstration goods: small flat drawings, the same on every machine.

No font and no photograph is needed. A picture is drawn at twice its size and shrunk, which is all the
smoothing it gets.
"""

from io import BytesIO

from operations.demo.content import DemoProduct
from operations.demo.pictures import bakes, plates, shelf
from operations.demo.pictures.scene import Scene

WIDTH, HEIGHT = 800, 600
QUALITY = 82

MOTIFS = {**bakes.MOTIFS, **plates.MOTIFS, **shelf.MOTIFS}


def draw(*, product: DemoProduct) -> bytes:
    """Return the product's picture as WebP, WIDTH x HEIGHT, some ten kilobytes."""
    scene = Scene(width=WIDTH, height=HEIGHT, colour=product.colour, seed=product.slug)
    MOTIFS[product.motif](scene)
    target = BytesIO()
    scene.finished().save(target, "WEBP", quality=QUALITY, method=1)
    return target.getvalue()
