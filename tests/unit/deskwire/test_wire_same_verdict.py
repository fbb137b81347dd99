"""CPython and MicroPython give the same verdict on a seeded corpus of damaged messages, payloads and states."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deskwire import catalogue, dukpt, elqr, emvco, envelope, messages
from kassa.conform import interpreters

if TYPE_CHECKING:
    from types import ModuleType

SUPPORT = interpreters.ROOT / "tests" / "both" / "support"
SEED = 20260101
NOW = 1790000000

#: What a hostile or broken sender would write where it hurts.
TOKENS = [
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"NaN",
    b"-0",
    b"1.0",
    b"1e9",
    b"9" * 30,
    b"true",
    b"null",
    b"{}",
    b"[",
    b"]" * 9,
    b"[" * 9,
    b",",
    b":",
    b'"v":1,',
    b"\x00",
    b" ",
    b"\n",
    "\u202e".encode(),
    "\u0661".encode(),
    "\U0001f600".encode(),
    b"\xef\xbb\xbf",
    b"\\n",
    b"/",
    b"#",
    b"%",
    b"%zz",
    b"00",
    b"99",
    b"6304",
    b".",
    b"=",
    b"+",
    b"-",
    b"_",
]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SUPPORT / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def originals() -> list[tuple[str, bytes]]:
    samples, key, ikid = load("wire_samples"), bytes(32), b"12345678"
    found: list[tuple[str, bytes]] = []
    for name, (body, answer) in catalogue.ASKS.items():
        ask = messages.build_ask(name, samples.ID, "T0000001", NOW, True, samples.right(body))
        found += [("up", ask), ("json", ask), ("envelope", envelope.seal(ask, dukpt.ksn(ikid, 1), key))]
        content = samples.right(answer) | ({"services": ["sale"]} if name == "hello" else {})
        found.append(("down", messages.build_answer(samples.ID, "T0000001", NOW, content, name)))
    for name, (body, _) in catalogue.TELLS.items():
        found.append(("up", messages.build_tell(name, samples.ID, "T0000001", NOW, False, samples.right(body))))
    for name, body in catalogue.NEWS.items():
        found.append(("down", messages.build_news(1, "T0000001", NOW, NOW, name, samples.right(body))))
    found.append(("down", messages.build_refusal(samples.ID, "T0000001", NOW, "pin_wrong", {"tries_left": 1})))
    sale = emvco.sale_payload(
        samples.ID, 1250, "AZN", "5411", "AZ", "Shop", "Baku", "T1", None, ("KA", "მაღაზია", "ბათუმი")
    )
    code = elqr.build(
        [
            ("00", "01"),
            ("01", "12"),
            ("32", "0004a.kg0101p"),
            ("34", "Оплата"),
            ("52", "5411"),
            ("53", "417"),
            ("59", "S"),
        ]
    )
    found += [("emvco", sale.encode()), ("elqr", code.encode()), ("elqr", b"https://pay.kg/#" + code.encode())]
    found += [("topic", b"kassa/1/T0000001/ask"), ("topic", b"kassa/1/hub/H001/state")]
    found.append(("registers", dukpt.Registers.load(key, ikid).to_bytes()))
    found += [("pinfield", bytes.fromhex("441234AAAAAAAAAA2F69ADDE2E9E7ACE")), ("pinblock", bytes(16))]
    return found


def damaged(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.choice((0, 1, 1, 2, 8)))
        new = chance.choice([chance.choice(TOKENS), b"", bytes([chance.randrange(256)]), data[place:end] * 2])
        data = data[:place] + new + data[end:]
    return data


def refreshed(parser: str, data: bytes) -> bytes:
    """The checksum made right again, so that the rules behind it are reached."""
    try:
        if parser == "emvco":
            return data[:-4] + emvco.crc(data[:-4].decode()).encode()
        if parser == "elqr":
            text = elqr.payload_of(data.decode())
            return text[:-4].encode() + elqr.checksum(elqr.tlv.read(text, "", True)).encode()
    except (UnicodeDecodeError, messages.MessageError, elqr.PayloadError):
        pass
    return data


def corpus() -> list[tuple[str, bytes]]:
    chance = random.Random(SEED)
    kept = originals()
    cases = list(kept)
    for parser, data in kept:
        for _ in range(60):
            bad = damaged(chance, data)
            cases.append((parser, refreshed(parser, bad) if chance.random() < 0.7 else bad))
    return cases


def test_both_interpreters_give_the_same_verdict() -> None:
    binary = interpreters.micropython()
    if binary is None:
        pytest.skip("no MicroPython beside this Python")
    verdicts = load("verdicts")
    cases = corpus()
    lines = "".join(f"{parser} {data.hex()}\n" for parser, data in cases)
    path = [str(SUPPORT)]
    done = interpreters.run(binary, [str(Path(verdicts.__file__ or ""))], path=path, standard_input=lines.encode())
    device = done.stdout.decode().splitlines()
    assert len(device) == len(cases), done.stdout[-500:]
    host = [verdicts.verdict(parser, data) for parser, data in cases]
    differing = [(case, ours, theirs) for case, ours, theirs in zip(cases, host, device, strict=True) if ours != theirs]
    assert not differing, f"seed {SEED}: {len(differing)} differ, first {differing[0]}"
    assert not [verdict for verdict in host if verdict.startswith("DEFECT")]
    accepted = sum(verdict == "ok" for verdict in host)
    assert len(originals()) - 2 < accepted < len(cases) / 2
    assert sys.implementation.name == "cpython"
