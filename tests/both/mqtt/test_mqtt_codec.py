"""The MQTT codec, row by row: a broker's bytes read whole, byte by byte and with a tail; wrong ones refused."""

from both import refused

from shell.mqtt import codec
from shell.mqtt.codec import (
    V5,
    V311,
    Connack,
    Decoder,
    Disconnect,
    Pingresp,
    Puback,
    Publish,
    Suback,
    Unsuback,
)
from shell.mqtt.errors import CodecError

#: (version, hex, packet)
ROWS = (
    (V311, "20020000", Connack(False, 0, {})),
    (V311, "20020100", Connack(True, 0, {})),
    (V311, "20020005", Connack(False, 5, {})),
    (V5, "20020001", Connack(False, 1, {})),
    (V5, "2003000000", Connack(False, 0, {})),
    (V5, "200c00000921001413000522000a", Connack(False, 0, {0x21: 20, 0x13: 5, 0x22: 10})),
    (V311, "30070003612f626869", Publish("a/b", b"hi", 0, False, False, 0)),
    (V311, "31050003612f62", Publish("a/b", b"", 0, True, False, 0)),
    (V311, "32090003612f6200076869", Publish("a/b", b"hi", 1, False, False, 7)),
    (V311, "3a090003612f62ffff6869", Publish("a/b", b"hi", 1, False, True, 65535)),
    (V5, "320a0003612f620007006869", Publish("a/b", b"hi", 1, False, False, 7)),
    (V5, "320f0003612f620007050200000e106869", Publish("a/b", b"hi", 1, False, False, 7)),
    (V311, "32080003" + "61c999" + "0102" + "69", Publish("a\u0259", b"i", 1, False, False, 0x0102)),
    (V311, "40020007", Puback(7, 0)),
    (V5, "4003000787", Puback(7, 0x87)),
    (V5, "400400078700", Puback(7, 0x87)),
    (V311, "90040001" + "0180", Suback(1, b"\x01\x80")),
    (V5, "9004000100" + "87", Suback(1, b"\x87")),
    (V311, "b0020009", Unsuback(9, b"")),
    (V5, "b00400090000", Unsuback(9, b"\x00")),
    (V311, "d000", Pingresp()),
    (V5, "e000", Disconnect(0)),
    (V5, "e0018e", Disconnect(0x8E)),
)

#: (version, hex, a word of the reason)
WRONG = (
    (V311, "30ffffffff01", "remaining length"),
    (V311, "308180808000", "remaining length"),
    (V311, "30fd7f", "over the limit"),
    (V311, "3600", "QoS"),
    (V311, "38050003612f62", "duplicate"),
    (V311, "3001ff", "length"),
    (V311, "30040003612f", "longer than its packet"),
    (V311, "30020000", "empty topic"),
    (V311, "3005000361" + "2f23", "empty topic or one with"),
    (V311, "30050003" + "61002f", "UTF-8"),
    (V311, "30040002" + "c080", "UTF-8"),
    (V311, "30050003" + "eda080", "UTF-8"),
    (V311, "30060004" + "f4908080", "UTF-8"),
    (V311, "30030001" + "c3", "UTF-8"),
    (V311, "32050003612f62", "before its packet id"),
    (V311, "32070003612f620000", "packet id 0"),
    (V311, "20020200", "CONNACK"),
    (V311, "20020105", "claims a session"),
    (V311, "200100", "CONNACK"),
    (V311, "2003000000", "CONNACK"),
    (V5, "20040000027f", "properties"),
    (V5, "20050000022100", "properties"),
    (V5, "20070000" + "0424012401", "twice"),
    (V5, "20050000" + "027f00", "not known"),
    (V311, "400100", "packet id"),
    (V311, "4003000700", "PUBACK"),
    (V311, "41020007", "flags"),
    (V311, "90020001", "no codes"),
    (V5, "b003000900", "UNSUBACK"),
    (V311, "d00100", "PINGRESP"),
    (V311, "e000", "3.1.1"),
    (V311, "1000", "not one a broker sends"),
    (V311, "c000", "not one a broker sends"),
    (V311, "50020001", "not one a broker sends"),
    (V311, "0000", "not one a broker sends"),
    (V311, "f000", "not one a broker sends"),
)


def raw(text):
    """Bytes of a row."""
    return bytes(int(text[at : at + 2], 16) for at in range(0, len(text), 2))


def good_rows():
    """The rows with their bytes."""
    return [(version, raw(text), packet) for version, text, packet in ROWS]


