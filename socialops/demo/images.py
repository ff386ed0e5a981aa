"""Abstract illustrations in the brands' colours, drawn when the demo is loaded: nothing binary is kept in the project."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from socialops.demo.content import typeset

WIDTH, HEIGHT = 960, 720
_FINE: Final = 2  # drawn this much larger, so that edges come out smooth

PALETTES: Final[dict[str, tuple[str, ...]]] = {
    "maison-lumiere": ("#f6ead8", "#e9b872", "#b4682a", "#6b3f1d", "#fff8ec"),
    "velo-citadin": ("#e3efe6", "#8fc3a3", "#2f7d5b", "#16433a", "#f4d35e"),
    "cafe-riviera": ("#f5e4dc", "#d99b82", "#8a3b46", "#3d1c22", "#f2c14e"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """`alt_en` where English posts show it too."""

    motif: str
    alt: str
    alt_en: str = ""


PICTURES: Final[dict[str, dict[str, Picture]]] = {
    "maison-lumiere": {
        "lampe": Picture("lamp", typeset("Illustration : le cône de lumière d’une lampe tombe sur une table sombre.")),
        "atelier": Picture("waves", typeset("Illustration : des arceaux de rotin couleur miel se croisent en vagues.")),
        "vase": Picture("rounds", typeset("Illustration : trois galets de grès posés l’un contre l’autre.")),
        "salon": Picture("blocks", typeset("Illustration : des volumes ocre et bruns percés de petites lumières.")),
        "aurore": Picture(
            "sun", typeset("Illustration : un soleil couleur miel se lève derrière des collines brunes.")
        ),
        "textile": Picture("stripes", typeset("Illustration : les plis réguliers d’un tissu, du crème au brun.")),
    },
    "velo-citadin": {
        "ville": Picture(
            "blocks",
            typeset("Illustration : des immeubles verts et une rue claire vus en aplats."),
            "Illustration: green buildings and a light street, in flat shapes.",
        ),
        "atelier": Picture(
            "waves",
            typeset("Illustration : des câbles verts tendus en courbes parallèles."),
            "Illustration: green cables in parallel curves.",
        ),
        "velo": Picture(
            "wheels",
            typeset("Illustration : deux roues de vélo et leurs rayons sur un fond vert pâle."),
            "Illustration: two bicycle wheels and their spokes on pale green.",
        ),
        "pluie": Picture("rain", typeset("Illustration : une pluie fine en traits obliques sur un fond vert sapin.")),
        "famille": Picture(
            "rounds",
            typeset("Illustration : trois ronds de tailles différentes qui avancent ensemble."),
            "Illustration: three circles of different sizes moving along together.",
        ),
        "garage": Picture(
            "stripes", typeset("Illustration : des vélos rangés côte à côte, réduits à des lignes vertes.")
        ),
    },
    "cafe-riviera": {
        "tasse": Picture("cup", typeset("Illustration : une tasse de café vue du dessus, cercles crème et bordeaux.")),
        "espresso": Picture("lamp", typeset("Illustration : un filet de café qui s’élargit vers une tasse bordeaux.")),
        "douceur": Picture("rounds", typeset("Illustration : trois pâtisseries rondes et dorées.")),
        "grains": Picture("dots", typeset("Illustration : des grains de café dispersés sur un fond rose pâle.")),
        "terrasse": Picture(
            "sun", typeset("Illustration : un soleil jaune au-dessus de la mer et des toits bordeaux.")
        ),
        "origine": Picture("hills", typeset("Illustration : des collines plantées de caféiers sous un ciel clair.")),
    },
}

Canvas = ImageDraw.ImageDraw


def draw(brand: str, name: str) -> bytes:
    """JPEG, always the same for the same names."""
    palette = PALETTES[brand]
    dice = random.Random(f"{brand}/{name}")  # noqa: S311 -- repeatable on purpose
    image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), palette[0])
    _MOTIFS[PICTURES[brand][name].motif](ImageDraw.Draw(image), palette, dice)
    image = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).filter(ImageFilter.SMOOTH)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def document(brand: str) -> bytes:
    """A PDF of some pages: the brand's pictures."""
    pages = [Image.open(io.BytesIO(draw(brand, name))) for name in list(PICTURES[brand])[:4]]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def _round(
    canvas: Canvas, x: float, y: float, radius: float, fill: str | None, *, edge: str = "", width: int = 0
) -> None:
    box = [(x - radius) * _FINE, (y - radius) * _FINE, (x + radius) * _FINE, (y + radius) * _FINE]
    canvas.ellipse(box, fill=fill, outline=edge or None, width=width * _FINE)


