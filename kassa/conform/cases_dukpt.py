"""Cases of the keyed sections: AES DUKPT, PIN blocks, CMAC and envelopes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from deskwire import dukpt
from kassa.conform.cases import REFUSED, Collector, number

if TYPE_CHECKING:
    from collections.abc import Callable

KeyType = tuple[int, int]

#: A terminal is walked transaction by transaction up to here: a second's work under MicroPython.
MAX_ADVANCES = 2_000

_USAGES = (
    (("mac_gen", "request"), dukpt.USAGE_MAC_UP),
    (("mac_ver", "response"), dukpt.USAGE_MAC_DOWN),
    (("mac_both",), dukpt.USAGE_MAC_BOTH),
    (("data_enc",), dukpt.USAGE_DATA_UP),
    (("data_dec",), dukpt.USAGE_DATA_DOWN),
    (("data_both",), dukpt.USAGE_DATA_BOTH),
    (("pin",), dukpt.USAGE_PIN),
    (("kek", "key_encryption", "update"), dukpt.USAGE_KEK),
    (("initial",), dukpt.USAGE_INITIAL),
    (("derivation",), dukpt.USAGE_DERIVATION),
)
_TYPES = (
    (("2tdea", "tdea2", "tdea128"), dukpt.TDEA2),
    (("3tdea", "tdea3", "tdea192"), dukpt.TDEA3),
    (("hmac128",), dukpt.HMAC128),
    (("hmac192",), dukpt.HMAC192),
    (("hmac256",), dukpt.HMAC256),
    (("aes128",), dukpt.AES128),
    (("aes192",), dukpt.AES192),
    (("aes256",), dukpt.AES256),
)
_BY_BITS = {128: dukpt.AES128, 192: dukpt.AES192, 256: dukpt.AES256}
_KNOWN_USAGES = {usage for _, usage in _USAGES}
_COUNTER_FACTS = {"counter", "counter_hex", "ksn", "ones", "valid_counter", "iso4", "cmac", "hmac_sha256"}


def usage_of(name: str) -> int | None:
    """The usage a field's name speaks of: its number at the end, or its words."""
    tail = name.rsplit("_", 1)[-1]
    if re.fullmatch(r"[0-9a-fA-F]{4}", tail) and int(tail, 16) in _KNOWN_USAGES:
        return int(tail, 16)
    return next((usage for words, usage in _USAGES if any(word in name for word in words)), None)


def type_of(name: str, bits: int | None = None) -> KeyType | None:
    """The key type a field's name speaks of; without a word for it, AES (or HMAC) of `bits`."""
    lower = name.lower().replace("-", "").replace("_", "")
    found = next((kind for words, kind in _TYPES if any(word in lower for word in words)), None)
    if found is not None or bits is None:
        return found
    return (5, bits) if "hmac" in lower else _BY_BITS.get(bits)


