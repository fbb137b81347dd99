"""One picture of the telling screens that the stories saved: a contact sheet with a caption under each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from simulators.terminal.screen import HEIGHT, WIDTH

if TYPE_CHECKING:
    from pathlib import Path

NAME = "sheet.png"
#: The saved screens, by file name, and what each tells.
SCREENS = {
    "menu": "The menu",
    "sale-qr": "A sale, to be scanned",
    "paid": "Paid",
    "cash-in-confirm": "Cash in: take the money",
    "cash-out-pin": "Cash out: the customer's PIN",
    "cash-out-confirm": "Cash out: pay the money",
    "pin-wrong": "Refused",
    "unreachable": "Unreachable, nothing done",
    "cash-in-queued": "Taken while offline: kept",
    "cash-out-unknown": "Not known: do not pay yet",
    "cash-question": "After a power cut",
    "recent-paid": "Was it paid?",
}
_COLUMNS = 6
_GAP = 16
_CAPTION_HEIGHT = 30
_FONT_SIZE = 16
_GROUND, _INK = "#eef1f4", "#1d2733"


def write(folder: Path) -> Path | None:
    """Write the sheet beside the screens and return its path; None when none of its screens was saved."""
    found = [(folder / f"{name}.png", text) for name, text in SCREENS.items() if (folder / f"{name}.png").is_file()]
    if not found:
        return None
    columns = min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    wide, high = WIDTH + _GAP, HEIGHT + _CAPTION_HEIGHT + _GAP
    sheet = Image.new("RGB", (_GAP + columns * wide, _GAP + rows * high), _GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    for place, (path, text) in enumerate(found):
        left, top = _GAP + place % columns * wide, _GAP + place // columns * high
        with Image.open(path) as screen:
            sheet.paste(screen, (left, top))
        draw.text((left + WIDTH / 2, top + HEIGHT + _CAPTION_HEIGHT / 2), text, _INK, font, anchor="mm")
    target = folder / NAME
    sheet.save(target, optimize=True)
    return target
