"""The pin map of the reference board: ESP32-DevKitC, ILI9341 240x320 on SPI 2, 4x4 matrix keypad, piezo buzzer."""

SPI_ID = 2
SPI_BAUD_HZ = 40_000_000  # the ILI9341 takes writes at up to 40 MHz in practice; reads are not used
SPI_CLOCK = 18
SPI_DATA = 23
DISPLAY_SELECT = 5
DISPLAY_COMMAND = 21
DISPLAY_RESET = 22
DISPLAY_LIGHT = 4

KEYPAD_ROWS = (13, 14, 27, 26)  # driven low one at a time
KEYPAD_COLUMNS = (25, 33, 32, 19)  # read with pull-ups; 34 to 39 have none and cannot serve

#: The scanner's serial port. GPIO 16 and 17 are free on modules without PSRAM.
SCANNER_ID = 2
SCANNER_RECEIVE = 16
SCANNER_SEND = 17

BUZZER = 15

#: The receipt printer's serial port. GPIO 2 may float at boot; 35 only receives, and is pulled up by the printer.
PRINTER_ID = 1
PRINTER_SEND = 2
PRINTER_RECEIVE = 35
