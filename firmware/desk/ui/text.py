"""Fitting text into boxes: widths, ellipses, line breaks, and amounts made readable."""

from desk.ui import fonts
from deskwire.money import format_minor

GROUP_SPACE = "\u2009"  # between thousands, where a comma or a point could be taken for the decimal one
ELLIPSIS = "\u2026"


def money(amount_minor, currency):
    """1250000, "AZN" -> "12 500.00", with thin spaces."""
    text = format_minor(amount_minor, currency)
    sign = ""
    if text[0] == "-":
        sign, text = "-", text[1:]
    whole, point, part = text.partition(".")
    groups = []
    while len(whole) > 3:
        groups.append(whole[-3:])
        whole = whole[:-3]
    groups.append(whole)
    groups.reverse()
    return sign + GROUP_SPACE.join(groups) + point + part


def seconds(count):
    """75 -> "1:15"; from 100 minutes on in hours."""
    count = max(count, 0)
    if count >= 6000:
        return age(count)
    return "%d:%02d" % (count // 60, count % 60)


def age(count):
    """A waiting time in the largest fitting unit: "40 s", "12 min", "3 h"."""
    if count < 60:
        return "%d s" % max(count, 0)
    if count < 3600:
        return "%d min" % (count // 60)
    return "%d h" % min(count // 3600, 999)


def one_line(text):
    """The text with every control character as a space."""
    return "".join(character if character >= " " else " " for character in text)


def fit(font_number, text, width):
    """The text, or its longest start with an ellipsis, that is no wider than `width`."""
    font = fonts.get(font_number)
    text = one_line(text)
    if font.width(text) <= width:
        return text
    room = width - font.advance(ELLIPSIS)
    used = 0
    for i in range(len(text)):
        used += font.advance(text[i])
        if used > room:
            return text[:i].rstrip() + ELLIPSIS
    return text


def largest(font_numbers, text, width):
    """The first of the fonts in which the text is no wider than `width`; else the last."""
    for number in font_numbers:
        if fonts.get(number).width(text) <= width:
            return number
    return font_numbers[-1]


def wrap(font_number, text, width, most_lines):
    """The text in lines no wider than `width`, broken at spaces; the last is cut with an ellipsis where it must be."""
    font = fonts.get(font_number)
    lines: list[str] = []
    line = ""
    words = one_line(text).split()
    for i in range(len(words)):
        longer = line + " " + words[i] if line else words[i]
        if font.width(longer) <= width:
            line = longer
            continue
        if len(lines) == most_lines - 1:
            rest = " ".join(words[i:])
            return lines + [fit(font_number, line + " " + rest if line else rest, width)]
        if line:
            lines.append(line)
        line = words[i]
        if font.width(line) > width:
            line = fit(font_number, line, width)
    if line:
        lines.append(line)
    return lines[:most_lines]
