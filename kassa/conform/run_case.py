# ruff: noqa: PLR0917  (an operation has as many arguments as its vectors have fields)
"""Run one conformance case: pure data in, pure data out, under whichever interpreter executes this file.

A case is {"op": name, "args": {...}}; the result is {"got": value}, {"refused": why}, {"unsupported": why} or
{"error": what}.
Under MicroPython this file is the script: a case a line on standard input, a result a line on standard output.
"""

import json
import sys

from deskwire import base64url, cmac, dukpt, elqr, emvco, envelope, pinblock, primitives, tlv
from deskwire.errors import UnsupportedError, WireError

if sys.implementation.name != "micropython":
    from typing import Any


def _hex(data: "bytes | bytearray") -> str:
    return bytes(data).hex().upper()


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def _type(key_type: "list[int]") -> "tuple[int, int]":
    return key_type[0], key_type[1]


def initial_key(bdk: str, ikid: str) -> str:
    """BDK and initial key id -> initial key."""
    return _hex(dukpt.initial_key(_unhex(bdk), _unhex(ikid)))


def derivation_data(usage: int, key_type: "list[int]", ikid: str, counter: int, block: int) -> str:
    """The block that is enciphered to make a key."""
    return _hex(dukpt.derivation_data(usage, _type(key_type), _unhex(ikid), counter, block))


def derivation_key(bdk: str, ikid: str, counter: int) -> str:
    """The derivation key of a counter, whether a transaction may carry it or not."""
    return _hex(_derivation_key(bdk, ikid, counter))


def _derivation_key(bdk: str, ikid: str, counter: int) -> bytes:
    identifier = _unhex(ikid)
    return dukpt.walk(dukpt.initial_key(_unhex(bdk), identifier), identifier, counter)


def _working_key(bdk: str, ikid: str, counter: int, usage: int, key_type: "list[int]") -> bytes:
    return dukpt.working_key(_derivation_key(bdk, ikid, counter), usage, _type(key_type), _unhex(ikid), counter)


def working_key(bdk: str, ikid: str, counter: int, usage: int, key_type: "list[int]") -> str:
    """The working key of a usage and type."""
    return _hex(_working_key(bdk, ikid, counter, usage, key_type))


def update_key(bdk: str, ikid: str) -> str:
    """The DUKPT update key."""
    identifier = _unhex(ikid)
    return _hex(dukpt.update_key(dukpt.initial_key(_unhex(bdk), identifier), identifier))


def ksn(ikid: str, counter: int) -> str:
    """The key set identifier."""
    return _hex(dukpt.ksn(_unhex(ikid), counter))


def counter_facts(counter: int) -> "list[Any]":
    """[one bits, whether a transaction may carry it, eight hex digits]."""
    return [dukpt.ones(counter), dukpt.is_valid_counter(counter), f"{counter:08X}"]


def next_counter(counter: int) -> str:
    """The counter that follows, refused when there is none."""
    return f"{dukpt.next_counter(counter):08X}"


def total_transactions() -> int:
    """How many counters are valid: sum of C(32, 1..16)."""
    total, choose = 0, 1
    for size in range(1, 17):
        choose = choose * (33 - size) // size
        total += choose
    return total


def register(bdk: str, ikid: str, advances: int, index: int) -> "str | None":
    """A terminal's register after loading and `advances` transactions; None where it was destroyed."""
    identifier = _unhex(ikid)
    state = dukpt.Registers.load(dukpt.initial_key(_unhex(bdk), identifier), identifier)
    for _ in range(advances):
        state.advance()
    state = dukpt.Registers.from_bytes(state.to_bytes())
    key = state.register(index)
    return None if key is None else _hex(key)


def terminal_keys(bdk: str, ikid: str, counter: int) -> "list[str]":
    """[KSN, PIN key] of a counter by the terminal's own registers, its state stored and read back on the way."""
    identifier = _unhex(ikid)
    state = dukpt.Registers.load(dukpt.initial_key(_unhex(bdk), identifier), identifier)
    while state.counter != counter:
        state.advance()
    transaction = dukpt.Registers.from_bytes(state.to_bytes()).advance()
    return [_hex(transaction.ksn), _hex(transaction.pin_key)]


