"""Runs on MicroPython: the whole terminal up to the QR screen, and what is left of the heap on the way."""

# ruff: noqa: E402  (the first lines are those of main.py: they decide how the heap is laid out)

import gc

gc.threshold(8192)

import os
import sys

import uctypes
import vfs

address, size = os.getenv("KASSA_SIM_ROM_AT").split(":")
vfs.mount(vfs.VfsRom(uctypes.bytearray_at(int(address), int(size))), "/rom")
sys.path[:] = ["/rom/sim", "/rom", "/rom/lib", ".frozen"]

import asyncio

from desk import events
from desk.ui.paint import Painter
from drivers import board
from drivers.buzzer import Buzzer
from drivers.display import Display
from drivers.keypad import Keypad
from shell import keystore
from shell.terminal import Terminal

EPOCH = 1_800_000_000
DRAWER = {"drawer": "0" * 26, "state": "open", "operator": "101", "cash_minor": 10000}
HELLO = {
    "currency": "AZN",
    "merchant_name": "Corner Shop",
    "merchant_city": "Baku",
    "services": ["sale", "cash_in", "cash_out", "balance"],
    "drawer": None,
}


class Quiet(Buzzer):
    """Makes no sound."""

    def play(self, name):
        """Nothing."""


def left(name):
    """Print what is free, in bytes, and the longest free piece."""
    gc.collect()
    piece = gc.mem_free()
    while piece > 0:
        try:
            bytearray(piece)
            break
        except MemoryError:
            piece -= 256
    gc.collect()
    print(name, gc.mem_free(), piece)  # noqa: T201


def answer(terminal, kind, body):
    """The answer to the ask of that type that waits."""
    for ask in list(terminal._asks.pending.values()):
        if ask.type == kind:
            terminal._asks.answered(ask.id)
            terminal._dispatcher.handle(events.Answer(ask.id, body, EPOCH))
            return
    raise AssertionError("nobody asks " + kind)


async def main():
    folder = board.mount_flash()
    keystore.load_initial_key(folder, bytes(range(32)), bytes(8))
    broker = {"host": "127.0.0.1", "port": 1, "user": "u", "password": "p"}
    config = {"terminal": "T0000001", "hub": "H001", "currency": "AZN", "broker": broker}
    Display(), Keypad()
    painter = Painter()

    def show(view):
        painter.paint(view, lambda y, height, pixels: None)

    terminal = Terminal(config, folder, board, screen=show, keypad=None, buzzer=Quiet())
    desk = terminal._dispatcher

    def step(*several):
        for event in several:
            desk.handle(event)
            desk._show() if desk._view else None

    step(events.Booted(), events.Tick(1000, EPOCH), events.Link("online"), events.Hello(HELLO))
    left("boot")
    step(*[events.Key(key) for key in "101#1357#"])
    answer(terminal, "operator.sign_on", {"operator": "101", "name": "Cashier", "role": "cashier", "drawer": DRAWER})
    step(*[events.Key(key) for key in "A1250#"])
    left("asking")
    body = {"qr": "0002" * 62, "link": "https://pay/p/1", "sale": "0" * 26, "expires_at": EPOCH + 300}
    answer(terminal, "sale.open", body)
    desk._show()
    assert terminal._desk.state == "sale_qr"
    left("qr")


asyncio.run(main())
