"""Cases of the sections without a key hierarchy: PIN blocks, QR payloads, CMAC, checksums, PIN verification, IBAN."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kassa.conform.cases import REFUSED, Collector, is_explaining

if TYPE_CHECKING:
    from collections.abc import Callable

#: Fields that break the rule each sentence of reject_on_decode states, made from a good field of the PIN 1234.
_BROKEN_FIELDS = (
    ("control", ("341234AAAAAAAAAA0011223344556677", "041234AAAAAAAAAA0011223344556677")),
    (
        "length",
        ("43123AAAAAAAAAAA0011223344556677", "4D1234567890123A0011223344556677", "401234AAAAAAAAAA0011223344556677"),
    ),
    ("digit", ("44123AAAAAAAAAAA0011223344556677", "44F234AAAAAAAAAA0011223344556677")),
    ("fill", ("441234AAAAAAAAA00011223344556677", "4412340AAAAAAAAA0011223344556677")),
)


def walk_pinblock(into: Collector, content: dict[str, Any]) -> None:
    """Section pinblock_iso4."""
    for index, item in enumerate(content.get("vectors", [])):
        walk_block(into, f"block {index + 1}", item)
    for item in content.get("pan_fields", []):
        into.add(f"account field of {len(item['pan'])} digits", "pan_field", item["field"], pan=item["pan"])
    for item in content.get("pin_field_prefixes", []):
        want = item["prefix"] + "00" * 8
        into.add(f"PIN field of {len(item['pin'])} digits", "pin_field", want, pin=item["pin"], random8="00" * 8)
    for rule in content.get("reject_on_decode", []):
        walk_rejected(into, rule)
    if "wrong_account" in content:
        cases = content["wrong_account"]
        for item in cases if isinstance(cases, list) else [cases]:
            walk_wrong_account(into, item)
    if "random_block_passes_structure_check_probability" in content:
        given = content["random_block_passes_structure_check_probability"]
        into.add_host("random blocks that pass", "structure_probability", f"{given:.3g}", digits=3)
    known = {"vectors", "pan_fields", "pin_field_prefixes", "reject_on_decode", "wrong_account"}
    into.rest("", content, known | {"random_block_passes_structure_check_probability"})


def walk_block(into: Collector, label: str, item: dict[str, Any]) -> None:
    """One PIN block: its fields, both halves of the enciphering, the block, and back."""
    key, pin, pan, random8 = item["key"], item["pin"], item["pan"], item["random8"]
    operations: dict[str, tuple[str, dict[str, Any]]] = {
        "pin_field": ("pin_field", {"pin": pin, "random8": random8}),
        "pan_field": ("pan_field", {"pan": pan}),
        "block_a": ("block_a", {"key": key, "pin": pin, "random8": random8}),
        "block_b": ("block_b", {"key": key, "pin": pin, "pan": pan, "random8": random8}),
        "encrypted": ("pin_block", {"key": key, "pin": pin, "pan": pan, "random8": random8}),
    }
    operations["encrypted_pin_block"] = operations["encrypted"]
    for name, (op, args) in operations.items():
        if name in item:
            into.add(f"{label} {name}", op, item[name], **args)
    if "encrypted" in item:
        into.add(f"{label} decoded", "pin_decodes", True, key=key, block=item["encrypted"], pan=pan, pin=pin)  # noqa: FBT003
    into.rest(label, item, {"key", "pin", "pan", "random8", *operations})


def walk_rejected(into: Collector, rule: Any) -> None:
    """A rule that decoding must keep, given as a sentence or as a field that breaks it."""
    if isinstance(rule, dict):
        field = rule.get("field", rule.get("pin_field", rule.get("decoded_field")))
        if field is not None:
            into.add(f"refused: {rule.get('why', rule.get('name', field))}", "pin_read", REFUSED, field=field)
        else:
            into.skip(f"reject_on_decode {rule}")
        return
    for word, fields in _BROKEN_FIELDS:
        if word in str(rule):
            for field in fields:
                into.add(f"refused: {rule}", "pin_read", REFUSED, field=field)
            return
    into.skip(f"reject_on_decode: {rule}")


def walk_wrong_account(into: Collector, item: dict[str, Any]) -> None:
    """A block read with another account than it was made for."""
    args = {"key": item["key"], "block": item["encrypted"], "pan": item["pan"]}
    if "decoded_field" in item:
        into.add("wrong account: field", "pin_decipher", item["decoded_field"], **args)
    if "reject" in str(item.get("expect", "reject")):
        into.add("wrong account: refused", "pin_decodes", REFUSED, **args, pin="")
    into.rest("wrong_account", item, {"key", "encrypted", "pan", "decoded_field", "expect"})


def walk_emv(into: Collector, content: dict[str, Any]) -> None:
    """Section emv_qr."""
    for item in content.get("valid", []):
        name, payload = str(item.get("name", item["payload"]))[:60], item["payload"]
        if "root" in item:
            into.add(f"valid: {name}", "emv_root", item["root"], payload=payload)
        into.add(f"rebuilt: {name}", "emv_rebuilt", payload, payload=payload)
        if "crc" in item:
            into.add(f"CRC: {name}", "crc", item["crc"], text=payload[:-4])
        if "chars" in item and "utf8_bytes" in item:
            into.add(f"size: {name}", "sizes", [item["chars"], item["utf8_bytes"]], text=payload)
        into.rest(f"valid {name}", item, {"payload", "root", "crc", "chars", "utf8_bytes"})
    for part, flag in (("crc_ok_but_rule_breaking", "crc_ok"), ("invalid", "passes_tlv_and_crc")):
        for item in content.get(part, []):
            name = str(item.get("name", item["payload"]))[:60]
            into.add(f"refused: {name}", "emv_root", REFUSED, payload=item["payload"])
            if flag in item:
                into.add(f"outer form: {name}", "emv_framed", item[flag], payload=item["payload"])
            into.rest(f"{part} {name}", item, {"payload", flag, "violates"})
    into.rest("", content, {"crc", "valid", "crc_ok_but_rule_breaking", "invalid"})


def walk_elqr(into: Collector, content: dict[str, Any]) -> None:
    """Section elqr_kg. A vector with "ok": false, and every one under "invalid", must be refused."""
    for part in ("vectors", "valid", "invalid"):
        for item in content.get(part, []):
            payload = item.get("payload", item.get("url", item.get("link")))
            name = str(item.get("name", payload))[:60]
            if part == "invalid" or item.get("ok") is False:
                into.add(f"refused: {name}", "elqr_accepts", REFUSED, payload=payload)
            elif "root" in item:
                into.add(f"valid: {name}", "elqr_root", item["root"], payload=payload)
            else:
                into.add(f"valid: {name}", "elqr_accepts", True, payload=payload)  # noqa: FBT003
            if "checksum" in item and item.get("ok") is not False and part != "invalid":
                into.add(f"checksum: {name}", "elqr_checksum", item["checksum"].lower(), payload=payload)
            into.rest(f"{part} {name}", item, {"payload", "url", "link", "checksum", "ok", "root"})
    into.rest("", content, {"vectors", "valid", "invalid"})


def walk_cmac(into: Collector, content: dict[str, Any]) -> None:
    """Section aes_cmac: for each key, subkeys and tags."""
    for name, part in content.items():
        if not isinstance(part, dict) or "key" not in part:
            into.rest("", {name: part}, set())
            continue
        key = part["key"]
        for index, subkey in enumerate(("L", "K1", "K2")):
            if subkey in part:
                into.add(f"{name} {subkey}", "mac_subkey", part[subkey], key=key, index=index)
        for item in part.get("vectors", []):
            message = item.get("message", str(item.get("message_ascii", "")).encode().hex())
            into.add(f"{name} tag of {len(message) // 2} bytes", "mac", item["mac"], key=key, message=message)
            if "len" in item:
                into.add(f"{name} length of {len(message) // 2}", "byte_count", item["len"], data=message)
        if "empty_message" in part:
            into.add(f"{name} tag of nothing", "mac", part["empty_message"], key=key, message="")
        into.rest(name, part, {"key", "L", "K1", "K2", "vectors", "empty_message"})


def walk_crc(into: Collector, content: dict[str, Any]) -> None:
    """Section crc."""
    for item in content.get("vectors", []):
        text = next((item[key] for key in ("ascii", "utf8", "text") if key in item), None)
        if text is not None:
            into.add(f"CRC of {text[:20]!r}", "crc", item["crc"], text=text)
        elif "hex" in item:
            into.add(f"CRC of {len(item['hex']) // 2} bytes", "crc_hex", item["crc"], data=item["hex"])
        else:
            into.skip(f"vector {item}")
    example = content.get("zero_padded_example")
    if example is not None:
        found = re.search(r'0x([0-9A-Fa-f]+).*"(6304[0-9A-Fa-f]+)"', str(example))
        if found:
            into.add("zero-padded", "crc_written", found[2], value=int(found[1], 16))
        else:
            into.skip("zero_padded_example")
    into.rest("", content, {"vectors", "zero_padded_example"})


def walk_pin_verification(into: Collector, content: dict[str, Any]) -> None:
    """Section pin_verification: what other issuers store; TDES, which no device here has, so on hosts alone."""
    for name, part in content.items():
        for item in part if isinstance(part, list) else [part]:
            if not isinstance(item, dict) or is_explaining(name):
                into.rest("", {name: item}, set())
            elif "pvv" in item:
                args = {key: item[key] for key in ("pvk", "pvki", "pin", "pan")}
                into.add_host("Visa PVV", "visa_pvv", item["pvv"], **args)
            elif "offset" in item:
                keys = ("pvk", "table", "pin", "pan", "verify_offset", "verify_length", "pad")
                into.add_host("IBM 3624 offset", "ibm3624_offset", item["offset"], **{key: item[key] for key in keys})
            else:
                into.skip(name)


def walk_iban(into: Collector, content: Any) -> None:
    """Section iban: length of the country and mod 97, on hosts alone: no message carries an IBAN to a terminal."""
    for item in content if isinstance(content, list) else content.get("vectors", []):
        into.add_host(f"{item['iban'][:4]}...", "iban_valid", item["valid"], iban=item["iban"])
        if "len" in item:
            into.add_host(f"{item['iban'][:4]}... length", "iban_length", item["len"], iban=item["iban"])
        into.rest(item["iban"], item, {"iban", "valid", "len"})


SECTIONS: dict[str, Callable[[Collector, Any], None]] = {
    "pinblock_iso4": walk_pinblock,
    "emv_qr": walk_emv,
    "elqr_kg": walk_elqr,
    "aes_cmac": walk_cmac,
    "crc": walk_crc,
    "pin_verification": walk_pin_verification,
    "iban": walk_iban,
}
