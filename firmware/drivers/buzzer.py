"""Piezo buzzer on PWM: plays the named tones of `desk.views.TONES`."""

import asyncio

from machine import PWM, Pin

from drivers import pins

#: name -> (frequency in Hz, 0 for silence; milliseconds) one after another. The key tone is one for all keys.
TUNES = {
    "key": ((2000, 25),),
    "ok": ((1500, 60),),
    "paid": ((1047, 90), (1319, 90), (1568, 90), (2093, 220)),
    "refused": ((440, 180), (0, 60), (330, 320)),
    "warn": ((600, 90),),
    "attention": ((1200, 120), (0, 80), (1200, 120)),
    "pay_in": ((1047, 90), (1568, 160)),
    "pay_out": ((1568, 90), (1047, 160)),
}
_DUTY_HALF_U16 = 32768


class Buzzer:
    """The buzzer. A new tune ends the one that is playing."""

    def __init__(self) -> None:
        self._pin = Pin(pins.BUZZER, Pin.OUT, value=0)
        self._task: asyncio.Task[None] | None = None

    def play(self, name: str) -> None:
        """Start the tune `name`; returns at once."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._tune(TUNES[name]))

    async def _tune(self, notes: tuple[tuple[int, int], ...]) -> None:
        """Play the notes, then leave the pin low."""
        pwm = PWM(self._pin, freq=1000, duty_u16=0)
        try:
            for frequency, length_ms in notes:
                if frequency:
                    pwm.freq(frequency)
                pwm.duty_u16(_DUTY_HALF_U16 if frequency else 0)
                await asyncio.sleep_ms(length_ms)
        finally:
            pwm.deinit()
            self._pin.init(Pin.OUT, value=0)
