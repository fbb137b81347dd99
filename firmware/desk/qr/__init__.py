"""QR codes for the terminal's screen: `encode(data, level)` gives a `Matrix`."""

from desk.qr.encoder import MAX_VERSION, Matrix, QrError, encode

__all__ = ["MAX_VERSION", "Matrix", "QrError", "encode"]
