"""Whatever the fields hold, every text stands inside the screen, on one colour, and touches no other text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import views
from desk.ui import fonts
from desk.ui.screens import SCREENS, display_list
from desk.ui.text import GROUP_SPACE, age, fit, money, seconds, wrap

VIEWS = json.loads((Path(__file__).parent / "views.json").read_text())
WIDTH, HEIGHT = 240, 320
MOST_MINOR = 10**12 - 1
MOST_SECONDS = 10**7

Box = tuple[int, int, int, int]

words = st.one_of(
    st.sampled_from(
        ["", "W" * 60, "Mammadova-Aliyeva Gulnara Fikrat qizi", "* # @ ~", "ƏĞİŞ əğış", "Иванов გიორგი 店"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=160),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "digits": st.text("0123456789", max_size=16),
    "stars": st.integers(0, 12),
    "currency": st.sampled_from(["AZN", "KGS", "GEL", "IRR"]),
    "authorisation_code": st.text("0123456789", max_size=6),
    "time": st.sampled_from(["--:--", "23:59"]),
    "services": st.sampled_from([(), ("sale", "cash_in", "cash_out", "balance"), ("cash_in",)]),
    "tries_left": st.one_of(st.none(), st.integers(0, 9)),
    "waiting": st.integers(0, 10_000),
    "state": st.sampled_from(["not confirmed, queued", "paid", "not paid yet", "checking", "W" * 30]),
    "type": st.sampled_from(["sale", "cash_in", "cash_out", "drawer"]),
    "qr": st.just("K"),
    "operator": words,
    "page": st.sampled_from(["", "1/2", "12/12"]),
    "max_digits": st.integers(1, 16),
    "ok": st.sampled_from(["", "Done", "Cash is in the bag", "W" * 40]),
    "back": st.sampled_from(["", "Back", "Sign off", "W" * 40]),
}
SECONDS = ("seconds", "seconds_left", "oldest_s")


def _field(name: str, spec: Any) -> st.SearchStrategy[Any]:
    if name in FIELDS:
        return FIELDS[name]
    if isinstance(spec, tuple) and isinstance(spec[0], str):
        return st.sampled_from(spec)
    if spec is bool:
        return st.booleans()
    if spec is int:
        most = MOST_SECONDS if name in SECONDS else MOST_MINOR
        low = -most if name in ("drawer_minor", "available") else 0
        return st.one_of(st.just(most), st.integers(low, most))
    assert spec is str, f"say how {name} is made up"
    return words


def _view(screen: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    specs = {**views.SCREENS[screen], **views.STATUS}
    fields = {name: _field(name, spec) for name, spec in specs.items() if name != "rows"}
    if screen == "recent":
        row = st.fixed_dictionaries({name: _field(name, spec) for name, spec in views.ROW.items()})
        fields["rows"] = st.lists(row, max_size=5).map(tuple)
    elif screen in views.ROWS:
        width, most = views.ROWS[screen]
        row = st.tuples(*([st.sampled_from("123456789") if screen == "choice" else words] + [words] * (width - 1)))
        fields["rows"] = st.lists(row, max_size=most).map(tuple)
    return st.tuples(st.just(screen), st.fixed_dictionaries(fields))


def _ink(item: tuple[Any, ...]) -> list[Box]:
    """The boxes of a text's glyphs: left, top, right, bottom."""
    _, x, y, _, _, number, _, _, text = item
    font = fonts.get(number)
    boxes = []
    for character in text:
        _, width, height, left, top, advance = font.glyph(character)
        if width:
            boxes.append((x + left, y + top, x + left + width, y + top + height))
        x += advance
    return boxes


def _around(boxes: list[Box]) -> Box:
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(a: Box, b: Box) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def _ground_at(items: list[tuple[Any, ...]], x: int, y: int) -> int:
    """The colour the items before a text left at a point."""
    colour = -1
    for item in items:
        if item[0] in ("fill", "round") and item[1] <= x < item[1] + item[3] and item[2] <= y < item[2] + item[4]:
            colour = item[5]
        elif item[0] == "text" and item[5] in (fonts.MEDIUM_ICONS, fonts.LARGE_ICONS):
            for box in _ink(item):
                if item[8] == "A" and box[0] <= x < box[2] and box[1] <= y < box[3]:
                    colour = item[6]  # on a disc
    return colour