class Root:
    """A BDK and the initial key id every vector below it uses."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.args = {"bdk": content["bdk"], "ikid": content["initial_key_id"]}
        self.bits = len(content["bdk"]) * 4

    def at(self, counter: int, **more: Any) -> dict[str, Any]:
        """Arguments of an operation at a counter."""
        return {**self.args, "counter": counter, **more}


def walk_dukpt(into: Collector, content: dict[str, Any]) -> None:
    """Section aes_dukpt: one part for each BDK length, the counters' sequence, and the terminal's registers."""
    roots: list[Root] = []
    for name, part in content.items():
        if isinstance(part, dict) and "bdk" in part and "initial_key_id" in part and name != "terminal_registers":
            roots.append(Root(part))
            walk_root(into, name, part, roots[-1])
    for name, part in content.items():
        if name == "counter_sequence":
            walk_sequence(into, part)
        elif name == "terminal_registers":
            walk_registers(into, part, Root(part) if "bdk" in part else roots[0])
    into.rest("", {k: v for k, v in content.items() if "bdk" not in (v if isinstance(v, dict) else {})}, _SUBSECTIONS)


_SUBSECTIONS = {"counter_sequence", "terminal_registers"}


def walk_root(into: Collector, name: str, part: dict[str, Any], root: Root) -> None:
    """Everything under one BDK."""
    if "initial_key" in part:
        into.add(f"{name} initial key", "initial_key", part["initial_key"], **root.args)
    for key, value in part.items():
        if key.startswith("kcv_cmac"):
            walk_check_values(into, name, part, value)
        elif key == "derivation_data":
            walk_derivation_data(into, name, value, root)
        elif key == "counters":
            for item in value:
                walk_counter(into, name, item, root)
        elif key == "update_key":
            walk_update_key(into, name, value, root)
        elif found := re.fullmatch(r"\w*keys_counter_([0-9A-Fa-f]+)", key):
            walk_working_keys(into, f"{name} counter {found[1]}", value, root, int(found[1]))
        elif key not in {"bdk", "initial_key_id", "initial_key"}:
            into.rest(name, {key: value}, set())


def walk_check_values(into: Collector, name: str, part: dict[str, Any], values: dict[str, Any]) -> None:
    """Key check values of the keys beside them."""
    for key, value in values.items():
        if key in part and isinstance(value, str):
            into.add(f"{name} KCV of {key}", "key_check_value", value, key=part[key], size=len(value) // 2)
        else:
            into.rest(name, {key: value}, set())


def walk_derivation_data(into: Collector, name: str, values: dict[str, Any], root: Root) -> None:
    """Derivation data, named by usage, type and counter."""
    for key, value in values.items():
        usage, kind = usage_of(re.sub(r"_counter.*", "", key)), type_of(key, root.bits)
        if usage is None or kind is None or not isinstance(value, str):
            into.rest(f"{name}.derivation_data", {key: value}, set())
            continue
        counter = 0
        if found := re.search(r"counter_([0-9A-Fa-f]+)", key):
            counter = int(found[1], 16 if len(found[1]) == 8 else 10)
        elif key.startswith("update"):
            counter = dukpt.UPDATE_COUNTER
        block = int(found[1]) if (found := re.search(r"block_?([12])", key)) else 1
        args = {"ikid": root.args["ikid"], "counter": counter, "usage": usage, "key_type": kind, "block": block}
        into.add(f"{name} derivation data {key}", "derivation_data", value, **args)


def walk_counter(into: Collector, name: str, item: dict[str, Any], root: Root) -> None:
    """One counter: its facts, its keys, and what is made with them."""
    counter = number(item["counter"] if "counter" in item else item["counter_hex"])
    label = f"{name} counter {counter:08X}"
    facts = [item.get("ones", counter.bit_count()), item.get("valid_counter", dukpt.is_valid_counter(counter))]
    into.add(f"{label} facts", "counter_facts", [*facts, item.get("counter_hex", f"{counter:08X}")], counter=counter)
    if "ksn" in item:
        into.add(f"{label} KSN", "ksn", item["ksn"], ikid=root.args["ikid"], counter=counter)
    walk_working_keys(into, label, {k: v for k, v in item.items() if k not in _COUNTER_FACTS}, root, counter)
    if "iso4" in item:
        walk_iso4(into, label, item["iso4"], root, counter)
    if "cmac" in item:
        walk_macs(into, f"{label} CMAC", item["cmac"], root, counter, item["cmac"])
    if "hmac_sha256" in item:
        walk_macs(into, f"{label} HMAC", item["hmac_sha256"], root, counter, item.get("cmac", {}))


def walk_working_keys(into: Collector, label: str, values: dict[str, Any], root: Root, counter: int) -> None:
    """Keys of one counter, each named by usage and type; the terminal's registers must give the PIN key too."""
    for key, value in values.items():
        usage = usage_of(key)
        kind = type_of(key, len(value) * 4) if isinstance(value, str) else None
        if key == "derivation_key":
            into.add(f"{label} derivation key", "derivation_key", value, **root.at(counter))
        elif usage is None or kind is None:
            into.rest(label, {key: value}, set())
        else:
            into.add(f"{label} {key}", "working_key", value, **root.at(counter, usage=usage, key_type=kind))
            if usage == dukpt.USAGE_PIN and kind == _BY_BITS[root.bits] and 1 <= counter <= MAX_ADVANCES:
                want = [f"{root.args['ikid']}{counter:08X}", value]
                into.add(f"{label} by the terminal's registers", "terminal_keys", want, **root.at(counter))