def _shape(canvas: Canvas, points: list[tuple[float, float]], fill: str) -> None:
    canvas.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=fill)


def _line(canvas: Canvas, points: list[tuple[float, float]], fill: str, width: int) -> None:
    canvas.line([(x * _FINE, y * _FINE) for x, y in points], fill=fill, width=width * _FINE, joint="curve")


def _ridge(canvas: Canvas, dice: random.Random, level: float, fill: str) -> None:
    """A hilly horizon filled down to the ground."""
    bumps = [(dice.uniform(0.6, 1.6), dice.uniform(0, 6.3), dice.uniform(18, 46)) for _ in range(3)]
    tops = [(float(x), level - sum(_wave(x, *bump) for bump in bumps)) for x in range(0, WIDTH + 20, 20)]
    _shape(canvas, [(0, HEIGHT), *tops, (WIDTH, HEIGHT)], fill)


def _wave(x: float, turns: float, phase: float, height: float) -> float:
    # A parabola a half turn is close enough to a sine, and needs no table.
    place = (x / WIDTH * turns + phase) % 2
    side = 1 if place < 1 else -1
    within = place % 1
    return side * height * 4 * within * (1 - within)


def _sun(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    for radius, fill in ((250, palette[4]), (190, palette[1])):
        _round(canvas, WIDTH * 0.62, 330, radius, fill)
    for level, fill in ((470, palette[2]), (560, palette[3])):
        _ridge(canvas, dice, level, fill)


def _hills(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    _round(canvas, 220, 190, 80, palette[4])
    for level, fill in ((330, palette[1]), (450, palette[2]), (580, palette[3])):
        _ridge(canvas, dice, level, fill)


def _lamp(canvas: Canvas, palette: tuple[str, ...], _dice: random.Random) -> None:
    _shape(canvas, [(430, 210), (530, 210), (800, 610), (160, 610)], palette[4])
    _shape(canvas, [(445, 210), (515, 210), (690, 610), (270, 610)], palette[1])
    _shape(canvas, [(400, 140), (560, 140), (620, 260), (340, 260)], palette[2])
    _line(canvas, [(480, 0), (480, 140)], palette[3], 6)
    _shape(canvas, [(0, 610), (WIDTH, 610), (WIDTH, HEIGHT), (0, HEIGHT)], palette[3])


def _waves(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    for row in range(16):
        phase, turns = dice.uniform(0, 2), dice.uniform(1.4, 2.6)
        points = [(float(x), 30.0 + row * 46 + _wave(x, turns, phase, 34)) for x in range(-20, WIDTH + 40, 12)]
        _line(canvas, points, palette[1 + row % 3], 7 + 3 * (row % 4))


def _rounds(canvas: Canvas, palette: tuple[str, ...], _dice: random.Random) -> None:
    _shape(canvas, [(0, 560), (WIDTH, 560), (WIDTH, HEIGHT), (0, HEIGHT)], palette[3])
    for x, radius, fill in ((300, 190, palette[2]), (560, 140, palette[1]), (740, 90, palette[4])):
        _round(canvas, x, 575 - radius, radius, fill)


def _blocks(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    x = 0.0
    while x < WIDTH:
        width, top = dice.uniform(70, 170), dice.uniform(150, 470)
        fill = palette[1 + dice.randrange(3)]
        _shape(canvas, [(x, top), (x + width, top), (x + width, 620), (x, 620)], fill)
        for y in range(int(top) + 34, 590, 62):
            _round(canvas, x + width / 2, y, 11, palette[4] if dice.random() < 0.6 else palette[0])
        x += width
    _shape(canvas, [(0, 620), (WIDTH, 620), (WIDTH, HEIGHT), (0, HEIGHT)], palette[3])


def _stripes(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    x = -40.0
    while x < WIDTH:
        width = dice.uniform(18, 44)
        fill = palette[dice.choice((1, 1, 2, 3, 4))]
        _shape(canvas, [(x, 0), (x + width, 0), (x + width + 60, HEIGHT), (x + 60, HEIGHT)], fill)
        x += width + dice.uniform(10, 22)


def _wheels(canvas: Canvas, palette: tuple[str, ...], _dice: random.Random) -> None:
    for x in (270, 690):
        for step in range(12):
            turn = step / 12
            # Twelve spokes on the square around the hub, then the rim over their ends.
            edge = (turn * 4) % 1
            ends = [(-1 + 2 * edge, -1), (1, -1 + 2 * edge), (1 - 2 * edge, 1), (-1, 1 - 2 * edge)]
            dx, dy = ends[int(turn * 4)]
            length = (dx * dx + dy * dy) ** 0.5
            _line(canvas, [(x, 430), (x + dx / length * 168, 430 + dy / length * 168)], palette[1], 4)
        _round(canvas, x, 430, 178, None, edge=palette[3], width=16)
        _round(canvas, x, 430, 22, palette[2])
    _line(canvas, [(270, 430), (410, 200), (620, 200), (480, 430), (270, 430)], palette[2], 16)
    _line(canvas, [(480, 430), (410, 200), (380, 165)], palette[2], 16)
    _line(canvas, [(690, 430), (620, 200), (600, 140), (670, 120)], palette[2], 16)


def _rain(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    _shape(canvas, [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], palette[3])
    for _ in range(150):
        x, y, length = dice.uniform(0, WIDTH + 60), dice.uniform(-40, HEIGHT), dice.uniform(24, 70)
        _line(canvas, [(x, y), (x - length * 0.4, y + length)], palette[dice.choice((0, 1, 1, 2))], 4)


def _cup(canvas: Canvas, palette: tuple[str, ...], _dice: random.Random) -> None:
    _round(canvas, 700, 360, 110, None, edge=palette[4], width=34)
    for radius, fill in ((320, palette[1]), (250, palette[4]), (210, palette[2]), (205, palette[3])):
        _round(canvas, 440, 360, radius, fill)
    for radius in (150, 100, 52):
        _round(canvas, 440, 360, radius, None, edge=palette[1], width=12)


def _dots(canvas: Canvas, palette: tuple[str, ...], dice: random.Random) -> None:
    for row in range(7):
        for column in range(9):
            x, y = 60 + column * 108 + dice.uniform(-26, 26), 60 + row * 102 + dice.uniform(-24, 24)
            radius = dice.uniform(22, 40)
            _round(canvas, x, y, radius, palette[dice.choice((2, 2, 3))])
            _line(canvas, [(x - radius * 0.5, y - radius * 0.5), (x + radius * 0.5, y + radius * 0.5)], palette[0], 5)


_MOTIFS: Final[dict[str, Callable[[Canvas, tuple[str, ...], random.Random], None]]] = {
    "sun": _sun,
    "hills": _hills,
    "lamp": _lamp,
    "waves": _waves,
    "rounds": _rounds,
    "blocks": _blocks,
    "stripes": _stripes,
    "wheels": _wheels,
    "rain": _rain,
    "cup": _cup,
    "dots": _dots,
}
