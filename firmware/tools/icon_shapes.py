"""The icons' shapes, each drawn white on black in a square of `size` pixels; `make_fonts` scales them down."""
# ruff: noqa: PLR0917  (shapes are named by their place)

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL.ImageDraw import ImageDraw

    Shape = Callable[[ImageDraw, float], None]

INK, HOLE = 255, 0


def _line(draw: ImageDraw, size: float, points: Sequence[tuple[float, float]], width: float, fill: int = INK) -> None:
    """A line with round joints and ends; points and width in parts of the square."""
    scaled = [(x * size, y * size) for x, y in points]
    draw.line(scaled, fill=fill, width=round(width * size), joint="curve")
    r = width * size / 2
    for x, y in scaled:
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _box(draw: ImageDraw, size: float, box: tuple[float, float, float, float], radius: float, fill: int = INK) -> None:
    """A filled rounded rectangle."""
    draw.rounded_rectangle([v * size for v in box], radius * size, fill=fill)


def _disc(draw: ImageDraw, size: float, x: float, y: float, radius: float, fill: int = INK) -> None:
    """A filled circle."""
    draw.ellipse([v * size for v in (x - radius, y - radius, x + radius, y + radius)], fill=fill)


def _polygon(draw: ImageDraw, size: float, points: Sequence[tuple[float, float]], fill: int = INK) -> None:
    """A filled polygon."""
    draw.polygon([(x * size, y * size) for x, y in points], fill=fill)


def disc(draw: ImageDraw, size: float) -> None:
    """A full disc, the ground of other icons."""
    _disc(draw, size, 0.5, 0.5, 0.5)


def check(draw: ImageDraw, size: float) -> None:
    """A tick."""
    _line(draw, size, ((0.24, 0.53), (0.43, 0.72), (0.78, 0.31)), 0.12)


def cross(draw: ImageDraw, size: float) -> None:
    """A white octagon with a cross cut out: refused."""
    a, b = 0.29, 0.71
    octagon = ((a, 0), (b, 0), (1, a), (1, b), (b, 1), (a, 1), (0, b), (0, a))
    _polygon(draw, size, octagon)
    _line(draw, size, ((0.32, 0.32), (0.68, 0.68)), 0.12, HOLE)
    _line(draw, size, ((0.68, 0.32), (0.32, 0.68)), 0.12, HOLE)


def cloud_off(draw: ImageDraw, size: float) -> None:
    """A cloud struck through: nobody can be reached."""
    _disc(draw, size, 0.28, 0.58, 0.2)
    _disc(draw, size, 0.5, 0.42, 0.26)
    _disc(draw, size, 0.75, 0.58, 0.19)
    _box(draw, size, (0.24, 0.5, 0.8, 0.78), 0.1)
    _line(draw, size, ((0.13, 0.13), (0.9, 0.9)), 0.2, HOLE)
    _line(draw, size, ((0.13, 0.13), (0.9, 0.9)), 0.08)


def code_unpaid(draw: ImageDraw, size: float) -> None:
    """A screen with a code on it, and a coin crossed out: shown, not paid."""
    _box(draw, size, (0.08, 0.0, 0.66, 1.0), 0.1)
    _box(draw, size, (0.16, 0.12, 0.58, 0.82), 0.02, HOLE)
    for x, y in ((0.2, 0.2), (0.42, 0.2), (0.2, 0.44)):
        _box(draw, size, (x, y, x + 0.13, y + 0.15), 0.01)
    for x, y in ((0.42, 0.44), (0.49, 0.52), (0.2, 0.68), (0.34, 0.66), (0.35, 0.42)):
        _box(draw, size, (x, y, x + 0.06, y + 0.06), 0.0)
    _disc(draw, size, 0.69, 0.7, 0.31, HOLE)
    _disc(draw, size, 0.69, 0.7, 0.27)
    _line(draw, size, ((0.59, 0.6), (0.79, 0.8)), 0.07, HOLE)
    _line(draw, size, ((0.79, 0.6), (0.59, 0.8)), 0.07, HOLE)


