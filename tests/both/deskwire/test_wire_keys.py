"""Keys: the terminal's registers against the host's derivation, stored states, envelopes, PIN blocks."""

from both import refused

from deskwire import base64url, dukpt, envelope, pinblock, primitives
from deskwire.errors import DukptError, EnvelopeError, KeyExhaustedError, PinBlockError, WireError

IKID = bytes.fromhex("1234567890123456")
IK = dukpt.initial_key(bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1" * 2), IKID)
IK128 = dukpt.initial_key(bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1"), IKID)
KEY = bytes(range(32))
ACCOUNT = "4111111111111111"


def host_keys(ik, counter, mac, pin):
    dk = dukpt.derivation_key(ik, IKID, counter)
    return [
        dukpt.working_key(dk, usage, kind, IKID, counter)
        for usage, kind in ((dukpt.MAC_UP, mac), (dukpt.MAC_DOWN, mac), (dukpt.PIN, pin))
    ]


def test_registers_give_the_hosts_keys_for_each_transaction():
    for ik, mac, pin in ((IK, dukpt.HMAC256, dukpt.AES256), (IK128, dukpt.HMAC128, dukpt.AES128)):
        state = dukpt.Registers.load(ik, IKID)
        for counter in range(1, 70):
            keys = state.advance()
            assert keys.counter == counter
            assert dukpt.split_ksn(keys.ksn) == (IKID, counter)
            assert [keys.mac_up_key, keys.mac_down_key, keys.pin_key] == host_keys(ik, counter, mac, pin), counter
            state = dukpt.Registers.from_bytes(state.to_bytes())


def test_used_registers_are_destroyed():
    state = dukpt.Registers.load(IK, IKID)
    first = state.register(0)
    state.advance()
    assert state.register(0) is None
    assert first not in state.to_bytes()
    assert IK not in state.to_bytes()
    state.wipe()
    assert state.to_bytes().count(b"\x00") > 1024
    assert IK.hex() not in repr(state).lower()


def test_a_state_that_is_torn_or_changed_is_refused():
    stored = dukpt.Registers.load(IK128, IKID).to_bytes()
    assert dukpt.Registers.from_bytes(stored).advance().counter == 1
    for length in range(0, len(stored), 37):
        refused(DukptError, dukpt.Registers.from_bytes, stored[:length])
    for place in range(0, len(stored), 11):
        changed = bytearray(stored)
        changed[place] ^= 1
        refused(DukptError, dukpt.Registers.from_bytes, bytes(changed))
    refused(DukptError, dukpt.Registers.from_bytes, stored + b"\x00")
    refused(DukptError, dukpt.Registers.from_bytes, b"")
    refused(DukptError, dukpt.Registers.from_bytes, None)


def state_at(counter):
    """A register state that stands at `counter`, made by the host's derivation."""
    present, keys = 0, bytearray(32 * 16)
    for index in range(32):
        ahead = (counter >> index << index) if counter >> index & 1 else (counter >> index | 1) << index
        key = dukpt.walk(IK128, IKID, ahead)
        keys[index * 16 : index * 16 + 16] = key
        present |= 1 << index
    return dukpt.Registers(IKID, counter, present, 16, keys)


def test_counters_with_more_than_16_ones_are_skipped():
    state = state_at(0x0001FFFE)
    assert state.advance().counter == 0x0001FFFE
    keys = state.advance()
    assert keys.counter == 0x00020000
    assert keys.pin_key == host_keys(IK128, 0x00020000, dukpt.HMAC128, dukpt.AES128)[2]
    for counter in (0, 0x0001FFFF, 0xFFFFFFFF, 0xFFFF0001, -1, 2**32):
        assert not dukpt.is_valid_counter(counter)
        refused(DukptError, dukpt.derivation_key, IK128, IKID, counter)


def test_exhaustion_is_an_error_of_its_own():
    state = state_at(dukpt.LAST_COUNTER)
    keys = state.advance()
    assert keys.pin_key.hex().upper() == "27EFAC1D158632588F4AC69E45C247C4"
    assert refused(KeyExhaustedError, state.advance).reason == "key_exhausted"
    refused(KeyExhaustedError, dukpt.Registers.from_bytes(state.to_bytes()).advance)
    refused(KeyExhaustedError, dukpt.next_counter, dukpt.LAST_COUNTER)


def test_a_working_key_is_never_stronger_than_its_source():
    dk = dukpt.derivation_key(IK128, IKID, 1)
    for kind in (dukpt.AES192, dukpt.AES256, dukpt.HMAC192, dukpt.HMAC256):
        refused(DukptError, dukpt.working_key, dk, dukpt.PIN, kind, IKID, 1)
    assert len(dukpt.working_key(dk, dukpt.PIN, dukpt.TDEA3, IKID, 1)) == 24
    refused(DukptError, dukpt.initial_key, b"short", IKID)
    refused(DukptError, dukpt.initial_key, KEY, b"short")
    refused(DukptError, dukpt.split_ksn, b"short")


def test_envelopes_open_and_nothing_else_does():
    ksn = dukpt.ksn(IKID, 1)
    jws = envelope.seal(b'{"n":1}', ksn, KEY)
    parts = envelope.split(jws)
    assert (parts.ksn, parts.payload) == (ksn, b'{"n":1}')
    assert envelope.verify(parts, KEY)
    assert not envelope.verify(parts, bytes(32))
    assert envelope.split(jws.decode()).payload == parts.payload
    for place in range(len(jws)):
        changed = bytearray(jws)
        changed[place] ^= 1
        try:
            other = envelope.split(bytes(changed))
        except EnvelopeError:
            continue
        assert not (envelope.verify(other, KEY) and other.ksn == ksn), place


def test_envelopes_of_another_form_are_refused():
    ksn = dukpt.ksn(IKID, 1)
    good = envelope.seal(b"{}", ksn, KEY)
    header, payload, signature = good.split(b".")
    kid = b'"kid":"123456789012345600000001"'
    for other in (
        b'{"alg":"none",' + kid + b"}",
        b'{"alg":"HS512",' + kid + b"}",
        b"{" + kid + b',"alg":"HS256"}',
        b'{"alg": "HS256",' + kid + b"}",
        b'{"alg":"HS256",' + kid + b',"b64":false}',
        b'{"alg":"HS256","kid":"12345678901234560000000a"}',
        b'{"alg":"HS256","kid":"1234567890123456000001"}',
        b"{}",
        b"",
    ):
        refused(EnvelopeError, envelope.split, base64url.encode(other) + b"." + payload + b"." + signature)
    for bad in (
        b"",
        b"..",
        header + b"." + payload,
        good + b".",
        good + b"=",
        b" " + good,
        good + b"\n",
        header + b".!!." + signature,
        header + b"." + payload + b"." + signature[:-1],
        header + b"." + payload + b"." + signature[:-1] + b"B",
        header + b".e30=." + signature,
        header + b".e31." + signature,
        None,
        5,
        "\u00e9",
    ):
        refused(EnvelopeError, envelope.split, bad)
    assert refused(EnvelopeError, envelope.split, b"x" * 4097).reason == "oversized"
    assert refused(EnvelopeError, envelope.split, good, 10).reason == "oversized"
    assert refused(EnvelopeError, envelope.seal, bytes(1600), ksn, KEY, envelope.UP_LIMIT).reason == "oversized"
    assert len(envelope.seal(bytes(1454), ksn, KEY, envelope.UP_LIMIT)) <= envelope.UP_LIMIT


def test_hmac_keys_of_every_length():
    for size in (1, 16, 32, 63, 64, 65, 200):
        assert len(primitives.hmac_sha256(bytes(size), b"x")) == 32
    assert primitives.hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex().startswith("5bdcc146bf60754e6a042426")
    long = primitives.hmac_sha256(b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First")
    assert long.hex().startswith("60e431591ee0b67f0d8a26aa")
    assert primitives.equal(b"ab", b"ab")
    assert not primitives.equal(b"ab", b"ac")
    assert not primitives.equal(b"ab", b"abc")


def test_pin_blocks_are_bound_to_account_and_key():
    pin = bytearray(b"1234")
    block = pinblock.encode(pin, ACCOUNT, bytes(8), KEY)
    assert pinblock.decode(block, ACCOUNT, KEY) == pin
    refused(PinBlockError, pinblock.decode, block, "4111111111111112", KEY)
    refused(PinBlockError, pinblock.decode, block, ACCOUNT, bytes(32))
    assert block != pinblock.encode(pin, ACCOUNT, bytes(7) + b"\x01", KEY)
    pinblock.wipe(pin)
    assert pin == bytearray(4)
    for wrong in (b"123", b"1" * 13, b"12a4", b"", b"\x01\x02\x03\x04"):
        error = refused(PinBlockError, pinblock.encode, bytearray(wrong), ACCOUNT, bytes(8), KEY)
        assert "12a4" not in str(error)
    refused(PinBlockError, pinblock.encode, bytearray(b"1234"), ACCOUNT, bytes(7), KEY)
    refused(PinBlockError, pinblock.encode, bytearray(b"1234"), "4111-1111", bytes(8), KEY)
    refused(PinBlockError, pinblock.decode, block[:-1], ACCOUNT, KEY)
    refused(WireError, pinblock.decode, block, ACCOUNT, b"short")
