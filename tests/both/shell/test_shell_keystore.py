"""The keystore: a counter is used once, whatever a power cut leaves of the two slots."""

import flash
from both import refused

from shell import keystore
from shell.keystore import Keystore, KeystoreError
from shell.store import Store

MICROPYTHON_HEAP = "2M"
IKID = bytes.fromhex("1234567890123456")
IK = bytes(range(32))


def provisioned():
    folder = flash.fresh()
    keystore.load_initial_key(folder, IK, IKID)
    return folder


def counters(folder, count):
    keys = Keystore(folder)
    return [keys.next().counter for _ in range(count)]


def newest_slot(folder):
    found = []
    for slot in range(2):
        data = flash.read(folder + keystore._SLOTS[slot])
        found.append((data[4:8], slot))
    return folder + keystore._SLOTS[max(found)[1]]


def test_counters_go_on_after_a_restart():
    folder = provisioned()
    assert counters(folder, 3) == [1, 2, 3]
    assert counters(folder, 2) == [4, 5]


def test_nothing_on_the_flash_is_said():
    error = refused(KeystoreError, Keystore, flash.fresh())
    assert "provision" in str(error)


def test_a_torn_slot_skips_forward_at_every_length():
    folder = provisioned()
    counters(folder, 3)
    slot = newest_slot(folder)
    whole = flash.read(slot)
    other = flash.read(folder + keystore._SLOTS[0 if slot.endswith("b") else 1])
    for cut in range(0, len(whole), 41):
        flash.write(slot, whole[:cut])
        flash.write(folder + keystore._SLOTS[0 if slot.endswith("b") else 1], other)
        keys = Keystore(folder)
        first = keys.next().counter
        # 1, 2 and 3 are used up; the older slot would have given 3 again
        assert first > 3, (cut, first)
        assert keys.skipped == 2


def test_a_flipped_bit_anywhere_in_either_slot_never_gives_a_counter_again():
    folder = provisioned()
    counters(folder, 4)
    kept = [flash.read(folder + name) for name in keystore._SLOTS]
    for slot in range(2):
        for position in range(0, len(kept[slot]), 29):
            flash.write(folder + keystore._SLOTS[1 - slot], kept[1 - slot])
            changed = bytearray(kept[slot])
            changed[position] ^= 0x10
            flash.write(folder + keystore._SLOTS[slot], bytes(changed))
            assert counters(folder, 1)[0] > 4, (slot, position)


def test_power_cut_at_every_flash_operation_never_gives_a_counter_again():
    if flash.vfs is None:
        return  # littlefs is the device's
    device = flash.RamFlash()
    flash.vfs.VfsLfs2.mkfs(device)
    flash.mount(device)
    keystore.load_initial_key(flash.POINT, IK, IKID)
    counters(flash.POINT, 2)
    image = bytes(device.data)
    budget = 0
    while True:
        device.data[:] = image
        device.budget = -1
        flash.mount(device)
        keys = Keystore(flash.POINT)
        device.budget = budget
        used = [1, 2]
        try:
            used.append(keys.next().counter)
            used.append(keys.next().counter)
        except OSError:
            pass
        finished = device.budget != -2
        device.budget = -1
        flash.mount(device)
        assert counters(flash.POINT, 1)[0] not in used, (budget, used)
        if finished:
            break
        budget += 1
    assert budget > 3, "the power never went"


def test_the_store_is_whole_or_said_to_be_lost():
    path = flash.fresh() + "/recent"
    store = Store(path)
    store.save(rows=[{"operation": "x", "amount": 5}])
    store.save(news_seen=7)
    again = Store(path)
    assert (again.rows, again.news_seen, again.lost) == ([{"operation": "x", "amount": 5}], 7, False)
    whole = flash.read(path)
    for cut in range(len(whole)):
        flash.write(path, whole[:cut])
        torn = Store(path)
        assert (torn.rows, torn.news_seen, torn.lost) == ([], 0, True), cut