def walk_iso4(into: Collector, label: str, values: dict[str, Any], root: Root, counter: int) -> None:
    """A PIN block under the counter's PIN key, and its parts."""
    kinds = _kinds(values, root)
    pin, pan, random8 = values["pin"], values["pan"], values["random8"]
    for key, op in (("pin_field", "pin_field"), ("pan_field", "pan_field")):
        if key in values:
            args = {"pin": pin, "random8": random8} if key == "pin_field" else {"pan": pan}
            into.add(f"{label} {key}", op, values[key], **args)
    block = values.get("encrypted_pin_block", values.get("encrypted", values.get("pin_block")))
    if block is not None:
        args = {"pin": pin, "pan": pan, "random8": random8}
        ways = [("pin_key_block", root.at(counter, key_type=kind, **args)) for kind in kinds]
        into.add_any(f"{label} PIN block", ways, block)
    for key, op in (("block_a", "block_a"), ("block_b", "block_b")):
        if key in values:
            ways = []
            for kind in kinds:
                middle = {"pin": pin, "random8": random8} | ({"pan": pan} if key == "block_b" else {})
                ways.append((op, {"key_of": root.at(counter, usage=dukpt.USAGE_PIN, key_type=kind), **middle}))
            into.add_any(f"{label} {key}", ways, values[key])
    known = {"pin", "pan", "random8", "pin_field", "pan_field", "block_a", "block_b", "key_type"}
    into.rest(f"{label}.iso4", values, known | {"encrypted_pin_block", "encrypted", "pin_block"})


def walk_macs(  # noqa: PLR0917  (where the message stands is one more)
    into: Collector, label: str, values: dict[str, Any], root: Root, counter: int, message_from: dict[str, Any]
) -> None:
    """Request and response MACs over a message that stands here or beside."""
    source = values if any(key.startswith("message") for key in values) else message_from
    message = _message(source)
    hmac = "hmac" in label.lower()
    for key, value in values.items():
        usage = usage_of(key)
        if key.startswith("message") or key == "key_type":
            continue
        if usage is None or not isinstance(value, str):
            into.rest(label, {key: value}, set())
            continue
        kinds = _kinds(values, root, hmac=hmac)
        ways = [("dukpt_mac", root.at(counter, usage=usage, key_type=kind, message=message)) for kind in kinds]
        into.add_any(f"{label} {key}", ways, value)


def _kinds(values: dict[str, Any], root: Root, *, hmac: bool = False) -> list[KeyType]:
    """The key types a vector may mean: the one it names, else the BDK's length and the shorter ones."""
    named = type_of(str(values.get("key_type", "")))
    if named is not None:
        return [named]
    sizes = [root.bits, *(bits for bits in (128, 192, 256) if bits < root.bits)]
    return [(5, bits) if hmac else _BY_BITS[bits] for bits in sizes]


def _message(values: dict[str, Any]) -> str:
    if "message_ascii" in values:
        return str(values["message_ascii"]).encode().hex()
    return str(values.get("message_hex", values.get("message", "")))


def walk_update_key(into: Collector, name: str, values: dict[str, Any], root: Root) -> None:
    """The DUKPT update key and its derivation key."""
    counter = number(values.get("counter_hex", "FFFFFFFF"))
    for key, value in values.items():
        if key == "derivation_key":
            into.add(f"{name} update derivation key", "derivation_key", value, **root.at(counter))
        elif key.startswith("update_key"):
            kind = type_of(key, len(value) * 4)
            args = root.at(counter, usage=dukpt.USAGE_KEK, key_type=kind)
            into.add(f"{name} {key}", "working_key", value, **args)
            if kind == _BY_BITS[root.bits]:
                into.add(f"{name} {key} by update_key()", "update_key", value, **root.args)
        elif key != "counter_hex":
            into.rest(f"{name}.update_key", {key: value}, set())


