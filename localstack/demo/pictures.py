"""Drawings of defects that look like photographs, small JPEGs, the same for the same number.

A drawing is blurred, gets noise, and is lit from one side, like a picture of a phone.
"""

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
GREY = 128
Colour = tuple[int, int, int]
Drawing = Callable[[Image.Image, Random], None]


def draw(name: str, number: int) -> bytes:
    """Return the picture of a defect as JPEG."""
    chance = Random(f"{name} {number}")
    drawing, ground = DRAWINGS[name]
    image = _plaster(ground, chance)
    drawing(image, chance)
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    image = ImageChops.add(image, _grain(chance), 1, -GREY)
    image = ImageChops.multiply(image, _light(chance))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=62)
    return kept.getvalue()


def _plaster(ground: Colour, chance: Random) -> Image.Image:
    """Return a surface of one colour with soft variations."""
    small = Image.new("RGB", (16, 12))
    for x in range(16):
        for y in range(12):
            shade = chance.randint(-9, 9)
            small.putpixel((x, y), (ground[0] + shade, ground[1] + shade, ground[2] + shade))
    return small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def _grain(chance: Random) -> Image.Image:
    """Return the noise of a small sensor, around grey."""
    noise = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), chance.randbytes(WIDTH * HEIGHT // 4))
    noise = noise.point(lambda value: GREY - 12 + value * 24 // 255)
    return noise.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR).convert("RGB")


def _light(chance: Random) -> Image.Image:
    """Return light from one side, as a mask to multiply by."""
    light = Image.linear_gradient("L").point(lambda value: 255 - value // 4)
    return light.rotate(chance.choice((0, 90, 180, 270))).resize((WIDTH, HEIGHT)).convert("RGB")


def _walk(
    chance: Random, start: tuple[float, float], angle: float, steps: int, swing: float
) -> list[tuple[float, float]]:
    """Draw a crack: a line of random direction."""
    points, (x, y) = [start], start
    for _ in range(steps):
        angle += chance.uniform(-swing, swing)
        length = chance.uniform(8, 20)
        x, y = x + math.cos(angle) * length, y + math.sin(angle) * length
        points.append((x, y))
    return points


def _crack(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    trunk = _walk(chance, (chance.uniform(180, 420), -10), 1.5 + chance.uniform(-0.3, 0.3), 42, 0.35)
    for index, (begin, end) in enumerate(zip(trunk, trunk[1:], strict=False)):
        wide = max(1, round(5 - index / 9 + chance.uniform(-1, 1)))
        pen.line([(begin[0] + 2, begin[1] + 2), (end[0] + 2, end[1] + 2)], (222, 218, 208), wide)
        pen.line([begin, end], (52, 48, 44), wide)
        if chance.random() < 0.14:
            pen.line(_walk(chance, end, chance.uniform(0, 3.1), 7, 0.5), (84, 78, 72), 1)


def _stain(
    image: Image.Image, chance: Random, colour: Colour, middle: tuple[int, int], size: int, rings: int = 1
) -> None:
    """Draw a stain with a soft, darker edge."""
    for ring in range(rings):
        radius = size * (1 - ring * 0.22)
        mask = Image.new("L", image.size)
        outline = []
        for degree in range(0, 360, 12):
            reach = radius * chance.uniform(0.8, 1.12)
            at = math.radians(degree)
            outline.append((middle[0] + math.cos(at) * reach * 1.3, middle[1] + math.sin(at) * reach))
        ImageDraw.Draw(mask).polygon(outline, fill=95 + 30 * ring)
        image.paste(Image.new("RGB", image.size, colour), mask=mask.filter(ImageFilter.GaussianBlur(7)))


def _leak(image: Image.Image, chance: Random) -> None:
    middle = (chance.randint(220, 420), chance.randint(140, 230))
    _stain(image, chance, (166, 128, 70), middle, chance.randint(110, 150), rings=3)
    pen = ImageDraw.Draw(image)
    for _ in range(7):
        x, y = middle[0] + chance.randint(-120, 120), middle[1] + chance.randint(40, 90)
        pen.line([(x, y), (x + chance.randint(-3, 3), y + chance.randint(60, 190))], (150, 122, 84), 2)


def _mould(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    pen.line([(320, 0), (320, 300), (0, 420)], (172, 168, 158), 3)
    pen.line([(320, 300), (WIDTH, 430)], (172, 168, 158), 3)
    for _ in range(420):
        x, y = chance.gauss(320, 95), chance.gauss(290, 75)
        size, dark = chance.uniform(1, 7), chance.randint(34, 92)
        pen.ellipse([x, y, x + size, y + size], (dark, dark + 8, dark - 6))


def _tiles(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    broken = (chance.randint(1, 3), chance.randint(1, 2))
    for column in range(5):
        for row in range(4):
            shade = chance.randint(-6, 6)
            box = [column * 132 - 8, row * 132 - 12, column * 132 + 118, row * 132 + 114]
            gone = (column, row) == broken
            pen.rectangle(box, (118, 108, 98) if gone else (206 + shade, 216 + shade, 220 + shade))
            if gone:
                for _ in range(60):
                    x, y = chance.uniform(box[0], box[2]), chance.uniform(box[1], box[3])
                    pen.line([(x, y), (x + 18, y + chance.uniform(-3, 3))], (142, 132, 120), 2)
    corner = (broken[0] * 132 + 150.0, broken[1] * 132 - 10.0)
    pen.line(_walk(chance, corner, 1.2, 12, 0.4), (96, 96, 96), 2)


def _socket(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle([210, 130, 430, 350], 22, (242, 242, 238), (190, 190, 186), 3)
    pen.ellipse([245, 165, 395, 315], (228, 228, 224), (186, 186, 182), 3)
    for x in (285, 341):
        pen.ellipse([x, 228, x + 16, 244], (36, 36, 36))
    for colour in ((150, 60, 40), (40, 80, 150), (190, 170, 40)):
        pen.line(_walk(chance, (chance.uniform(270, 370), 346), 1.6, 9, 0.5), colour, 5)
    _stain(image, chance, (70, 60, 50), (320, 180), 38)


def _window(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    pen.rectangle([90, 40, 550, 470], (236, 238, 238), (168, 172, 174), 4)
    for left in (116, 330):
        pen.rectangle([left, 66, left + 194, 446], (148, 178, 204))
        pen.polygon([(left, 446), (left, 330), (left + 194, 250), (left + 194, 446)], (122, 142, 128))
    for _ in range(9):
        x, y = chance.uniform(140, 480), chance.uniform(110, 380)
        pen.line(_walk(chance, (x, y), chance.uniform(0, 0.6), 5, 0.1), (232, 238, 242), 1)
    pen.rounded_rectangle([306, 240, 320, 310], 6, (120, 120, 120))


def _steps(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    for step in range(5):
        top = 60 + step * 92
        pen.rectangle([0, top, WIDTH, top + 46], (166, 164, 158))
        pen.rectangle([0, top + 46, WIDTH, top + 92], (120, 118, 114))
    x = chance.randint(180, 420)
    chip = sorted((x + chance.uniform(-70, 70), 244 + chance.uniform(-26, 34)) for _ in range(9))
    pen.polygon(chip, (92, 84, 76))
    for _ in range(40):
        spot = (x + chance.gauss(0, 70), 300 + chance.gauss(0, 14))
        pen.ellipse([*spot, spot[0] + 5, spot[1] + 4], (148, 140, 130))


def _floor(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    for y in (120, 300):
        pen.line([(0, y + chance.randint(-6, 6)), (WIDTH, y + chance.randint(-6, 6))], (122, 120, 116), 3)
    _stain(image, chance, (104, 102, 98), (chance.randint(200, 440), 250), 90, rings=2)
    pen.rectangle([60, 372, 600, 398], (196, 176, 40), (120, 106, 20), 2)
    pen.rounded_rectangle([300, 376, 360, 394], 8, (150, 214, 90))
    pen.ellipse([338, 379, 352, 391], (226, 246, 190))


def _rust(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    for x in range(60, WIDTH, 150):
        pen.rectangle([x, 0, x + 34, HEIGHT], (96, 104, 112))
        pen.line([(x + 8, 0), (x + 8, HEIGHT)], (150, 158, 166), 4)
    pen.rectangle([0, 90, WIDTH, 132], (84, 92, 100))
    for _ in range(26):
        colour = (chance.randint(120, 164), chance.randint(62, 88), chance.randint(26, 44))
        _spot(
            pen, chance, (chance.choice(range(60, WIDTH, 150)) + chance.uniform(0, 34), chance.uniform(90, 420)), colour
        )


def _spot(pen: ImageDraw.ImageDraw, chance: Random, at: tuple[float, float], colour: Colour) -> None:
    for _ in range(14):
        x, y, size = chance.gauss(at[0], 9), chance.gauss(at[1], 16), chance.uniform(3, 11)
        pen.ellipse([x, y, x + size, y + size * 1.4], colour)


def _bolts(image: Image.Image, chance: Random) -> None:
    pen = ImageDraw.Draw(image)
    pen.rectangle([80, 60, 560, 420], (112, 118, 126), (78, 84, 92), 5)
    for column in range(4):
        for row in range(3):
            x, y, turn = 140 + column * 120, 120 + row * 120, chance.uniform(0, 1)
            pen.ellipse([x - 42, y - 42, x + 42, y + 42], (138, 144, 150), (90, 96, 102), 2)
            corners = [math.radians(60 * side) + turn for side in range(6)]
            pen.polygon(
                [(x + 30 * math.cos(at), y + 30 * math.sin(at)) for at in corners], (172, 176, 180), (84, 88, 92)
            )
    pen.line([(500, 90), (530, 390)], (206, 60, 44), 4)


DRAWINGS: dict[str, tuple[Drawing, Colour]] = {
    "crack": (_crack, (188, 184, 174)),
    "leak": (_leak, (226, 224, 216)),
    "mould": (_mould, (212, 210, 198)),
    "tile": (_tiles, (168, 164, 158)),
    "socket": (_socket, (206, 200, 184)),
    "window": (_window, (198, 192, 182)),
    "step": (_steps, (132, 130, 126)),
    "floor": (_floor, (158, 156, 150)),
    "rust": (_rust, (170, 176, 182)),
    "bolts": (_bolts, (90, 96, 104)),
}
