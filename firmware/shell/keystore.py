"""The DUKPT registers on flash: two slots, written in turn, before a message leaves.

Whatever a power cut does to one slot, the other holds an earlier state. Where a slot cannot be read, the state of the
other may be one message old: counters are skipped forward, never used again (X9.24-3: gaps are legal).
"""

from deskwire.dukpt_registers import Registers
from deskwire.errors import DukptError
from shell import files

_SLOTS = ("/keys.a", "/keys.b")
#: The unreadable slot may have held the state after one more message; one further for a message that was being sent.
_SKIP = 2


class KeystoreError(Exception):
    """There are no keys to work with; the terminal must be provisioned."""


def load_initial_key(folder, initial_key, ikid):
    """Provision: fill the registers from an initial key, which is not kept, and write both slots."""
    registers = Registers.load(initial_key, ikid)
    data = registers.to_bytes()
    registers.wipe()
    _write(folder, 0, 1, data)
    _write(folder, 1, 2, data)


def _write(folder, slot, sequence, data):
    """Write one slot, whole or not at all."""
    files.replace(folder + _SLOTS[slot], (files.checked(sequence.to_bytes(4, "big") + data),))


def _read(folder, slot):
    """(sequence, registers) of one slot, or None if it is missing, torn or changed."""
    path = folder + _SLOTS[slot]
    if not files.exists(path):
        return None
    with open(path, "rb") as file:
        data = files.unchecked(file.read())
    if data is None:
        return None
    try:
        return int.from_bytes(data[:4], "big"), Registers.from_bytes(data[4:])
    except DukptError:
        return None


class Keystore:
    """The terminal's keys. `next` gives the keys of one message, after the state that follows them is on the flash."""

    def __init__(self, folder):
        self._folder = folder
        slots = [_read(folder, 0), _read(folder, 1)]
        found = [slot for slot in slots if slot is not None]
        if not found:
            raise KeystoreError("no keys on the flash: provision the terminal")
        newest = max(found, key=lambda slot: slot[0])
        self._sequence = newest[0]
        self._registers = newest[1]
        self._slot = 1 - slots.index(newest)
        self.skipped = 0
        if len(found) < len(_SLOTS):
            for _ in range(_SKIP):
                self._registers.advance()
            self.skipped = _SKIP
            self._sequence += 1  # above whatever the unreadable slot was
            self._save()

    def next(self):
        """A Transaction with the keys of the next message. KeyExhaustedError or OSError: nothing may be sent."""
        transaction = self._registers.advance()
        self._save()
        return transaction

    def _save(self):
        """Write the state to the slot that holds the older one."""
        self._sequence += 1
        _write(self._folder, self._slot, self._sequence, self._registers.to_bytes())
        self._slot = 1 - self._slot