def walk_sequence(into: Collector, values: dict[str, Any]) -> None:
    """The order of counters."""
    for step in values.get("next", []):
        after = step["to"]
        named = isinstance(after, str) and re.fullmatch(r"[0-9A-Fa-f]{8}", after)
        want = REFUSED if after is None or (isinstance(after, str) and not named) else after
        into.add(f"counter after {step['from']}", "next_counter", want, counter=number(step["from"]))
    if "total_transactions" in values:
        into.add("number of counters", "total_transactions", values["total_transactions"])
    into.rest("counter_sequence", values, {"next", "total_transactions", "total_checked_against"})


def walk_registers(into: Collector, values: dict[str, Any], root: Root) -> None:
    """The terminal's registers after loading, or after some transactions."""
    for key, registers in values.items():
        found = re.fullmatch(r"after_(load|\d+)\w*", key)
        if found is None or not isinstance(registers, dict):
            into.rest("terminal_registers", {key: registers}, {"bdk", "initial_key_id", "initial_key"})
            continue
        advances = 0 if found[1] == "load" else int(found[1])
        for name, value in registers.items():
            index = re.fullmatch(r"register_(\d+)", name)
            if index is None or advances > MAX_ADVANCES:
                into.rest(f"terminal_registers.{key}", {name: value}, set())
                continue
            args = {**root.args, "advances": advances, "index": int(index[1])}
            into.add(f"{name} {key}", "register", value, **args)


def walk_envelope(into: Collector, content: dict[str, Any]) -> None:
    """Section envelope: signed messages and PIN blocks under the keys of their KSN."""
    root = Root(content)
    into.add("initial key", "initial_key", content.get("initial_key"), **root.args)
    for item in content.get("vectors", []):
        walk_signed(into, item, root)
    for item in content.get("invalid", []):
        jws = item.get("jws", item.get("jws_request", item.get("jws_response")))
        usage = dukpt.USAGE_MAC_DOWN if "jws_response" in item else dukpt.USAGE_MAC_UP
        args = {**root.args, "usage": usage, "key_type": (5, root.bits), "jws": jws}
        into.add(f"refused: {item.get('name', item.get('why', 'invalid'))}", "authentic", REFUSED, **args)
    into.rest("", content, {"bdk", "initial_key_id", "initial_key", "vectors", "invalid"})


def walk_signed(into: Collector, item: dict[str, Any], root: Root) -> None:
    """One KSN: its keys, both directions' envelopes, and the PIN block."""
    counter = number(item["counter_hex"] if "counter_hex" in item else item["ksn"][16:])
    label = f"counter {counter:08X}"
    into.add(f"{label} KSN", "ksn", item["ksn"], ikid=root.args["ikid"], counter=counter)
    keys = {key: value for key, value in item.items() if "_key" in key}
    walk_working_keys(into, label, keys, root, counter)
    hmac = (5, root.bits)
    for key in [key for key in item if key.startswith("jws_")]:
        usage = usage_of(key)
        jws = item[key]
        into.add(
            f"{label} seal {key}", "seal", jws, **root.at(counter, usage=usage, key_type=hmac, payload=item["payload"])
        )
        want = [item["ksn"], item["payload"], True, False]
        into.add(f"{label} open {key}", "opened", want, **root.args, usage=usage, key_type=hmac, jws=jws)
        if "header" in item:
            into.add(f"{label} header of {key}", "header_of", item["header"], jws=jws)
    if "pin_block" in item:
        pin: dict[str, Any] = {
            key: item[key] for key in ("pin", "pan", "random8", "pin_block", "key_type") if key in item
        }
        walk_iso4(into, label, pin, root, counter)
    known = {"counter", "counter_hex", "ksn", "header", "payload", "pin", "pan", "random8", "pin_block", "key_type"}
    into.rest(label, item, known | set(keys) | {key for key in item if key.startswith("jws_")})


SECTIONS: dict[str, Callable[[Collector, Any], None]] = {"aes_dukpt": walk_dukpt, "envelope": walk_envelope}