def check(view: tuple[str, dict[str, Any]]) -> None:
    """Raise AssertionError naming the text that does not stand well."""
    items = display_list(view)
    texts = []
    for number, item in enumerate(items):
        if item[0] != "text" or not _ink(item):
            continue
        boxes = _ink(item)
        assert not (GROUP_SPACE in item[8] and item[8].endswith("…")), f"the amount {item[8]!r} is cut"
        left, top, right, bottom = _around(boxes)
        assert _within((left, top, right, bottom), (0, 0, WIDTH, HEIGHT)), f"{item[8]!r} leaves the screen"
        own = (item[1] - 3, item[2], item[1] + item[3] + 3, item[2] + item[4])
        assert _within((left, top, right, bottom), own), f"{item[8]!r} is larger than its item says"
        for x, y in ((left, top), (right - 1, top), (left, bottom - 1), (right - 1, bottom - 1)):
            assert _ground_at(items[:number], x, y) == item[7], f"{item[8]!r} stands on more than one colour"
        for other in texts:
            if not _on_disc(items, other, item):
                assert not any(_meet(a, b) for a in boxes for b in _ink(other)), f"{item[8]!r} over {other[8]!r}"
        texts.append(item)
    codes = [item for item in items if item[0] == "qr"]
    for code in codes:
        box = (code[1], code[2], code[1] + code[3], code[2] + code[4])
        assert not any(_meet(box, ink) for item in texts for ink in _ink(item)), "text in the code's quiet zone"


def _on_disc(items: list[tuple[Any, ...]], disc: tuple[Any, ...], item: tuple[Any, ...]) -> bool:
    """Whether `disc` is a full disc that `item` is meant to stand on."""
    return bool(disc[5] == fonts.LARGE_ICONS and disc[8] == "A" and item[7] == disc[6] and disc in items)


@pytest.mark.parametrize("name", VIEWS)
def test_the_pictured_screens_are_well_laid_out(name: str) -> None:
    screen, fields = VIEWS[name]
    check((screen, {"link": "online", "waiting": 0, "notice": "", **fields}))


@pytest.mark.parametrize("screen", SCREENS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_fields_are_well_laid_out(screen: str, data: st.DataObject) -> None:
    check(data.draw(_view(screen)))


def test_amounts_are_grouped_and_never_shortened() -> None:
    thin = "\u2009"
    assert money(1250, "AZN") == "12.50"
    assert money(5, "AZN") == "0.05"
    assert money(123456789, "AZN") == f"1{thin}234{thin}567.89"
    assert money(-100000, "AZN") == f"-1{thin}000.00"
    assert money(1234567, "IRR") == f"1{thin}234{thin}567"
    fields = {"link": "online", "waiting": 0, "notice": "", "flow": "sale", "amount": MOST_MINOR, "currency": "AZN"}
    assert money(MOST_MINOR, "AZN") in [item[8] for item in display_list(("amount_entry", fields)) if item[0] == "text"]


def test_long_texts_are_broken_at_spaces_and_end_in_an_ellipsis() -> None:
    assert fit(fonts.SMALL, "short", 100) == "short"
    cut = fit(fonts.SMALL, "Mammadova-Aliyeva", 80)
    assert cut.endswith("…")
    assert "Mammadova-Aliyeva".startswith(cut[:-1])
    assert fonts.get(fonts.SMALL).width(cut) <= 80
    lines = wrap(fonts.BODY, "one two three four five six seven eight nine ten " * 3, 100, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert wrap(fonts.BODY, "two\nlines", 220, 2) == ["two lines"]
    assert [seconds(value) for value in (-1, 9, 75, 7200)] == ["0:00", "0:09", "1:15", "2 h"]
    assert [age(value) for value in (5, 754, 7300)] == ["5 s", "12 min", "2 h"]


def test_small_letters_of_a_capitals_font_are_capitals_and_unknown_ones_a_square() -> None:
    title = fonts.get(fonts.TITLE)
    assert title.glyph("a") == title.glyph("A")
    assert title.glyph("ə") == title.glyph("Ə")
    assert title.glyph("店") == title.glyph("□")