def question(draw: ImageDraw, size: float) -> None:
    """A question mark in a disc: unknown."""
    _disc(draw, size, 0.5, 0.5, 0.5)
    draw.arc([v * size for v in (0.3, 0.17, 0.7, 0.57)], 170, 90, fill=HOLE, width=round(0.11 * size))
    _disc(draw, size, 0.357, 0.345, 0.055, HOLE)
    _line(draw, size, ((0.5, 0.515), (0.5, 0.61)), 0.11, HOLE)
    _disc(draw, size, 0.5, 0.79, 0.068, HOLE)


def forbidden(draw: ImageDraw, size: float) -> None:
    """A ring with a bar: stopped by somebody."""
    _disc(draw, size, 0.5, 0.5, 0.5)
    _disc(draw, size, 0.5, 0.5, 0.37, HOLE)
    _line(draw, size, ((0.2, 0.2), (0.8, 0.8)), 0.12)


def undone(draw: ImageDraw, size: float) -> None:
    """An arrow turning back: taken back."""
    draw.arc([v * size for v in (0.14, 0.16, 0.9, 0.92)], 200, 130, fill=INK, width=round(0.13 * size))
    _polygon(draw, size, ((0.0, 0.28), (0.38, 0.46), (0.06, 0.62)))


def warning(draw: ImageDraw, size: float) -> None:
    """A triangle with an exclamation mark."""
    _line(draw, size, ((0.5, 0.13), (0.93, 0.87), (0.07, 0.87), (0.5, 0.13)), 0.12)
    _polygon(draw, size, ((0.5, 0.13), (0.93, 0.87), (0.07, 0.87)))
    _line(draw, size, ((0.5, 0.38), (0.5, 0.6)), 0.1, HOLE)
    _disc(draw, size, 0.5, 0.77, 0.06, HOLE)


def _drawer(draw: ImageDraw, size: float) -> None:
    """A cash drawer, open at the top."""
    _line(draw, size, ((0.07, 0.58), (0.07, 0.93), (0.93, 0.93), (0.93, 0.58)), 0.13)
    _line(draw, size, ((0.07, 0.62), (0.24, 0.62)), 0.1)
    _line(draw, size, ((0.93, 0.62), (0.76, 0.62)), 0.1)


def into_drawer(draw: ImageDraw, size: float) -> None:
    """An arrow down into the drawer: cash in."""
    _drawer(draw, size)
    _box(draw, size, (0.41, 0.0, 0.59, 0.5), 0.03)
    _polygon(draw, size, ((0.24, 0.43), (0.76, 0.43), (0.5, 0.78)))


def out_of_drawer(draw: ImageDraw, size: float) -> None:
    """An arrow up out of the drawer: cash out."""
    _drawer(draw, size)
    _box(draw, size, (0.41, 0.28, 0.59, 0.78), 0.03)
    _polygon(draw, size, ((0.24, 0.36), (0.76, 0.36), (0.5, 0.0)))


def code(draw: ImageDraw, size: float) -> None:
    """The corners of a QR code: a sale."""
    for x, y in ((0.0, 0.0), (0.57, 0.0), (0.0, 0.57)):
        _box(draw, size, (x, y, x + 0.43, y + 0.43), 0.05)
        _box(draw, size, (x + 0.09, y + 0.09, x + 0.34, y + 0.34), 0.02, HOLE)
        _box(draw, size, (x + 0.155, y + 0.155, x + 0.275, y + 0.275), 0.0)
    for x, y in ((0.58, 0.58), (0.86, 0.58), (0.72, 0.72), (0.58, 0.86), (0.86, 0.86)):
        _box(draw, size, (x, y, x + 0.13, y + 0.13), 0.02)


