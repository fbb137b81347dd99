"""QR payloads: what we build reads back, and each broken rule is refused by the name of its object."""

from both import refused

from deskwire import elqr, emvco, ids, tlv
from deskwire.errors import PayloadError

SALE = ids.make(bytes(range(16)))
LINK = "https://pay.payqr.kg/#"


def good(**changes):
    """The objects of a right payload, with some replaced, added or (None) left out."""
    objects = {
        "00": "01",
        "01": "12",
        "26": "0010kassa.sale0103abc",
        "52": "5411",
        "53": "944",
        "54": "12.50",
        "58": "AZ",
        "59": "CORNER SHOP",
        "60": "BAKU",
    }
    for name, value in changes.items():
        objects[name[1:]] = value
    return [(tag, objects[tag]) for tag in sorted(objects) if objects[tag] is not None]


def sealed(objects):
    text = tlv.build(objects) + "6304"
    return text + emvco.crc(text)


def test_a_sale_reads_back_as_it_was_built():
    text = emvco.sale_payload(SALE, 1250, "AZN", "5411", "AZ", "Corner Shop", "Baku", "T0000001", "INV-7")
    payload = emvco.parse(text)
    assert emvco.sale_id_of(payload) == SALE
    assert (payload.amount_minor, payload.currency, payload.dynamic) == (1250, "AZN", True)
    assert (payload.get("59"), payload.get("62", "01"), payload.get("62", "07")) == ("Corner Shop", "INV-7", "T0000001")
    local = ("AZ", "Künc mağaza", "Bakı")
    text = emvco.sale_payload(SALE, 1250, "IRR", "5411", "AZ", "Corner Shop", "Baku", "T0000001", None, local)
    payload = emvco.parse(text)
    assert payload.get("64", "01") == "Künc mağaza"
    assert (payload.get("54"), payload.get("62", "01")) == ("1250", None)


def test_what_cannot_be_a_sale_is_not_built():
    row = [SALE, 1250, "AZN", "5411", "AZ", "Corner Shop", "Baku", "T0000001"]
    for place, wrong, field in (
        (0, "x", "26.01"),
        (1, 0, "54"),
        (1, True, "54"),
        (1, 1.5, "54"),
        (3, "541", "52"),
        (4, "az", "58"),
        (5, "x" * 26, "59"),
        (5, "Mağaza", "59"),
        (6, "Sao Joao del Rei", "60"),
    ):
        changed = list(row)
        changed[place] = wrong
        assert refused(PayloadError, emvco.sale_payload, *changed).field == field, field


def test_another_schemes_code_is_no_sale_of_ours():
    assert emvco.sale_id_of(emvco.parse(sealed(good()))) is None
    assert emvco.sale_id_of(emvco.parse(sealed(good(_26="0015org.example.pay0126" + SALE)))) is None


def test_each_broken_rule_names_its_object():
    emvco.parse(sealed(good()))
    for field, changes in (
        ("00", {"_00": "02"}),
        ("01", {"_01": "13"}),
        ("02-51", {"_26": None}),
        ("26.00", {"_26": "0103abc"}),
        ("26.01", {"_26": "0010kassa.sale0109abc"}),
        ("26.00", {"_26": "0010kassa.sale0010kassa.sale"}),
        ("26.00", {"_26": "0033" + "x" * 33}),
        ("05", {"_05": "é"}),
        ("52", {"_52": "54A1"}),
        ("53", {"_53": "AZN"}),
        ("54", {"_54": "0.00"}),
        ("54", {"_54": "0"}),
        ("54", {"_54": ".50"}),
        ("54", {"_54": "1,5"}),
        ("54", {"_54": "1.005"}),
        ("54", {"_54": "1.0", "_53": "392"}),
        ("54", {"_54": "12345678901.50"}),
        ("55", {"_55": "04"}),
        ("56", {"_55": "02"}),
        ("56", {"_55": "01", "_56": "1"}),
        ("56", {"_55": "02", "_56": "0.00"}),
        ("57", {"_55": "03", "_57": "100"}),
        ("57", {"_55": "03", "_57": "0.001"}),
        ("57", {"_55": "02", "_56": "1", "_57": "1"}),
        ("58", {"_58": "A1"}),
        ("58", {"_58": None}),
        ("59", {"_59": None}),
        ("60", {"_60": "x" * 16}),
        ("61", {"_61": "x" * 11}),
        ("62.12", {"_62": "1201x"}),
        ("62.01", {"_62": "0126" + "x" * 26}),
        ("62.09", {"_62": "0902AA"}),
        ("62.11", {"_62": "1103abc"}),
        ("62.50.00", {"_62": "50050101x"}),
        ("64.01", {"_64": "0002KA"}),
        ("64.00", {"_64": "0003KAT0101x"}),
        ("64.03", {"_64": "0002KA0101x0301x"}),
        ("70", {"_70": "x"}),
        ("80.00", {"_80": "0101x"}),
    ):
        error = refused(PayloadError, emvco.parse, sealed(good(**changes)))
        assert error.field == field, (field, str(error))
        assert str(error).startswith(field)