def mac(key: str, message: str) -> str:
    """AES-CMAC."""
    return _hex(cmac.cmac(_unhex(key), _unhex(message)))


def byte_count(data: str) -> int:
    """How many bytes the hex digits are."""
    return len(_unhex(data))


def mac_subkey(key: str, index: int) -> str:
    """L, K1 or K2 of AES-CMAC."""
    return _hex(cmac.subkeys(_unhex(key))[index])


def key_check_value(key: str, size: int) -> str:
    """The CMAC of a zero block, cut."""
    return _hex(cmac.key_check_value(_unhex(key), size))


def hmac(key: str, message: str) -> str:
    """HMAC-SHA-256."""
    return _hex(primitives.hmac_sha256(_unhex(key), _unhex(message)))


def dukpt_mac(bdk: str, ikid: str, counter: int, usage: int, key_type: "list[int]", message: str) -> str:
    """AES-CMAC, or HMAC-SHA-256 for an HMAC key type, under a working key."""
    key = _working_key(bdk, ikid, counter, usage, key_type)
    return _hex((primitives.hmac_sha256 if key_type[0] == 5 else cmac.cmac)(key, _unhex(message)))


def pin_key_block(bdk: str, ikid: str, counter: int, key_type: "list[int]", pin: str, pan: str, random8: str) -> str:
    """The format 4 block under a PIN working key, which also decodes back."""
    return pin_block(_hex(_working_key(bdk, ikid, counter, 0x1000, key_type)), pin, pan, random8)


def pin_field(pin: str, random8: str) -> str:
    """The plain-text PIN field."""
    return _hex(pinblock.pin_field(pin.encode(), _unhex(random8)))


def pan_field(pan: str) -> str:
    """The plain-text account field."""
    return _hex(pinblock.pan_field(pan))


def block_a(pin: str, random8: str, key: str = "", key_of: "dict[str, Any] | None" = None) -> str:
    """The PIN field enciphered once, under `key` or the working key that `key_of` describes."""
    if key_of is not None:
        key = working_key(**key_of)
    return _hex(primitives.encrypt_ecb(_unhex(key), bytes(pinblock.pin_field(pin.encode(), _unhex(random8)))))


def block_b(pin: str, pan: str, random8: str, key: str = "", key_of: "dict[str, Any] | None" = None) -> str:
    """Block A with the account field."""
    return _hex(cmac.xor(_unhex(block_a(pin, random8, key, key_of)), pinblock.pan_field(pan)))


def pin_block(key: str, pin: str, pan: str, random8: str) -> str:
    """The format 4 block, which also decodes back to the PIN."""
    block = pinblock.encode(bytearray(pin.encode()), pan, _unhex(random8), _unhex(key))
    if bytes(pinblock.decode(block, pan, _unhex(key))) != pin.encode():
        raise AssertionError("the block does not decode to the PIN it was made of")
    return _hex(block)


def pin_decodes(key: str, block: str, pan: str, pin: str) -> bool:
    """Whether a block decodes to this PIN; refused when it does not decode."""
    return bytes(pinblock.decode(_unhex(block), pan, _unhex(key))) == pin.encode()


def pin_decipher(key: str, block: str, pan: str) -> str:
    """The deciphered field of a test vector, not judged."""
    return _hex(pinblock.decipher(_unhex(block), pan, _unhex(key)))


def pin_read(field: str) -> int:
    """How many digits a plain-text PIN field holds; refused when it breaks a rule."""
    return len(pinblock.read_field(_unhex(field)))


def emv_root(payload: str) -> "list[list[str]]":
    """The root objects of a valid payload."""
    return [[tag, value] for tag, value in emvco.parse(payload).root]


def emv_rebuilt(payload: str) -> str:
    """The payload that our builder makes of a valid payload's objects."""
    parsed = emvco.parse(payload)
    return emvco.build([(tag, parsed.templates.get(tag, value)) for tag, value in parsed.root if tag != "63"])


def emv_framed(payload: str) -> bool:
    """Whether the outer form and the checksum hold."""
    try:
        emvco.frame(payload)
    except WireError:
        return False
    return True


def crc(text: str) -> str:
    """CRC-16/IBM-3740 of UTF-8 text."""
    return emvco.crc(text)


