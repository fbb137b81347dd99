"""Every screen, painted by a real MicroPython in a 256K heap: the pixels wanted, the codes readable, and fast."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from desk import views
from kassa.conform import interpreters

HERE = Path(__file__).parent
VIEWS = json.loads((HERE / "views.json").read_text())
SNAPSHOTS = HERE / "screens.sha256.json"
ARTEFACTS = interpreters.ROOT / "artefacts" / "screens"
SIZE = (240, 320)
HEAP = "256K"
ACCEPT = "KASSA_ACCEPT_SCREENS"


def _paint(wanted: dict[str, Any], folder: Path, order: str = "native") -> dict[str, Any]:
    """Paint views on the device; their pixels go to `folder`; gives the device's report."""
    listing = folder / "views.json"
    listing.write_text("".join(json.dumps([name, *view]) + "\n" for name, view in wanted.items()))
    binary = interpreters.micropython()
    assert binary is not None, "no MicroPython beside this Python: install requirements/micropython.txt"
    done = interpreters.run(binary, [str(HERE / "paint_device.py"), str(listing), str(folder), order], heap=HEAP)
    assert done.returncode == 0, done.stdout.decode()[-1500:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _picture(folder: Path, name: str) -> Image.Image:
    return Image.frombytes("RGB", SIZE, (folder / f"{name}.raw").read_bytes(), "raw", "BGR;16")


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """All views, painted once; their pictures are kept as artefacts."""
    folder = tmp_path_factory.mktemp("screens")
    report = _paint(VIEWS, folder)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for name in VIEWS:
        _picture(folder, name).save(ARTEFACTS / f"{name}.png")
    return folder, report


def test_every_screen_of_the_core_is_among_the_views() -> None:
    assert {screen for screen, _ in VIEWS.values()} == set(views.SCREENS)
    outcomes = {fields["kind"] for screen, fields in VIEWS.values() if screen == "outcome"}
    assert outcomes == set(views.OUTCOMES)


def test_every_screen_looks_as_it_was_accepted(painted: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = painted
    digests = {name: hashlib.sha256((folder / f"{name}.raw").read_bytes()).hexdigest() for name in VIEWS}
    if os.environ.get(ACCEPT):
        SNAPSHOTS.write_text(json.dumps(digests, indent=1) + "\n")
    accepted = json.loads(SNAPSHOTS.read_text())
    changed = sorted(name for name in digests.keys() | accepted.keys() if digests.get(name) != accepted.get(name))
    pictures = ", ".join(str(ARTEFACTS / f"{name}.png") for name in changed)
    assert not changed, f"screens changed: look at {pictures}; if they are as wanted, run again with {ACCEPT}=1"


def test_screens_are_painted_fast_and_only_where_they_changed(painted: tuple[Path, dict[str, Any]]) -> None:
    _, report = painted
    for name in VIEWS:
        took_ms, bands, bands_again = report[name]
        assert took_ms < 60, f"{name} took {took_ms} ms"
        assert (bands, bands_again) == (16, 0), name


def test_half_of_the_heap_stays_free_for_the_rest_of_the_firmware_while_painting(
    painted: tuple[Path, dict[str, Any]],
) -> None:
    used, _ = painted[1]["heap"]
    assert used < 128_000, f"painting keeps {used} bytes"


def test_a_countdown_repaints_its_own_bands_alone() -> None:
    program = (
        "from desk.ui.paint import Painter\n"
        "fields = {'link': 'online', 'waiting': 0, 'notice': '', 'qr': 'K' * 150, 'amount': 1250, 'currency': 'AZN'}\n"
        "painter, flushed = Painter(), []\n"
        "for left in (120, 119, 119):\n"
        "    fields['seconds_left'] = left\n"
        "    painter.paint(('sale_qr', fields), lambda y, height, buffer: flushed.append((y, height, len(buffer))))\n"
        "print(flushed[16:])\n"
    )
    binary = interpreters.micropython()
    assert binary is not None
    done = interpreters.run(binary, ["-c", program], heap=HEAP)
    assert done.stdout.decode().strip() == "[(280, 20, 9600), (300, 20, 9600)]"


def test_codes_are_read_from_the_screens_pixels(tmp_path: Path) -> None:
    texts = {f"qr{length}": ("https://pay.kassa.example/p/" + "Az09" * 100)[:length] for length in range(10, 251, 15)}
    texts |= {
        "qr250": "k" * 250,
        "qr_digits": "0123456789" * 25,
        "qr_longest": "x" * 400,
        "qr_unicode": "Çay evi · ₼ 5",
    }
    fields = {"amount": 1250, "currency": "AZN", "seconds_left": 60}
    _paint({name: ["sale_qr", {**fields, "qr": text}] for name, text in texts.items()}, tmp_path)
    for name, text in texts.items():
        found = zxingcpp.read_barcodes(_picture(tmp_path, name))
        assert [barcode.text for barcode in found] == [text], name


def test_a_code_too_long_for_the_screen_is_said_to_be(tmp_path: Path) -> None:
    fields = {"amount": 1250, "currency": "AZN", "seconds_left": 60}
    _paint({"long": ["sale_qr", {**fields, "qr": "x" * 2000}]}, tmp_path)
    picture = _picture(tmp_path, "long")
    assert zxingcpp.read_barcodes(picture) == []
    colours = picture.crop((0, 58, 240, 288)).getcolors()
    assert len(colours) == 4, "words in four steps on white"


def test_the_displays_byte_order_changes_the_bytes_and_not_the_picture(
    painted: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, _ = painted
    some = {name: VIEWS[name] for name in ("menu", "sale_qr", "shown_not_paid", "pin_cash_out")}
    _paint(some, tmp_path, "swap")
    for name in some:
        pixels = array("H", (tmp_path / f"{name}.raw").read_bytes())
        pixels.byteswap()
        assert pixels.tobytes() == (folder / f"{name}.raw").read_bytes(), name