def test_the_outer_form_is_checked_first():
    text = sealed(good())
    for bad, field in (
        (text[:-1] + ("0" if text[-1] != "0" else "1"), "63"),
        (text[:-4] + "ab12", "63"),
        (text[:-8], "63"),
        (text + "0101x", "63"),
        (text[6:], "00"),
        ("", ""),
        ("0", ""),
        ("000", "00"),
        ("0000", "00"),
        ("00٠٢01", "00"),
        ("x" * 600, ""),
        (None, ""),
        ("0002\ud80001", ""),
        ("000201\x00", ""),
    ):
        assert refused(PayloadError, emvco.parse, bad).field == field, bad
    twice = sealed(good() + [("59", "AGAIN")])  # noqa: RUF005
    assert refused(PayloadError, emvco.parse, twice).field == "59"


def elqr_good(**changes):
    objects = {
        "00": "01",
        "01": "12",
        "32": "0014pay.example.kg0103pos12021213021" + "2",
        "34": "Оплата",
        "52": "5411",
        "53": "417",
        "54": "10050",
        "59": "TEST MARKET",
    }
    for name, value in changes.items():
        objects[name[1:]] = value
    return [(tag, objects[tag]) for tag in sorted(objects) if objects[tag] is not None]


def elqr_sealed(objects):
    return tlv.build(objects, True) + "6304" + elqr.checksum(objects)


def test_elqr_reads_payloads_and_links():
    text = elqr.build(elqr_good())
    assert elqr.parse(text).amount_minor == 10050
    assert elqr.parse(LINK + text).get("34") == "Оплата"
    quoted = "".join([f"%{byte:02X}" if byte > 0x7E else chr(byte) for byte in text.encode()])
    assert elqr.parse(LINK + quoted).root == elqr.parse(text).root
    assert elqr.parse(text[:-4] + text[-4:].upper()).dynamic
    astral = elqr.build(elqr_good(_34="\U0001f600 ok"))
    assert "34" + "05" in astral
    assert elqr.parse(astral).get("34") == "\U0001f600 ok"
    assert elqr.parse(elqr.build(elqr_good(_01="11", _54="0"))).amount_minor is None
    assert elqr.parse(elqr.build(elqr_good(_54=None))).amount_minor is None


def test_elqr_refuses_by_the_name_of_the_object():
    for field, changes in (
        ("00", {"_00": "02"}),
        ("01", {"_01": "13"}),
        ("32", {"_32": None}),
        ("32.00", {"_32": "0103pos"}),
        ("32.01", {"_32": "0014pay.example.kg"}),
        ("32.12", {"_32": "0014pay.example.kg0103pos120213"}),
        ("53", {"_53": "944"}),
        ("54", {"_54": "100.50"}),
        ("54", {"_54": "0"}),
        ("54", {"_54": "1" * 14}),
        ("58", {"_58": "KG"}),
        ("59", {"_59": None}),
        ("34", {"_34": "x" * 33}),
    ):
        error = refused(PayloadError, elqr.parse, elqr_sealed(elqr_good(**changes)))
        assert error.field == field, (field, str(error))
    text = elqr_sealed(elqr_good())
    assert refused(PayloadError, elqr.parse, text[:-4] + "0000").field == "63"
    for bad in (
        "https://pay.payqr.kg/",
        LINK,
        LINK + "%",
        LINK + "%zz",
        LINK + "%ff",
        LINK + "\ud800",
        "x" * 3000,
        None,
        "",
    ):
        refused(PayloadError, elqr.parse, bad)
    split = "000201340" + "1\U0001f600"
    assert "inside a character" in str(refused(PayloadError, elqr.parse, split))