def purse(draw: ImageDraw, size: float) -> None:
    """A wallet: a balance."""
    _box(draw, size, (0.02, 0.18, 0.94, 0.9), 0.12)
    _box(draw, size, (0.1, 0.1, 0.8, 0.3), 0.08)
    _box(draw, size, (0.13, 0.25, 0.82, 0.3), 0.02, HOLE)
    _box(draw, size, (0.56, 0.44, 1.0, 0.68), 0.1, HOLE)
    _box(draw, size, (0.61, 0.48, 1.0, 0.64), 0.07)


def clock(draw: ImageDraw, size: float) -> None:
    """A clock: what happened before."""
    _disc(draw, size, 0.5, 0.5, 0.5)
    _disc(draw, size, 0.5, 0.5, 0.39, HOLE)
    _line(draw, size, ((0.5, 0.24), (0.5, 0.52), (0.69, 0.63)), 0.1)


def person(draw: ImageDraw, size: float) -> None:
    """A head and shoulders: an operator."""
    _disc(draw, size, 0.5, 0.28, 0.24)
    draw.pieslice([v * size for v in (0.06, 0.56, 0.94, 1.44)], 180, 360, fill=INK)


def drawer(draw: ImageDraw, size: float) -> None:
    """A closed cash drawer."""
    _box(draw, size, (0.0, 0.3, 1.0, 0.88), 0.08)
    _line(draw, size, ((0.36, 0.6), (0.64, 0.6)), 0.1, HOLE)
    _box(draw, size, (0.12, 0.1, 0.88, 0.22), 0.04)


def linked(draw: ImageDraw, size: float) -> None:
    """Three bars of signal."""
    for i, height in enumerate((0.34, 0.6, 0.88)):
        x = 0.06 + 0.32 * i
        _box(draw, size, (x, 0.94 - height, x + 0.22, 0.94), 0.04)


def unlinked(draw: ImageDraw, size: float) -> None:
    """A cross: no link."""
    _line(draw, size, ((0.18, 0.2), (0.82, 0.84)), 0.17)
    _line(draw, size, ((0.82, 0.2), (0.18, 0.84)), 0.17)


def upward(draw: ImageDraw, size: float) -> None:
    """An arrow up to a bar: waiting to be sent."""
    _box(draw, size, (0.12, 0.02, 0.88, 0.14), 0.02)
    _box(draw, size, (0.39, 0.5, 0.61, 0.98), 0.02)
    _polygon(draw, size, ((0.1, 0.6), (0.9, 0.6), (0.5, 0.2)))


def _corner(x: float, y: float) -> Shape:
    """A quarter of a disc whose centre is at (x, y) of six pixels of a 16 pixel square."""

    def draw_corner(draw: ImageDraw, size: float) -> None:
        r = 6 / 16
        draw.rectangle((0, 0, size, size), fill=HOLE)
        _disc(draw, size, x * r, y * r, r)
        draw.rectangle((size * r, 0, size, size), fill=HOLE)
        draw.rectangle((0, size * r, size, size), fill=HOLE)

    return draw_corner


#: character of the icon font -> shape. 0 to 3 are the rounded corners, clockwise from the top left.
SMALL: dict[str, Shape] = {
    "0": _corner(1, 1),
    "1": _corner(0, 1),
    "2": _corner(0, 0),
    "3": _corner(1, 0),
    "A": linked,
    "B": unlinked,
    "C": upward,
    "D": check,
    "E": clock,
}
MEDIUM: dict[str, Shape] = {
    "A": code,
    "B": into_drawer,
    "C": out_of_drawer,
    "D": purse,
    "E": clock,
    "F": person,
    "G": drawer,
    "H": disc,
}
LARGE: dict[str, Shape] = {
    "A": disc,
    "B": check,
    "C": cross,
    "D": cloud_off,
    "E": code_unpaid,
    "F": question,
    "G": forbidden,
    "H": undone,
    "I": warning,
    "J": into_drawer,
    "K": out_of_drawer,
}
