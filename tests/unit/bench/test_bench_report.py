"""The benches' common output, and the QR bench itself at its smallest."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from rich.console import Console
from typer.testing import CliRunner

from bench import qr
from bench.cli import app
from bench.report import Report

if TYPE_CHECKING:
    import pytest


def _report() -> Report:
    report = Report("some", "Some figures", ("what", "per second"), quick=True)
    report.row("ours", 12345.6)
    report.ratio("ours_over_theirs", 5.5, at_least=5)
    report.figures["seconds"] = 3
    return report


def test_the_json_object_is_the_last_line_and_holds_the_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert _report().finish(as_json=True) == 0
    output = capsys.readouterr().out
    assert "12,346" in output
    told = json.loads(output.splitlines()[-1])
    assert told["ratios"] == {"ours_over_theirs": 5.5}
    assert told["goals"]["ours_over_theirs"] == {"value": 5.5, "at_least": 5, "met": True}
    assert (told["bench"], told["quick"], told["met"], told["seconds"]) == ("some", True, True, 3)


def test_a_missed_goal_is_said_and_fails_the_bench() -> None:
    report = _report()
    report.goal("p99_ms", 20.0, at_most=15)
    page = io.StringIO()
    assert report.finish(as_json=False, console=Console(file=page, width=100)) == 1
    assert "missed  p99_ms: 20 (at most 15)" in page.getvalue()


def test_the_qr_bench_reaches_its_goal_over_segno() -> None:
    result = CliRunner().invoke(app, ["qr", "--quick", "--json"])
    assert result.exit_code == 0, result.output
    ratios = json.loads(result.output.splitlines()[-1])["ratios"]
    assert all(ratios[f"segno_over_viper_{length}"] >= qr.GOAL for length in qr.SIZES)
    assert [len(qr.payload(length)) for length in qr.SIZES] == list(qr.SIZES)
