"""Messages: every type of the catalogue both ways, every field's bounds, and the JSON that is refused."""

from both import refused
from wire_samples import ACCOUNT, ID, TERMINAL, WRONG, allows, right, up

from deskwire import catalogue, messages, strict_json
from deskwire.errors import MessageError, WireError
from deskwire.reasons import BY_NAME, TABLE

NOW = 1790000000


def test_every_ask_and_tell_reads_as_it_was_built():
    for kind, table, build in (
        ("ask", catalogue.ASKS, messages.build_ask),
        ("tell", catalogue.TELLS, messages.build_tell),
    ):
        for name in catalogue.ORDER[kind]:
            body = right(table[name][0])
            read = messages.parse_up(build(name, ID, TERMINAL, NOW, True, body))
            assert (read.kind, read.type, read.id, read.terminal) == (kind, name, ID, TERMINAL)
            assert (read.time, read.clock_set, read.body) == (NOW, True, body)


def test_every_answer_ack_and_news_reads_as_it_was_built():
    for name in catalogue.ORDER["ask"]:
        body = right(catalogue.ASKS[name][1])
        if name == "hello":
            body["services"] = ["sale", "cash_in"]
        read = messages.parse_down(messages.build_answer(ID, TERMINAL, NOW, body, name), name)
        assert (read.kind, read.to, read.body, read.refused) == ("answer", ID, body, None), name
    for booked in catalogue.BOOKED:
        read = messages.parse_down(messages.build_ack(ID, TERMINAL, NOW, booked))
        assert (read.kind, read.body) == ("ack", {"booked": booked})
    for number, name in enumerate(catalogue.ORDER["news"]):
        body = right(catalogue.NEWS[name])
        read = messages.parse_down(messages.build_news(number + 1, TERMINAL, NOW, NOW + 9, name, body))
        assert (read.kind, read.number, read.expires_at, read.news, read.body) == (
            "news",
            number + 1,
            NOW + 9,
            name,
            body,
        )


def test_every_reason_can_be_told_and_no_other():
    names = [line.split(" ")[0] for line in TABLE.split("\n") if line]
    assert len(names) == len(set(names)) >= 49
    for name in names:
        read = messages.parse_down(messages.build_refusal(ID, TERMINAL, NOW, name, {"tries_left": 2}))
        assert read.refused == {"reason": name, "tries_left": 2}
        assert BY_NAME.get(name).name == name
        assert BY_NAME.get(name).transient == (name in ("busy", "unavailable", "provider_unavailable"))
        assert read.body is None
    for name in ("because", "", "busy 91+", "91+"):
        assert BY_NAME.get(name) is None
    refused(MessageError, messages.build_refusal, ID, TERMINAL, NOW, "because")
    refused(MessageError, messages.build_refusal, ID, TERMINAL, NOW, "busy", {"secret": 1})


def test_each_field_of_each_message_is_checked_by_name():
    for kind, table in (("ask", catalogue.ASKS), ("tell", catalogue.TELLS)):
        for name in catalogue.ORDER[kind]:
            spec = table[name][0]
            for field in spec[2]:
                for wrong in WRONG:
                    body = right(spec)
                    body[field] = wrong
                    if allows(spec[1][field][0], wrong):
                        catalogue.check_message(up(kind, name, body), "up")
                    else:
                        error = refused(WireError, catalogue.check_message, up(kind, name, body), "up")
                        assert ("body." + field) in str(error), str(error)
                body = right(spec)
                del body[field]
                if spec[1][field][1]:
                    error = refused(WireError, catalogue.check_message, up(kind, name, body), "up")
                    assert str(error) == f"body.{field}: missing"
            body = right(spec)
            body["surprise"] = 1
            assert "surprise" in str(refused(WireError, catalogue.check_message, up(kind, name, body), "up"))


