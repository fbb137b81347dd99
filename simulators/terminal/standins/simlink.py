"""The one socket between a simulated terminal and its host: framed pixels, views, tones and logs out; keys and network in.

A frame is one type byte, a big-endian length of four bytes, and the body. To the host: F (y, height, pixels), E (the frame
is complete), V (the view as JSON), T (a tone's name), P (bytes for the printer), L (a log line). From the host: K (one
key), S (the text of a scanned code), N (1 network up, 0 down).
"""

import asyncio
import os
import socket
import struct
import sys
import time

_HEADER = bytearray(9)
_MAX_IN = 512  # the text of a code: nothing the host sends is longer
_MAX_KEYS = 64  # what a person can press ahead; further keys are dropped, as a real keypad's buffer drops them

_sock = None
_inbox = bytearray()
_keys = []
_scans = []
_scanned = asyncio.Event()
network_up = True


def _connect():
    global _sock
    if _sock is None:
        port = os.getenv("KASSA_SIM_PORT")
        if not port:
            sys.stderr.write("KASSA_SIM_PORT is not set: a simulated terminal is started by its host\n")
            sys.exit(2)
        _sock = socket.socket()
        _sock.connect(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    return _sock


def _write_all(sock, data):
    view = memoryview(data)
    while view:
        try:
            sent = sock.send(view)
        except OSError as error:
            if error.args[0] == 11:  # EAGAIN: the host is behind; wait a moment rather than lose a band
                time.sleep_ms(1)
                continue
            sys.exit(0)  # the host is gone, and with it the reason to run
        view = view[sent:]


def send(kind, body=b""):
    """Send one frame whole."""
    sock = _connect()
    _HEADER[0] = ord(kind)
    struct.pack_into(">I", _HEADER, 1, len(body))
    _write_all(sock, memoryview(_HEADER)[:5])
    if body:
        _write_all(sock, body)


def send_band(y, height, pixels):
    """Send one band of pixels without copying it."""
    sock = _connect()
    _HEADER[0] = ord("F")
    struct.pack_into(">IHH", _HEADER, 1, 4 + len(pixels), y, height)
    _write_all(sock, memoryview(_HEADER)[:9])
    _write_all(sock, pixels)


def log(text):
    """Send one log line."""
    send("L", str(text)[:500].encode())


def _take_frames():
    global _inbox, network_up
    while len(_inbox) >= 5:
        length = struct.unpack_from(">I", _inbox, 1)[0]
        if length > _MAX_IN:
            sys.exit(3)
        if len(_inbox) < 5 + length:
            return
        kind = chr(_inbox[0])
        body = bytes(_inbox[5 : 5 + length])
        _inbox = _inbox[5 + length :]
        if kind == "K" and len(_keys) < _MAX_KEYS:
            _keys.append(body.decode())
        elif kind == "S" and len(_scans) < _MAX_KEYS:
            _scans.append(body.decode())
            _scanned.set()
        elif kind == "N":
            network_up = body == b"1"


def _readable(sock):
    yield asyncio.core._io_queue.queue_read(sock)


async def next_key():
    """Wait for the next key, serving the host's switches meanwhile."""
    global _inbox
    sock = _connect()
    while not _keys:
        await _readable(sock)
        try:
            data = sock.recv(256)
        except OSError:
            data = b""
        if not data:
            sys.exit(0)
        _inbox += data
        _take_frames()
    return _keys.pop(0)


async def next_scan():
    """Wait for the next scanned code; it comes with the keys, which are always being waited for."""
    while not _scans:
        _scanned.clear()
        await _scanned.wait()
    return _scans.pop(0)
