"""The terminal's host: keys in, pixels and views out, and a flash that survives the plug being pulled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from simulators.terminal import launcher, provision
from simulators.terminal.process import Terminal
from simulators.waiting import WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = """
import asyncio
from drivers import board, buzzer, display, keypad

def count():
    try:
        with open("/flash/boots") as file:
            boots = int(file.read()) + 1
    except OSError:
        boots = 1
    with open("/flash/boots", "w") as file:
        file.write(str(boots))
    return boots

async def main():
    board.mount_flash()
    boots, typed, panel, keys, sound = count(), "", display.Display(), keypad.Keypad(), buzzer.Buzzer()
    band = bytearray(b"\\x00\\xf8" * (240 * 20))
    while True:
        for y in range(0, 320, 20):
            panel.blit(y, 20, band)
        panel.shown(("test", {"boots": boots, "typed": typed}))
        typed += await keys.get()
        sound.play("key")

asyncio.run(main())
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def typed(text: str) -> Callable[[dict[str, object]], bool]:
    return lambda view: dict(view["fields"]).get("typed") == text  # type: ignore[call-overload]


async def test_keys_pixels_tones_and_power_cuts(tmp_path: Path, program: Path) -> None:
    terminal = Terminal("T0000001", tmp_path / "flash.img", program=program)
    told: list[str] = []
    terminal.listen(lambda event: told.append(event[0]))
    for boot in (1, 2, 3):
        await terminal.start()
        await terminal.press("1 A # *")
        view = await terminal.wait_for(typed("1A#*"))
        assert view["fields"]["boots"] == boot
        assert terminal.screen.image().getpixel((120, 319)) == (255, 0, 0)
        await terminal.power_cut()
        assert terminal.view["screen"] == "off"
        assert terminal.screen.image().getpixel((120, 319)) == (0, 0, 0)
    assert list(terminal.tones).count("key") == 12
    assert {"frame", "view", "tone", "power"} <= set(told)
    await terminal.close()


async def test_a_failed_wait_shows_the_conversation(tmp_path: Path, program: Path) -> None:
    terminal = Terminal("T0000001", tmp_path / "flash.img", program=program)
    await terminal.start()
    await terminal.press("7")
    with pytest.raises(WaitTimeoutError, match=r"waited 0 s for menu") as failed:
        await terminal.wait_for("menu", timeout_s=0.2)
    assert ">> 7" in failed.value.dialogue
    await terminal.close()


async def test_a_program_that_ends_is_told_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise ValueError('flat battery')")
    terminal = Terminal("T0000001", tmp_path / "flash.img", program=broken)
    with pytest.raises(WaitTimeoutError, match="flat battery"):
        await asyncio.wait_for(terminal.start(), 5)
    await terminal.close()


async def test_provisioning_writes_keys_and_keeps_them_when_the_broker_moves(tmp_path: Path) -> None:
    flash = tmp_path / "flash.img"
    made = {
        "terminal": "T0000001",
        "hub": "H001",
        "currency": "AZN",
        "ikid": "DE70000100000001",
        "initial_key": "5A" * 32,
    }
    await provision.provision(flash, made, {"host": "127.0.0.1", "port": 1})
    assert flash.stat().st_mode & 0o077 == 0
    assert bytes.fromhex("5A" * 32) not in flash.read_bytes(), "the initial key itself must not stay"
    await provision.update_broker(flash, {"host": "127.0.0.1", "port": 2})
    shown = await read_flash(tmp_path, flash)
    assert '"port": 2' in shown
    assert "keys 2" in shown


async def read_flash(tmp_path: Path, flash: Path) -> str:
    script = tmp_path / "read.py"
    script.write_text(
        "import flashfile, os\nflashfile.mount('/flash')\nprint(open('/flash/config.json').read())\n"
        "print('keys', len([n for n in os.listdir('/flash') if n.startswith('keys')]))\n"
    )
    process = await asyncio.create_subprocess_exec(
        *launcher.command(script),
        env=launcher.environment(KASSA_SIM_FLASH=str(flash)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 10)
    return out.decode()
