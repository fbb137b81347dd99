"""The journal on a real littlefs: what was appended survives, in order, whatever happens to the last record."""

import gc

import flash
from both import refused

from shell import journal as module
from shell.journal import Journal, JournalFullError

MICROPYTHON_HEAP = "2M"


def an_id(number):
    return f"{number:026d}"


def jws(number):
    return b"header." + bytes([65 + number % 26]) * (40 + number % 7) + b".signature"


def key(number):
    return bytes([number % 256]) * 32


def filled(count):
    path = flash.fresh() + "/journal"
    journal = Journal(path)
    for number in range(count):
        journal.append(an_id(number), jws(number), key(number), 1000 + number)
    return path, journal


def all_of(journal):
    return [journal.read(index) for index in range(len(journal))]


def expected(numbers):
    return [(an_id(number), jws(number), key(number)) for number in numbers]


def test_tells_come_back_in_order_after_a_restart():
    path, _ = filled(5)
    again = Journal(path)
    assert all_of(again) == expected(range(5))
    assert again.lost == 0
    assert again.oldest_s(1060) == 60


def test_an_acked_tell_is_gone_for_good():
    path, journal = filled(4)
    assert journal.settle(an_id(1))
    assert not journal.settle(an_id(1))
    assert not journal.settle(an_id(9))
    assert all_of(Journal(path)) == expected((0, 2, 3))
    assert journal.find(an_id(3)) == 2


def test_the_last_record_torn_at_every_byte():
    path, _ = filled(3)
    whole = flash.read(path)
    last = whole.rfind(b"\xa5\x5a")
    for cut in range(last + 1, len(whole)):
        flash.write(path, whole[:cut])
        torn = Journal(path)
        assert all_of(torn) == expected(range(2)), cut
        assert (torn.lost, torn.why) == (1, "torn"), cut
        torn.append(an_id(7), jws(7), key(7), 1)
        clean = Journal(path)
        assert all_of(clean) == expected((0, 1, 7)), cut
        assert clean.lost == 0, cut


def test_a_torn_ack_loses_nothing():
    path, journal = filled(2)
    before = flash.size(path)
    journal.settle(an_id(0))
    whole = flash.read(path)
    for cut in range(before + 4, len(whole)):
        flash.write(path, whole[:cut])
        torn = Journal(path)
        assert all_of(torn) == expected(range(2)), cut
        assert torn.lost == 0, cut


def test_any_flipped_bit_costs_at_most_the_record_it_is_in():
    path, _ = filled(4)
    whole = flash.read(path)
    marks = [i for i in range(len(whole)) if whole[i : i + 2] == b"\xa5\x5a"] + [len(whole)]
    for position in range(len(whole)):
        record = len([mark for mark in marks if mark <= position]) - 1
        changed = bytearray(whole)
        changed[position] ^= 1 << position % 8
        flash.write(path, bytes(changed))
        found = Journal(path)
        assert all_of(found) == expected([number for number in range(4) if number != record]), position
        assert found.lost == 1, position
        assert found.why in ("torn", "damaged"), position


def test_rubbish_of_any_kind_is_survived():
    path, _ = filled(2)
    whole = flash.read(path)
    for rubbish in (b"\x00" * 600, b"\xff" * 600, b"\xa5\x5a" * 300, b"\xa5\x5a\x00\x05rubbish", b"T"):
        flash.write(path, whole + rubbish + whole)
        found = Journal(path)
        # the same tells stand there twice: one each is enough
        assert all_of(found) == expected(range(2))
        assert found.lost == 1
        assert found.why == "damaged"


def test_an_ack_after_a_write_that_failed_half_way_leaves_every_tell_in_its_place():
    path, journal = filled(3)
    flash.write(path, flash.read(path) + b"\xa5\x5a\x00")  # what the failed write left
    journal._damaged = True
    assert journal.settle(an_id(0))
    journal.append(an_id(3), jws(3), key(3), 1003)
    assert all_of(journal) == expected((1, 2, 3))
    assert all_of(Journal(path)) == expected((1, 2, 3))


def test_it_is_cleared_when_acked_tells_fill_it():
    path, journal = filled(0)
    largest = 0
    for number in range(900):
        journal.append(an_id(number), jws(number) * 3, key(number), 1)
        if number >= 2:
            assert journal.settle(an_id(number - 2))
        largest = max(largest, flash.size(path))
    assert 60_000 < largest < 70_000, largest
    assert [one[0] for one in all_of(Journal(path))] == [an_id(898), an_id(899)]


def test_it_is_bounded():
    limit = module.MAX_PENDING
    path, journal = filled(limit)
    error = refused(JournalFullError, journal.append, "x" * 26, b"a.b.c", key(1), 1)
    assert "full" in str(error)
    assert journal.settle(an_id(0))
    journal.append(an_id(limit), jws(limit), key(limit), 1)
    assert len(Journal(path)) == limit


def test_power_cut_at_every_flash_operation_of_an_append_an_ack_and_a_compaction():
    if flash.vfs is None:
        return  # littlefs is the device's
    device = flash.RamFlash()
    flash.vfs.VfsLfs2.mkfs(device)
    flash.mount(device)
    path = flash.POINT + "/journal"
    journal = Journal(path)
    journal.append(an_id(0), jws(0), key(0), 1)
    journal.append(an_id(1), jws(1), key(1), 1)
    image = bytes(device.data)

    def steps():
        again = Journal(path)
        again.append(an_id(2), jws(2), key(2), 1)
        done.append("append")
        again.settle(an_id(0))
        done.append("settle")
        again._compact()
        done.append("compact")

    budget = 0
    while True:
        device.data[:] = image
        device.budget = -1
        flash.mount(device)
        device.budget = budget
        done = []
        try:  # noqa: SIM105  (no contextlib on the device)
            steps()
        except OSError:
            pass
        finished = device.budget != -2
        gc.collect()  # files that the cut left open end here, while nothing can be written
        device.budget = -1
        flash.mount(device)
        found = [one[0] for one in all_of(Journal(path))]
        assert an_id(1) in found, (budget, done, found)
        if "append" in done:
            assert an_id(2) in found, (budget, done, found)
        if "settle" in done:
            assert an_id(0) not in found, (budget, done, found)
        if finished:
            break
        budget += 1
    assert budget > 5, "the power never went"
