"""`kassa conform vectors`: everything in our file passes under both interpreters, and nothing wrong passes."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kassa.conform import cases, cli, host_only, interpreters, run_case, runner
from kassa.conform.cases import REFUSED, Case, collect

FILE = interpreters.ROOT / "tests" / "vectors" / "standards.json"


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def binary() -> Path:
    found = interpreters.micropython()
    if found is None:
        pytest.skip("no MicroPython beside this Python")
    return found


def run(case: Case) -> dict[str, Any]:
    return (
        host_only.run_case(case.op, case.args)
        if case.host_only
        else run_case.run_case({"op": case.op, "args": case.args})
    )


def test_every_vector_passes_and_none_is_left_out(vectors: dict[str, Any], binary: Path) -> None:
    collected = collect(vectors)
    report = runner.run_all(collected, binary)
    assert report.failures == []
    assert report.uncovered == []
    shared = sum(not case.host_only for case in collected.cases)
    assert report.passed == len(collected.cases) + shared
    assert shared > 350


def wrong(want: Any) -> Any:
    """Another expectation than the right one."""
    if want == REFUSED:
        return True
    if isinstance(want, bool | None):
        return not want
    if isinstance(want, int | float):
        return want + 1
    if isinstance(want, str):
        return want[:-1] + ("0" if want[-1:] != "0" else "1")
    return [*want[:-1], wrong(want[-1])]


def test_a_case_with_any_other_expectation_fails(vectors: dict[str, Any]) -> None:
    for case in collect(vectors).cases:
        result = run(case)
        assert case.passes(result), case
        assert not dataclasses.replace(case, want=wrong(case.want)).passes(result), case
        assert not case.passes({"error": "x"})
        assert not dataclasses.replace(case, want=REFUSED).passes({"refused": ""})


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, (*path, index))]
    return [path]


def changed(vectors: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """The file with one hex digit of one field changed, and only that field's section."""
    section = {path[0]: copy.deepcopy(vectors[path[0]])}
    place: Any = section
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong(place[path[-1]])
    return section


#: Where another value says the same, or still must be refused: remarks, inputs of refusals, parity bits of TDES keys.
FREE = (
    r"^emv_qr\.crc|algorithm|violates|expect|key_type|reject_on_decode|zero_padded|counter_sequence\.next\.\d\.from"
    r"|(emv_qr\.invalid|emv_qr\.crc_ok).*payload|pin_verification.*(pvk|pan|table|length|pad)|iban\.[23]\.iban"
)


def test_a_change_of_any_value_in_the_file_is_noticed(vectors: dict[str, Any]) -> None:
    unnoticed = []
    for path in leaves(vectors):
        words = ".".join(str(part) for part in path)
        if any(cases.is_explaining(str(part)) for part in path) or re.search(FREE, words):
            continue
        if all(case.passes(run(case)) for case in collect(changed(vectors, path)).cases):
            unnoticed.append(words)
    assert unnoticed == []


def test_what_is_not_of_the_form_fails_or_is_listed(vectors: dict[str, Any]) -> None:
    collected = collect(
        {"iban": vectors["iban"], "brand_new": {"x": 1}, "crc": {"vectors": [{"octal": "7"}], "more": 1}}
    )
    assert collected.uncovered == ["brand_new: whole section", "crc: vector {'octal': '7'}", "crc: more"]
    for content in (
        {},
        [],
        5,
        None,
        {"aes128": {"bdk": "00"}},
        {"vectors": 5},
        {"vectors": [{}]},
        {"vectors": [{"payload": 5}]},
    ):
        for section in ("aes_dukpt", "envelope", "pinblock_iso4", "emv_qr", "elqr_kg", "aes_cmac", "crc", "iban"):
            for case in collect({section: content}).cases:
                assert not case.passes(run(case)), (section, content, case)


def test_192_bit_keys_are_host_only_and_said_so(binary: Path) -> None:
    key = "8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B"
    part = {"key": key, "vectors": [{"message": "", "mac": "D17DDF46ADAACDE531CAC483DE7A9367"}]}
    report = runner.run_all(collect({"aes_cmac": {"aes192": part}}), binary)
    assert (report.passed, report.failed) == (1, 0)
    assert "under MicroPython" in report.uncovered[0]


def conform(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("kassa")), "conform", "vectors", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=interpreters.ROOT)


@pytest.mark.usefixtures("binary")
def test_the_command_says_it_by_its_exit_status(vectors: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"crc": vectors["crc"], "later": 1}))
    done = conform(str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "8 passed, 0 failed"
    assert "not covered: later: whole section" in done.stdout
    vectors = copy.deepcopy({"crc": vectors["crc"]})
    vectors["crc"]["vectors"][0]["crc"] = "0000"
    file.write_text(json.dumps(vectors))
    done = conform(str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "6 passed, 2 failed"


@pytest.mark.parametrize("content", ["", "[]", "5", "{", '{"later": 1}', "[" * 100000])
def test_an_unusable_file_is_refused_with_status_2(content: str, tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(content)
    done = conform(str(file))
    assert done.returncode == 2
    assert "some.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_micropython_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interpreters, "micropython", lambda: None)
    with pytest.raises(SystemExit) as left:
        cli.vectors(FILE)
    assert left.value.code == 2
    assert "no MicroPython" in capsys.readouterr().err


def test_a_micropython_that_stops_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interpreters, "micropython", lambda: Path("/bin/true"))
    with pytest.raises(SystemExit) as left:
        cli.vectors(FILE)
    assert left.value.code == 2
    assert "stopped after 0" in capsys.readouterr().err
