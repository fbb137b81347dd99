"""Which characters a text on the wire may hold, decided the same way under both interpreters."""

HEX_UPPER = "0123456789ABCDEF"
DIGITS = "0123456789"

#: Characters that reorder what a person reads (bidirectional embeddings, overrides, isolates): refused in every text.
_BIDI_FIRST, _BIDI_LAST = 0x202A, 0x202E
_ISOLATE_FIRST, _ISOLATE_LAST = 0x2066, 0x2069

#: A host knows plain ASCII by a look in C; a device's str has neither method.
_HAS_PRINTABLE = hasattr(str, "isprintable")


def consists_of(text: str, alphabet: str) -> bool:
    """Whether every character of `text` is in `alphabet` (an empty text is)."""
    return not text.strip(alphabet)  # in C under both interpreters: what stops strip() is the first foreign character


def is_digits(text: object, low: int, high: int) -> bool:
    """Whether `text` is a str of `low` to `high` ASCII digits. str.isdigit would let other scripts in."""
    return isinstance(text, str) and low <= len(text) <= high and consists_of(text, DIGITS)


def is_hex(text: object, length: int) -> bool:
    """Whether `text` is a str of exactly `length` upper-case hex digits."""
    return isinstance(text, str) and len(text) == length and consists_of(text, HEX_UPPER)


def is_clean(text: str) -> bool:
    """Whether `text` can be shown to a person: no control character, surrogate, noncharacter or reordering mark."""
    if _HAS_PRINTABLE and text.isascii() and text.isprintable():
        return True
    for character in text:
        code = ord(character)
        if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE:
            return False
        if _BIDI_FIRST <= code <= _BIDI_LAST or _ISOLATE_FIRST <= code <= _ISOLATE_LAST or code in {0x2028, 0x2029}:
            return False
    return True


def quoted(text: object, limit: int = 24) -> str:
    """`text` for an error message: shortened, with everything but plain ASCII shown as `?`."""
    shown = "".join([c if 0x20 <= ord(c) < 0x7F and c != "'" else "?" for c in str(text)[:limit]])
    return "'" + shown + ("...'" if len(str(text)) > limit else "'")


def decode_utf8(data: bytes) -> str:
    """Strict UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF); ValueError says where it breaks.

    MicroPython's own decoder lets several ill-formed sequences through, so the bytes are checked here first.
    """
    index, size = 0, len(data)
    while index < size:
        first = data[index]
        if first < 0x80:
            index += 1
            continue
        if 0xC2 <= first < 0xE0:
            low, high, more = 0x80, 0xBF, 1
        elif 0xE0 <= first < 0xF0:
            low, high, more = (0xA0 if first == 0xE0 else 0x80), (0x9F if first == 0xED else 0xBF), 2
        elif 0xF0 <= first < 0xF5:
            low, high, more = (0x90 if first == 0xF0 else 0x80), (0x8F if first == 0xF4 else 0xBF), 3
        else:
            raise ValueError("not UTF-8 at byte %d" % index)
        if index + more >= size or not low <= data[index + 1] <= high:
            raise ValueError("not UTF-8 at byte %d" % index)
        for place in range(index + 2, index + more + 1):
            if not 0x80 <= data[place] <= 0xBF:
                raise ValueError("not UTF-8 at byte %d" % index)
        index += more + 1
    return bytes(data).decode()
