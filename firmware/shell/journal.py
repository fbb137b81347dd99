"""The journal of tells: what happened and is not yet acked by the backend, on flash before anything else is done.

An append-only file of records: mark, length, CRC-32, payload. A payload is `T` (a tell: time, ack key, id, envelope) or
`A` (the id of a tell that was acked). A torn or changed record is skipped, counted, and reported as journal.gap; all
others survive. The file is written anew, by an atomic rename, when acked tells fill it.
"""

import binascii
import os
import struct

from shell import files

_MARK = b"\xa5\x5a"
_HEAD = 8  # mark 2, length 2, CRC-32 4
_ID = 26
_KEY = 32
_BEFORE_JWS = 1 + 4 + _KEY + _ID
_MAX_PAYLOAD = _BEFORE_JWS + 2048  # the largest envelope that goes up
#: A day of a busy counter without a line. Beyond, new operations that need a tell are refused and staff are called.
MAX_PENDING = 256
#: Acked tells are cleared away when the file has grown to this: 16 blocks of the flash.
_COMPACT_BYTES = 64 * 1024
_SCAN_BYTES = 256


class JournalFullError(Exception):
    """Too many tells wait for the backend."""


class Journal:
    """The tells that wait, oldest first. `lost` and `why` say what could not be read when it was opened."""

    def __init__(self, path):
        self._path = path
        self._offsets = []
        self._times = []
        self._size = 0
        self._damaged = False
        self.lost = 0
        self.why = ""
        self._recover()

    def __len__(self):
        return len(self._offsets)

    def oldest_s(self, now_s):
        """Age in seconds of the oldest tell that waits; 0 if none does."""
        return max(0, now_s - self._times[0]) if self._times else 0

    def append(self, id, jws, key, at):  # noqa: A002
        """Write a tell. When this returns it is on the flash. JournalFullError or OSError: it is not."""
        if len(self._offsets) >= MAX_PENDING:
            raise JournalFullError("the journal is full")
        if self._damaged:
            self._compact()
        offset = self._write((b"T", at.to_bytes(4, "big"), key, id.encode(), jws))
        self._offsets.append(offset)
        self._times.append(at)

    def settle(self, id):  # noqa: A002
        """The backend has acked a tell: it leaves. False if it is not here."""
        index = self.find(id)
        if index < 0:
            return False
        del self._offsets[index]
        del self._times[index]
        if not self._damaged:
            self._write((b"A", id.encode()))
        if self._damaged or self._size >= _COMPACT_BYTES:
            self._compact()  # behind a record that was torn nothing would be found again
        return True

    def find(self, id):  # noqa: A002
        """Place of a tell among those that wait, or -1."""
        return self._search(5 + _KEY, id.encode())

    def find_header(self, header):
        """Place of the tell whose envelope begins with that header (it names the KSN), or -1."""
        return self._search(_BEFORE_JWS, header + b".")

    def _search(self, place, wanted):
        """Index of the first tell whose payload holds `wanted` at `place`, or -1."""
        with open(self._path, "rb") as file:
            for index in range(len(self._offsets)):
                file.seek(self._offsets[index] + _HEAD + place)
                if file.read(len(wanted)) == wanted:
                    return index
        return -1

    def read(self, index):
        """(id, envelope, ack key) of the tell at that place."""
        with open(self._path, "rb") as file:
            file.seek(self._offsets[index])
            head = file.read(_HEAD)
            payload = file.read(struct.unpack(">H", head[2:4])[0])
        key_end = 5 + _KEY
        return payload[key_end : key_end + _ID].decode(), payload[key_end + _ID :], payload[5:key_end]

    # --- writing ---------------------------------------------------------------------------------------------------

    def _write(self, parts):
        """Append one record; returns its offset."""
        payload = b"".join(parts)
        crc = binascii.crc32(payload) & 0xFFFFFFFF
        record = _MARK + struct.pack(">HI", len(payload), crc) + payload
        offset = self._size
        self._damaged = True  # until the whole record is on the flash
        with open(self._path, "ab") as file:
            file.write(record)
            file.flush()
        self._damaged = False
        self._size = offset + len(record)
        return offset

    def _compact(self):
        """Write the tells that wait into a new file, and put it in place of the old one."""
        places = []
        size = 0
        for record in self._records():
            places.append(size)
            size += len(record)
        files.replace(self._path, self._records())
        self._offsets = places
        self._size = size
        self._damaged = False

    def _records(self):
        """The bytes of each record that waits, in order."""
        with open(self._path, "rb") as file:
            for offset in self._offsets:
                file.seek(offset)
                head = file.read(_HEAD)
                yield head + file.read(struct.unpack(">H", head[2:4])[0])

    # --- reading what is there -------------------------------------------------------------------------------------

    def _recover(self):
        """Read the file from its beginning; skip, count and clear away what is torn or changed."""
        files.remove(self._path + ".new")
        if not files.exists(self._path):
            files.replace(self._path, ())
        size = os.stat(self._path)[6]
        waiting = {}
        order = 0
        offset = 0
        with open(self._path, "rb") as file:
            while offset < size:
                payload = _payload_at(file, offset)
                if payload is None:
                    offset = self._skip(file, offset, size)
                    continue
                if payload[:1] == b"T":
                    at = int.from_bytes(payload[1:5], "big")
                    waiting[payload[5 + _KEY : _BEFORE_JWS]] = (order, offset, at)
                    order += 1
                else:
                    waiting.pop(payload[1:], None)
                offset += _HEAD + len(payload)
        for _, place, at in sorted(waiting.values()):
            self._offsets.append(place)
            self._times.append(at)
        self._size = size
        if self.why or size >= _COMPACT_BYTES:
            self._compact()

    def _skip(self, file, offset, size):
        """Step over something that is no record; returns where the next one begins, or the end."""
        file.seek(offset)
        head = file.read(_HEAD + 1)
        is_ack = head[:4] == _MARK + b"\x00\x1b" and head[_HEAD : _HEAD + 1] in (b"A", b"")
        found = _next_record(file, offset + 1, size)
        if not is_ack:  # a lost ack loses nothing: its tell is sent again
            self.lost += 1
        self.why = "torn" if found >= size and not self.why else "damaged"
        return found


def _payload_at(file, offset):
    """The payload of the record at `offset`, or None if there is none that is whole."""
    file.seek(offset)
    head = file.read(_HEAD)
    if len(head) < _HEAD or head[:2] != _MARK:
        return None
    length, crc = struct.unpack(">HI", head[2:])
    if not 1 <= length <= _MAX_PAYLOAD:
        return None
    payload = file.read(length)
    if len(payload) < length or binascii.crc32(payload) & 0xFFFFFFFF != crc:
        return None
    is_tell = payload[:1] == b"T" and length > _BEFORE_JWS
    return payload if is_tell or (payload[:1] == b"A" and length == 1 + _ID) else None


def _next_record(file, offset, size):
    """Offset of the next whole record at or after `offset`, or `size`."""
    while offset < size:
        file.seek(offset)
        chunk = file.read(_SCAN_BYTES)
        place = chunk.find(_MARK)
        if place < 0:
            offset += max(1, len(chunk) - 1)  # the mark may lie across two chunks
            continue
        if _payload_at(file, offset + place) is not None:
            return offset + place
        offset += place + 1
    return size
