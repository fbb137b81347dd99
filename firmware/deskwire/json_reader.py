"""A strict JSON reader (RFC 8259) for devices: the wire's subset, over bytes, in one pass, of bounded depth."""

import json

from deskwire.errors import MessageError
from deskwire.text import decode_utf8, is_clean

#: Deepest nesting: the catalogue's own deepest message has 4 levels.
MAX_DEPTH = 6

#: Largest integer either interpreter, and JavaScript, reads exactly.
MAX_INT = 2**53 - 1
MAX_DIGITS = 16

_SPACE = b" \t\r\n"
_ESCAPES = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
_WORDS = ((b"true", True), (b"false", False), (b"null", None))
_NOT_JSON = "not JSON, or nested more than %d deep" % MAX_DEPTH


def loads(data: bytes) -> object:
    """UTF-8 JSON -> dict, list, str, int, bool or None; MessageError for anything else."""
    if not isinstance(data, (bytes, bytearray)):
        raise MessageError("a message is bytes")
    data = bytes(data)
    try:
        decode_utf8(data)
    except ValueError:
        raise MessageError("not UTF-8")
    reader = _Reader(data)
    value = reader.value(MAX_DEPTH)
    reader.space()
    if reader.place != len(data):
        raise MessageError(_NOT_JSON)
    return value


def dumps(value: object) -> bytes:
    """Compact UTF-8 JSON of checked values, by the device's own encoder."""
    return json.dumps(value, separators=(",", ":")).encode()


class _Reader:
    """A place in the bytes, and the methods that read one thing from there."""

    __slots__ = ("data", "place")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def space(self) -> None:
        while self.place < len(self.data) and self.data[self.place] in _SPACE:
            self.place += 1

    def peek(self) -> int:
        """The next byte after white space, or MessageError at the end."""
        self.space()
        if self.place >= len(self.data):
            raise MessageError(_NOT_JSON)
        return self.data[self.place]

    def expect(self, byte: int) -> None:
        if self.peek() != byte:
            raise MessageError(_NOT_JSON)
        self.place += 1

    def value(self, depth: int) -> object:
        first = self.peek()
        if first == 0x22:
            return self.string()
        if first in b"{[":
            if depth == 0:
                raise MessageError(_NOT_JSON)
            self.place += 1
            return self.members(depth - 1) if first == 0x7B else self.items(depth - 1)
        if first == 0x2D or 0x30 <= first <= 0x39:
            return self.integer()
        for word, meaning in _WORDS:
            if self.data[self.place : self.place + len(word)] == word:
                self.place += len(word)
                return meaning
        raise MessageError(_NOT_JSON)

    def members(self, depth: int) -> "dict[str, object]":
        found = {}  # type: dict[str, object]
        if self.peek() == 0x7D:
            self.place += 1
            return found
        while True:
            if self.peek() != 0x22:
                raise MessageError(_NOT_JSON)
            key = self.string()
            if key in found:
                raise MessageError("a key stands twice in one object")
            self.expect(0x3A)
            found[key] = self.value(depth)
            if self.peek() == 0x7D:
                self.place += 1
                return found
            self.expect(0x2C)

    def items(self, depth: int) -> "list[object]":
        found = []  # type: list[object]
        if self.peek() == 0x5D:
            self.place += 1
            return found
        while True:
            found.append(self.value(depth))
            if self.peek() == 0x5D:
                self.place += 1
                return found
            self.expect(0x2C)

    def integer(self) -> int:
        start = self.place
        negative = self.data[start] == 0x2D
        if negative:
            self.place += 1
        first = self.place
        while self.place < len(self.data) and 0x30 <= self.data[self.place] <= 0x39:
            self.place += 1
        digits = self.place - first
        if digits == 0 or (self.data[first] == 0x30 and digits > 1):
            raise MessageError(_NOT_JSON)
        if self.place < len(self.data) and self.data[self.place] in b".eE":
            raise MessageError("a number is not an integer")
        if digits > MAX_DIGITS or (negative and self.data[first] == 0x30):
            raise MessageError("a number is out of bounds")
        number = int(self.data[start : self.place].decode())
        if not -MAX_INT <= number <= MAX_INT:
            raise MessageError("a number is out of bounds")
        return number

    def string(self) -> str:
        self.place += 1
        parts = []  # type: list[str]
        start = self.place
        while True:
            if self.place >= len(self.data):
                raise MessageError(_NOT_JSON)
            byte = self.data[self.place]
            if byte in b'"\\':
                parts.append(self.data[start : self.place].decode())
                self.place += 1
                if byte == 0x22:
                    break
                parts.append(self.escape())
                start = self.place
            elif byte < 0x20:
                raise MessageError(_NOT_JSON)
            else:
                self.place += 1
        text = "".join(parts)
        if not is_clean(text):
            raise MessageError("a text holds a control character or a lone surrogate")
        return text

    def escape(self) -> str:
        if self.place >= len(self.data):
            raise MessageError(_NOT_JSON)
        byte = self.data[self.place]
        self.place += 1
        if byte != 0x75:
            if byte not in _ESCAPES:
                raise MessageError(_NOT_JSON)
            return _ESCAPES[byte]
        code = self.four_hex()
        if 0xD800 <= code < 0xDC00 and self.data[self.place : self.place + 2] == b"\\u":
            self.place += 2
            low = self.four_hex()
            if not 0xDC00 <= low < 0xE000:
                raise MessageError("a text holds a control character or a lone surrogate")
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        if 0xD800 <= code < 0xE000:
            raise MessageError("a text holds a control character or a lone surrogate")
        return chr(code)

    def four_hex(self) -> int:
        code = 0
        for byte in self.data[self.place : self.place + 4]:
            if 0x30 <= byte <= 0x39:
                code = code * 16 + byte - 0x30
            elif 0x41 <= byte <= 0x46 or 0x61 <= byte <= 0x66:
                code = code * 16 + (byte & 0x5F) - 0x37
            else:
                raise MessageError(_NOT_JSON)
        self.place += 4
        if self.place > len(self.data):
            raise MessageError(_NOT_JSON)
        return code
