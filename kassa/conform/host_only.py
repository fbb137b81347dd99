"""Checks that only hosts can run: TDES PIN verification values of other issuers, IBANs, a probability."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB

#: ISO 13616 registry: length of an IBAN by country. Kyrgyzstan has none.
_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 "
    "ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 "
    "SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
)
_LENGTH_OF = {entry[:2]: int(entry[2:]) for entry in _IBAN_LENGTHS.split()}


def _tdes(key: str, block: str) -> str:
    data = bytes.fromhex(key)
    cipher = Cipher(TripleDES(data + data[:8] if len(data) == 16 else data), ECB())  # noqa: S305
    return cipher.encryptor().update(bytes.fromhex(block)).hex().upper()


def visa_pvv(pvk: str, pvki: str, pin: str, pan: str) -> str:
    """Visa's PIN verification value: PAN digits, key index and 4 PIN digits, enciphered and decimalised."""
    enciphered = _tdes(pvk, pan[-12:-1] + pvki + pin[:4])
    digits = [c for c in enciphered if c.isdigit()] + [str(int(c, 16) - 10) for c in enciphered if not c.isdigit()]
    return "".join(digits[:4])


def ibm3624_offset(  # noqa: PLR0917  (the fields of the vector)
    pvk: str, table: str, pin: str, pan: str, verify_offset: int, verify_length: int, pad: str
) -> str:
    """IBM 3624's offset: the PIN less the natural PIN, digit by digit modulo 10."""
    validation = pan[verify_offset : verify_offset + verify_length].ljust(16, pad)[:16]
    natural = [table[int(c, 16)] for c in _tdes(pvk, validation)]
    return "".join(str((int(digit) - int(own)) % 10) for digit, own in zip(pin, natural, strict=False))


def iban_valid(iban: str) -> bool:
    """ISO 13616: the country's length, and 1 modulo 97 (ISO 7064)."""
    if not (iban.isascii() and iban.isalnum() and iban.isupper()) or _LENGTH_OF.get(iban[:2]) != len(iban):
        return False
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def iban_length(iban: str) -> int:
    """Characters of an IBAN."""
    return len(iban)


def structure_probability(digits: int) -> str:
    """How likely a random block decodes as a format 4 PIN field: control, length, digits and fill all by chance."""
    chance = sum((10 / 16) ** size * (1 / 16) ** (14 - size) for size in range(4, 13)) / 256
    return f"{chance:.{digits}g}"


def run_case(op: str, args: dict[str, Any]) -> dict[str, Any]:
    """Run one host-only case, in the manner of run_case.py."""
    operations = (visa_pvv, ibm3624_offset, iban_valid, iban_length, structure_probability)
    try:
        return {"got": {function.__name__: function for function in operations}[op](**args)}
    except Exception as error:  # noqa: BLE001  (any failure is a failed case)
        return {"error": f"{type(error).__name__}: {error}"}
