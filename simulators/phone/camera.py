"""The phone's camera: reads a QR code from pixels and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zxingcpp

if TYPE_CHECKING:
    from PIL import Image


def scan(picture: Image.Image) -> str | None:
    """The text of the QR code in the picture, or None when there is none that can be read."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    for code in found:
        if code.valid and code.text:
            return str(code.text)
    return None
