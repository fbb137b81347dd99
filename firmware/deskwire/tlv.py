"""The objects of a QR payload: two digits of ID, two of length, and the value; lengths count characters, never bytes.

EMVCo counts Unicode characters; ELQR counts UTF-16 units, which differ for characters above U+FFFF.
"""

from deskwire.errors import PayloadError
from deskwire.text import is_clean, is_digits, quoted

#: EMVCo MPM 3.1: a payload should not exceed 512 characters; a symbol that a phone reads holds no more.
MAX_CHARACTERS = 512

MAX_VALUE = 99


def parse(text: str, where: str = "", utf16: bool = False) -> "list[tuple[str, str]]":  # noqa: FBT001, FBT002
    """Payload or template -> [(ID, value)] in order, each ID once. PayloadError names the object below `where`."""
    return unique(read(text, where, utf16), where)


def unique(objects: "list[tuple[str, str]]", where: str = "") -> "list[tuple[str, str]]":
    """The same objects; PayloadError when an ID stands twice."""
    seen = set()
    for tag, _ in objects:
        if tag in seen:
            raise PayloadError(where + "." + tag if where else tag, "stands twice")
        seen.add(tag)
    return objects


def read(text: str, where: str = "", utf16: bool = False) -> "list[tuple[str, str]]":  # noqa: FBT001, FBT002
    """IDs, lengths and values alone: what stands in them, and how often, is for others to judge."""
    if not isinstance(text, str) or not text or len(text) > MAX_CHARACTERS:
        raise PayloadError(where, "not a text of 1 to %d characters" % MAX_CHARACTERS)
    if not is_clean(text):
        raise PayloadError(where, "holds a control character or a lone surrogate")
    characters = list(text)
    objects = []
    place = 0
    while place < len(characters):
        tag = "".join(characters[place : place + 2])
        if not is_digits(tag, 2, 2):
            raise PayloadError(where, "an ID must be two digits, %s stands at character %d" % (quoted(tag), place))
        field = where + "." + tag if where else tag
        size = "".join(characters[place + 2 : place + 4])
        if not is_digits(size, 2, 2):
            raise PayloadError(field, "the length must be two digits, not %s" % quoted(size))
        if size == "00":
            raise PayloadError(field, "the length must be 01 to 99")
        end = _end(characters, place + 4, int(size), field, utf16)
        objects.append((tag, "".join(characters[place + 4 : end])))
        place = end
    return objects


def build(objects: "list[tuple[str, str]]", utf16: bool = False) -> str:  # noqa: FBT001, FBT002
    """[(ID, value)] -> text. PayloadError for a value that is empty or too long."""
    parts = []
    for tag, value in objects:
        size = length(value, utf16)
        if not is_clean(value):
            raise PayloadError(tag, "holds a control character or a lone surrogate")
        if not 1 <= size <= MAX_VALUE:
            raise PayloadError(tag, "a value has 1 to 99 characters, not %d" % size)
        parts.append("%s%02d%s" % (tag, size, value))
    return "".join(parts)


def length(value: str, utf16: bool = False) -> int:  # noqa: FBT001, FBT002
    """Characters of `value`, or UTF-16 units."""
    if not utf16:
        return len(value)
    units = 0
    for character in value:
        units += 2 if ord(character) > 0xFFFF else 1
    return units


def _end(characters: "list[str]", start: int, size: int, field: str, utf16: bool) -> int:  # noqa: FBT001
    """Where the value ends; PayloadError when it runs past the end or through the middle of a character."""
    place, left = start, size
    while left > 0 and place < len(characters):
        left -= 2 if utf16 and ord(characters[place]) > 0xFFFF else 1
        place += 1
    if left > 0:
        raise PayloadError(field, "the length %d runs past the end" % size)
    if left < 0:
        raise PayloadError(field, "the length %d ends inside a character" % size)
    return place
