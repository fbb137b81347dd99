"""The vault: what it vouches for, what it refuses, and that it never shows a secret."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vault import signing
from backend.vault.chains import Chains
from backend.vault.port import EnvelopeError, VaultError
from backend.vault.sealing import MASTER_KEY_FILE, MasterKey, load_master_key
from backend.vault.soft import SoftVault
from backend.vault.testing import Pin, make_ikid, make_vault
from deskwire import accounts, base64url, dukpt, envelope, pinblock, primitives_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "standards.json").read_text())["envelope"]
IKID = make_ikid(1)
ACCOUNT = accounts.complete("900000000000000")
OTHER_ACCOUNT = accounts.complete("900000000000001")


@pytest.fixture
def vault() -> SoftVault:
    return make_vault()


def sealed_up(vault: SoftVault, payload: bytes, counter: int, ikid: bytes = IKID) -> bytes:
    key = dukpt.derivation_key(vault.initial_key(ikid), ikid, counter)
    mac = dukpt.working_key(key, dukpt.MAC_UP, dukpt.HMAC256, ikid, counter)
    return envelope.seal(payload, dukpt.ksn(ikid, counter), mac)


def pin_block(vault: SoftVault, pin: str, account: str, counter: int) -> Pin:
    key = dukpt.derivation_key(vault.initial_key(IKID), IKID, counter)
    pin_key = dukpt.working_key(key, dukpt.PIN, dukpt.AES256, IKID, counter)
    digits = bytearray(pin.encode())
    return Pin(pinblock.encode(digits, account, secrets.token_bytes(8), pin_key), dukpt.ksn(IKID, counter))


@pytest.mark.parametrize("row", VECTORS["vectors"], ids=lambda row: row["counter_hex"])
def test_opens_and_seals_the_standard_vectors(row: dict[str, str]) -> None:
    ikid = bytes.fromhex(VECTORS["initial_key_id"])
    vault = SoftVault({ikid[:4]: bytes.fromhex(VECTORS["bdk"])}, {1: bytes(32)})
    opened = vault.open_envelope(row["jws_request"].encode(), ikid)
    assert opened.payload == row["payload"].encode()
    assert opened.counter == int(row["counter_hex"], 16)
    assert vault.seal(opened.payload, opened.ksn) == row["jws_response"].encode()
    verifier = vault.make_verifier(row["pan"], row["pin"])
    assert vault.check_pin(Pin(bytes.fromhex(row["pin_block"]), opened.ksn), row["pan"], verifier)


def test_hot_path_signs_what_joserfc_signs() -> None:
    key, ksn, payload = secrets.token_bytes(32), secrets.token_bytes(12), secrets.token_bytes(300)
    jws = signing.seal(payload, ksn, key)
    assert jws == envelope.seal(payload, ksn, key)
    parts = envelope.split(jws)
    assert signing.verify(parts, key)
    assert envelope.verify(parts, key)
    assert not signing.verify(parts, secrets.token_bytes(32))


@given(st.lists(st.integers(0, 0xFFFF0000).filter(dukpt.is_valid_counter), min_size=1, max_size=12))
def test_remembered_chains_give_the_standard_derivation(counters: list[int]) -> None:
    initial = bytes(range(32))
    chains = Chains(lambda _: initial)
    for counter in counters:
        derived, keys = dukpt.derivation_key(initial, IKID, counter), chains.keys(IKID, counter)
        assert keys.mac_up == dukpt.working_key(derived, dukpt.MAC_UP, dukpt.HMAC256, IKID, counter)
        assert keys.mac_down == dukpt.working_key(derived, dukpt.MAC_DOWN, dukpt.HMAC256, IKID, counter)
        assert keys.pin == dukpt.working_key(derived, dukpt.PIN, dukpt.AES256, IKID, counter)
        assert chains.keys(IKID, counter) is keys
        assert keys.pin.hex() not in repr(keys)


def test_consecutive_counters_cost_one_step_each(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    step = primitives_host.ecb_encryptor

    def counted(key: bytes) -> Callable[[bytes], bytes]:
        nonlocal steps
        steps += 1
        return step(key)

    chains = Chains(lambda _: bytes(32))
    chains.keys(IKID, 0x1234_0001)
    monkeypatch.setattr(primitives_host, "ecb_encryptor", counted)
    counter = 0x1234_0001
    for _ in range(300):
        counter = dukpt.next_counter(counter)
        chains.keys(IKID, counter)
    assert steps <= 300


def test_forgets_the_longest_unused_terminal() -> None:
    chains = Chains(lambda ikid: ikid * 4, max_chains=2)
    for number in (1, 2, 1, 3):
        chains.keys(make_ikid(number), 1)
    assert set(chains._chains) == {make_ikid(1), make_ikid(3)}


def tampered(vault: SoftVault) -> Iterator[tuple[bytes, str]]:
    good = sealed_up(vault, b'{"v":1}', 7)
    head, body, signature = good.split(b".")
    yield good[:-1], "malformed"
    yield good[:-2] + bytes([good[-2] ^ 1]) + good[-1:], "not_authentic"
    yield head + b"." + body[:-2] + b"." + signature, "not_authentic"
    yield good + b"=", "malformed"
    yield b"", "malformed"
    yield b"." * 1000, "malformed"
    yield b"A" * 5000, "oversized"
    yield sealed_up(vault, b"x" * 1800, 7), "oversized"
    yield sealed_up(vault, b'{"v":1}', 7, make_ikid(2)), "wrong_terminal"

    for header in (
        b'{"alg":"none","kid":"%s"}',
        b'{"alg":"HS512","kid":"%s"}',
        b'{"alg":"HS128","kid":"%s"}',
        b'{"alg":"HS256","kid":"%s","b64":false}',
        b'{"kid":"%s","alg":"HS256"}',
    ):
        written = base64url.encode(header % dukpt.ksn(IKID, 7).hex().upper().encode())
        yield written + b"." + body + b"." + signature, "malformed"
        yield written + b"." + body + b".", "malformed"


def test_nothing_but_the_terminals_own_message_is_opened(vault: SoftVault) -> None:
    for jws, reason in tampered(vault):
        with pytest.raises(EnvelopeError) as refused:
            vault.open_envelope(jws, IKID)
        assert refused.value.reason == reason, jws[:80]


@pytest.mark.parametrize(
    ("counter", "reason"), [(0, "not_authentic"), (0x0001_FFFF, "not_authentic"), (0xFFFF_FFFF, "key_exhausted")]
)
def test_counters_no_terminal_can_use_are_refused(vault: SoftVault, counter: int, reason: str) -> None:
    jws = envelope.seal(b"{}", dukpt.ksn(IKID, counter), bytes(32))
    with pytest.raises(EnvelopeError) as refused:
        vault.open_envelope(jws, IKID)
    assert refused.value.reason == reason


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_reason(noise: bytes) -> None:
    with pytest.raises(EnvelopeError):
        make_vault().open_envelope(noise, IKID)


def test_a_message_cannot_be_reflected_as_an_answer(vault: SoftVault) -> None:
    with pytest.raises(EnvelopeError):
        vault.open_envelope(vault.seal(b"{}", dukpt.ksn(IKID, 3)), IKID)


def test_pin_is_right_only_for_its_account_key_and_digits(vault: SoftVault) -> None:
    verifier = vault.make_verifier(ACCOUNT, "1234")
    good = pin_block(vault, "1234", ACCOUNT, 5)
    assert vault.check_pin(good, ACCOUNT, verifier)
    assert not vault.check_pin(pin_block(vault, "1235", ACCOUNT, 5), ACCOUNT, verifier)
    assert not vault.check_pin(pin_block(vault, "1234", OTHER_ACCOUNT, 5), ACCOUNT, verifier)
    assert not vault.check_pin(good, OTHER_ACCOUNT, vault.make_verifier(OTHER_ACCOUNT, "1234"))
    assert not vault.check_pin(Pin(good.block, dukpt.ksn(IKID, 6)), ACCOUNT, verifier)
    assert not vault.check_pin(Pin(good.block[:-1], good.ksn), ACCOUNT, verifier)
    assert not make_vault().check_pin(Pin(good.block, good.ksn), ACCOUNT, verifier)


def test_verifiers_are_salted_and_bound_to_the_account(vault: SoftVault) -> None:
    first, second = vault.make_verifier(ACCOUNT, "1234"), vault.make_verifier(ACCOUNT, "1234")
    assert first != second
    assert b"1234" not in first
    with pytest.raises(VaultError):
        vault.check_pin(pin_block(vault, "1234", ACCOUNT, 5), ACCOUNT, b"short")


def test_old_verifiers_hold_after_the_verifier_key_is_renewed() -> None:
    bdk, old = secrets.token_bytes(32), secrets.token_bytes(32)
    before = SoftVault({IKID[:4]: bdk}, {1: old})
    verifier = before.make_verifier(ACCOUNT, "1234")
    after = SoftVault({IKID[:4]: bdk}, {1: old, 2: secrets.token_bytes(32)})
    assert after.check_pin(pin_block(after, "1234", ACCOUNT, 9), ACCOUNT, verifier)
    assert after.make_verifier(ACCOUNT, "1234")[1] == 2


def test_sealed_keys_open_only_under_their_name_and_master_key() -> None:
    master, secret = MasterKey(secrets.token_bytes(32)), secrets.token_bytes(32)
    sealed = master.seal("bdk:7E570001", secret)
    assert secret not in sealed
    assert master.open("bdk:7E570001", sealed) == secret
    for name, raw, key in (
        ("bdk:7E570002", sealed, master),
        ("bdk:7E570001", sealed[:-1] + bytes([sealed[-1] ^ 1]), master),
        ("bdk:7E570001", sealed[:5], master),
        ("bdk:7E570001", sealed, MasterKey(secrets.token_bytes(32))),
    ):
        with pytest.raises(VaultError):
            key.open(name, raw)


def test_master_key_file_is_private(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="KASSA_VAULT_MASTER_KEY"):
        load_master_key(None, tmp_path)
    load_master_key(None, tmp_path, create=True)
    path = tmp_path / MASTER_KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    sealed = load_master_key(None, tmp_path).seal("x", b"y")
    assert load_master_key(path.read_text().strip(), tmp_path).open("x", sealed) == b"y"
    path.chmod(0o644)
    with pytest.raises(VaultError, match="chmod 600"):
        load_master_key(None, tmp_path)
    with pytest.raises(VaultError, match="hex"):
        load_master_key("not hex", tmp_path)


def test_no_repr_shows_a_secret(vault: SoftVault) -> None:
    good = pin_block(vault, "1234", ACCOUNT, 5)
    opened = vault.open_envelope(sealed_up(vault, b'{"secret":"s"}', 5), IKID)
    shown = " ".join(map(repr, (vault, MasterKey(bytes(32)), good, opened, Chains(vault.initial_key))))
    assert "secret" not in shown
    assert good.block.hex() not in shown
    assert vault.initial_key(IKID).hex() not in shown