def test_a_packet_is_read_whole_byte_by_byte_and_with_a_tail():
    for version, data, packet in good_rows():
        assert list(Decoder(version).feed(data)) == [packet], data
        slow = Decoder(version)
        found = []
        for byte in data:
            found += list(slow.feed(bytes((byte,))))
        assert found == [packet], data
        tailed = Decoder(version)
        assert list(tailed.feed(data + data[:1])) == [packet], data
        assert list(tailed.feed(data[1:])) == [packet], data


def test_what_a_broker_must_not_send_is_refused_and_stays_refused():
    for version, text, word in WRONG:
        decoder = Decoder(version)
        error = refused(CodecError, list, decoder.feed(raw(text)))
        assert word in str(error), (text, str(error))
        again = refused(CodecError, list, decoder.feed(b"\xd0\x00"))
        assert str(again) == str(error)


def test_an_oversize_packet_is_refused_at_its_header():
    decoder = Decoder(V311, limit=64)
    assert list(decoder.feed(b"\x30\x3e\x00\x01a" + bytes(59))) == [Publish("a", bytes(59), 0, False, False, 0)]
    refused(CodecError, list, decoder.feed(b"\x30\x3f"))


def test_a_stream_that_ends_inside_a_packet_is_refused():
    decoder = Decoder(V311)
    decoder.finish()
    list(decoder.feed(b"\xd0\x00\x20\x02\x00"))
    refused(CodecError, decoder.finish)


def test_the_buffer_of_the_decoder_serves_many_packets_without_growing():
    one = codec.encode_publish("a/b", bytes(1000), 1, V311)
    decoder = Decoder(V311)
    found = 0
    for _ in range(40):
        found += len(list(decoder.feed(one[:700])))
        found += len(list(decoder.feed(one[700:])))
    assert found == 40
    assert len(decoder.space()) == codec.MAX_PACKET_BYTES


def test_publish_and_puback_are_written_as_they_are_read():
    for version, data, packet in good_rows():
        if isinstance(packet, Publish) and data[0] != 0x3A and b"\x0e\x10" not in data:
            written = codec.encode_publish(
                packet.topic, packet.payload, packet.packet_id, version, qos=packet.qos, retain=packet.retain
            )
            assert written == data, data
    assert codec.encode_publish("a/b", b"hi", 65535, V311, dup=True) == raw("3a090003612f62ffff6869")
    assert codec.encode_puback(7) == raw("40020007")


def test_connect_says_who_and_what_to_say_after_death():
    assert codec.encode_connect("T1", 20, V311) == raw("100e00044d5154540402001400025431")
    written = codec.encode_connect("T1", 20, V311, user="u", password="p", will=("a", b"x", True))
    assert written == raw("101a00044d51545404ee001400025431" + "000161" + "000178" + "000175" + "000170")
    five = codec.encode_connect("T1", 20, V5, clean=False, expiry_s=60)
    assert five == raw("101c00044d515454050000140d" + "210008" + "2700001100" + "110000003c" + "00025431")


def test_subscribe_unsubscribe_ping_and_goodbye():
    assert codec.encode_subscribe(1, ["a", "b/c"], V311) == raw("820c0001" + "00016101" + "0003622f6301")
    assert codec.encode_subscribe(1, ["a"], V5) == raw("8207000100" + "00016101")
    assert codec.encode_unsubscribe(2, ["a"], V311) == raw("a2050002000161")
    assert codec.encode_unsubscribe(2, ["a"], V5) == raw("a206000200000161")
    assert raw("c000") == codec.PINGREQ
    assert raw("e000") == codec.DISCONNECT


def test_what_cannot_be_sent_is_refused_before_it_is_sent():
    refused(CodecError, codec.encode_publish, "a/+", b"", 1)
    refused(CodecError, codec.encode_publish, "", b"", 1)
    refused(CodecError, codec.encode_publish, "a", b"", 0)
    refused(CodecError, codec.encode_publish, "a", b"", 65536)
    refused(CodecError, codec.check_publish, "a", bytes(codec.MAX_PACKET_BYTES))
    refused(CodecError, codec.encode_subscribe, 1, [])
    refused(CodecError, codec.encode_unsubscribe, 1, [])
    refused(CodecError, codec.encode_subscribe, 1, [""])
    refused(CodecError, codec.encode_connect, "T1", 70000)
    refused(CodecError, codec.encode_connect, "T1", 20, 3)


def test_the_largest_envelope_fits_a_packet():
    topic = "kassa/1/" + "T" * 16 + "/answer"
    packet = codec.encode_publish(topic, bytes(4096), 1, V5, retain=True)
    assert len(list(Decoder(V5).feed(packet))) == 1