def crc_hex(data: str) -> str:
    """CRC-16/IBM-3740 of bytes."""
    return f"{emvco.crc16(_unhex(data)):04X}"


def crc_written(value: int) -> str:
    """A checksum as the payload's last object."""
    return f"6304{value:04X}"


def sizes(text: str) -> "list[int]":
    """[characters, UTF-8 bytes]."""
    return [len(text), len(text.encode())]


def elqr_root(payload: str) -> "list[list[str]]":
    """The root objects of a valid ELQR payload or link."""
    return [[tag, value] for tag, value in elqr.parse(payload).root]


def elqr_checksum(payload: str) -> str:
    """The checksum an ELQR payload should carry, lower case."""
    return elqr.checksum(tlv.parse(elqr.payload_of(payload), "", True))  # noqa: FBT003


def elqr_accepts(payload: str) -> bool:
    """True for a valid ELQR payload; refused otherwise."""
    elqr.parse(payload)
    return True


def seal(bdk: str, ikid: str, counter: int, usage: int, key_type: "list[int]", payload: str) -> str:
    """A signed envelope under a working key."""
    key = _working_key(bdk, ikid, counter, usage, key_type)
    return envelope.seal(payload.encode(), dukpt.ksn(_unhex(ikid), counter), key).decode()


def opened(bdk: str, ikid: str, usage: int, key_type: "list[int]", jws: str) -> "list[Any]":
    """[KSN, payload, whether it verifies, whether it still does with one bit of the signature changed]."""
    parts = envelope.split(jws.encode())
    identifier, counter = dukpt.split_ksn(parts.ksn)
    if identifier != _unhex(ikid):
        raise WireError("the KSN is not of this initial key")
    dukpt.check_counter(counter)
    key = _working_key(bdk, ikid, counter, usage, key_type)
    changed = envelope.Parts(parts.ksn, parts.payload, parts.signing_input, _flipped(parts.signature))
    return [_hex(parts.ksn), parts.payload.decode(), envelope.verify(parts, key), envelope.verify(changed, key)]


def authentic(bdk: str, ikid: str, usage: int, key_type: "list[int]", jws: str) -> bool:
    """True for an envelope that is well formed and verifies; refused otherwise."""
    if opened(bdk, ikid, usage, key_type, jws)[2] is not True:
        raise WireError("the signature does not verify", "not_authentic")
    return True


def header_of(jws: str) -> str:
    """The header as it was signed."""
    return base64url.decode(jws.partition(".")[0].encode()).decode()


def _flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


OPERATIONS = {
    function.__name__: function
    for function in (
        initial_key,
        derivation_data,
        derivation_key,
        working_key,
        update_key,
        ksn,
        counter_facts,
        next_counter,
        total_transactions,
        register,
        terminal_keys,
        mac,
        byte_count,
        mac_subkey,
        key_check_value,
        hmac,
        dukpt_mac,
        pin_key_block,
        pin_field,
        pan_field,
        block_a,
        block_b,
        pin_block,
        pin_decodes,
        pin_decipher,
        pin_read,
        emv_root,
        emv_rebuilt,
        emv_framed,
        crc,
        crc_hex,
        crc_written,
        sizes,
        elqr_root,
        elqr_checksum,
        elqr_accepts,
        seal,
        opened,
        authentic,
        header_of,
    )
}


def run_case(case: "dict[str, Any]") -> "dict[str, Any]":
    """Run a case; whatever it raises becomes part of the result.

    `any_of` runs alternatives and returns what each that works gives: {"got_any": [...]}.
    """
    if case["op"] == "any_of":
        results = [run_case(way) for way in case["args"]["alternatives"]]
        found = [result["got"] for result in results if "got" in result]
        return {"got_any": found} if found else results[0]
    try:
        return {"got": OPERATIONS[case["op"]](**case["args"])}
    except UnsupportedError as error:
        return {"unsupported": str(error)}
    except WireError as error:
        return {"refused": str(error)}
    except Exception as error:  # noqa: BLE001  (anything else is a failure to report, not to stop at)
        return {"error": type(error).__name__ + ": " + str(error)}


def main() -> None:
    """Cases on standard input, results on standard output, a line each."""
    while True:
        line = sys.stdin.readline()
        if not line.strip():
            return
        sys.stdout.write(json.dumps(run_case(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