def test_the_head_is_checked_as_strictly():
    good = up("ask", "sale.status", {"sale": ID})
    catalogue.check_message(good, "up")
    for field, wrong in (
        ("v", 2),
        ("v", True),
        ("kind", "answer"),
        ("type", ""),
        ("id", "short"),
        ("terminal", "t1"),
        ("time", -1),
        ("time", 2**32),
        ("clock_set", 1),
        ("body", None),
        ("body", []),
    ):
        message = dict(good)
        message[field] = wrong
        assert field in str(refused(MessageError, catalogue.check_message, message, "up"))
    assert refused(MessageError, catalogue.check_message, up("ask", "sale.refund", {}), "up").reason == "unknown_type"
    assert refused(MessageError, catalogue.check_message, up("tell", "sale.open", {}), "up").reason == "unknown_type"


def test_amounts_are_refused_with_their_own_reason():
    body = {"operator": "101", "account": ACCOUNT, "amount_minor": 0, "currency": "AZN"}
    assert (
        refused(MessageError, catalogue.check_message, up("ask", "cash_in.quote", body), "up").reason
        == "amount_invalid"
    )
    body["amount_minor"] = "5"
    assert refused(MessageError, catalogue.check_message, up("ask", "cash_in.quote", body), "up").reason == "malformed"


def test_json_that_two_readers_might_read_differently_is_refused():
    for data in (
        b"",
        b" ",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1,}',
        b"[1,]",
        b"[1 2]",
        b"{'a':1}",
        b'{"a":01}',
        b'{"a":-0}',
        b'{"a":+1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":1E3}',
        b'{"a":.5}',
        b'{"a":0x1}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 400 + b"}",
        b'{"a":"\x01"}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\n"}',
        b'{"a":"\x7f"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"a":"\\ud800\\u0041"}',
        b'{"a":"\\uZZZZ"}',
        b'{"a":"\\u00',
        b'{"a":"\\x41"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xf4\x90\x80\x80"}',
        b'{"a":"\xe2\x80\xae"}',
        b"\xef\xbb\xbf{}",
        b'{"a":1}x',
        b'{"a":1}{"a":1}',
        b"nul",
        b"True",
        b"[" * 7 + b"]" * 7,
        b"[" * 2000,
        b'{"a":' * 400,
        b'"unterminated',
        b'{"a" 1}',
        b'{1:"a"}',
        b"\x00",
    ):
        refused(MessageError, strict_json.loads, data)
        refused(WireError, messages.parse_up, data)
        refused(WireError, messages.parse_down, data)
    for data in (None, "{}", 5, [1]):
        refused(MessageError, messages.parse_up, data)


def test_json_that_is_right_is_read():
    for data, value in (
        (b' {"a" : [ 1 , -2 , true , false , null , "x" ] }\r\n\t', {"a": [1, -2, True, False, None, "x"]}),
        (b'"\\u0041\\/\\"\\\\\\ud83d\\ude00"', 'A/"\\\U0001f600'),
        (b"9007199254740991", 2**53 - 1),
        ('{"text":"Ödəniş – төлөм – გადახდა – پرداخت"}'.encode(), {"text": "Ödəniş – төлөм – გადახდა – پرداخت"}),
        (b"[" * 6 + b"]" * 6, [[[[[[]]]]]]),
        (b"{}", {}),
    ):
        assert strict_json.loads(data) == value, data
        if isinstance(value, dict):
            assert strict_json.loads(strict_json.dumps(value)) == value


def test_messages_are_bounded_by_their_direction():
    body = {"what": "x" * 64}
    payload = messages.build_tell("tamper", ID, TERMINAL, NOW, False, body)
    assert messages.parse_up(payload).clock_set is False
    padded = payload[:-1] + b" " * messages.UP_PAYLOAD_LIMIT + b"}"
    assert refused(MessageError, messages.parse_up, padded).reason == "oversized"
    assert refused(MessageError, messages.parse_down, b" " * (messages.DOWN_PAYLOAD_LIMIT + 1)).reason == "oversized"
