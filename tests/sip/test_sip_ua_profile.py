"""What phones say when they subscribe, and what they are told."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.model import Sighting
from provserver.sip.message import Request, message_bytes, read_message
from provserver.sip.ua_profile import Subscribe, notify, ok, read_packet, read_subscribe, sighting
from tests.sip.sip_messages import EVENT, OURS, SOURCE, SUBSCRIBE, subscribe

MAC = "00:ac:ed:00:00:01"

MACS = {  # header From -> what it says
    "<sip:MAC%3a000413922D24@224.0.1.75>;tag=11": "00:04:13:92:2d:24",  # Snom, Gigaset, Yealink
    "<sip:MAC%3A001565123456@224.0.1.75>;tag=11": "00:15:65:12:34:56",
    "sip:MAC=00a859000001@224.0.1.75;tag=11": "00:a8:59:00:00:01",  # Planet and kin
    '"x" <sip:mac=00%3Aa8%3A59%3A00%3A00%3A01@h>;tag=1': "00:a8:59:00:00:01",
    "<sip:000413922D24@224.0.1.75>;tag=11": "00:04:13:92:2d:24",
    "<sip:AUDC-IPPhone@224.0.1.75>;tag=11": "",  # AudioCodes
    "<sip:MAC%3a000000000000@224.0.1.75>;tag=11": "",
    "<sip:MAC%3a0004139@224.0.1.75>;tag=11": "",
    "<sip:224.0.1.75>;tag=11": "",
    "<tel:112>": "",
}

USER_AGENTS = {  # header Event -> text for identify
    'ua-profile;profile-type="device";vendor="snom";model="snomD785";version="10.1.54.13"': (
        "snom snomD785 10.1.54.13"
    ),
    "ua-profile;profile-type=device;vendor=Yealink;model=T46S;version=66.86.0.15": "Yealink T46S 66.86.0.15",
    'UA-Profile ; Profile-Type="application" ; VENDOR="AudioCodes" ; model="420HD"': "AudioCodes 420HD",
    'ua-profile;vendor="Acme";version="2"': "Acme 2",
    "ua-profile": "Acme/1.0",
    'ua-profile;model="A60"': "Acme/1.0",
}

NOT_FOR_US = (
    subscribe().replace(b"SUBSCRIBE", b"REGISTER"),
    subscribe(Event="presence"),
    subscribe(Event=""),
    subscribe(Event='ua-profile;profile-type="user"'),
    subscribe(Event='ua-profile;profile-type="local-network"'),
    subscribe(To=f"{SUBSCRIBE['To']};tag=22"),
)

REFUSED = {
    subscribe(Contact=""): "not a sip: URI: ''",
    subscribe(Contact="*"): "not a sip: URI: '*'",
    subscribe(Contact="<http://192.0.2.66/>"): "not a sip: URI",
    subscribe(Event='ua-profile;vendor="open'): "not a parameter",
    subscribe(Event="ua-profile;vendor=" + "x" * 201): "a name of 201 characters, the most is 200",
    subscribe(Event="ua-profile", User_Agent="x" * 201): "a name of 201 characters",
}


def request_of(data: bytes) -> Request:
    message = read_message(data)
    assert isinstance(message, Request)
    return message


def read(data: bytes) -> Subscribe:
    subscribed = read_subscribe(request_of(data), SOURCE)
    assert subscribed is not None
    return subscribed


class SubscribeTests(SynchronousTestCase):
    def test_the_mac_stands_in_the_user_part(self) -> None:
        """Each vendor in its own way; of a phone that does not say only the address is known."""
        for sender, mac in MACS.items():
            with self.subTest(sender=sender):
                self.assertEqual(read(subscribe("sip:224.0.1.75", From=sender)).mac, mac)

    def test_the_request_uri_says_it_too(self) -> None:
        """Where From is somebody else's."""
        self.assertEqual(read(subscribe(From="<sip:anonymous@h>;tag=1")).mac, MAC)

    def test_event_becomes_a_user_agent(self) -> None:
        """So that a vendor's fingerprints serve every protocol; without a vendor there is the header User-Agent."""
        for event, text in USER_AGENTS.items():
            with self.subTest(event=event):
                self.assertEqual(read(subscribe(Event=event, User_Agent="Acme/1.0")).user_agent, text)

    def test_what_is_not_for_us_is_not_answered(self) -> None:
        """The group is everybody's: other requests, other events, and subscriptions that go on."""
        for data in NOT_FOR_US:
            with self.subTest(data=data):
                self.assertIsNone(read_subscribe(request_of(data), SOURCE))

    def test_what_cannot_be_answered_is_refused(self) -> None:
        """With a text for the log."""
        for data, text in REFUSED.items():
            with self.subTest(data=data):
                problem = self.assertRaises(Invalid, read_subscribe, request_of(data), SOURCE)
                self.assertIn(text, str(problem))

    def test_repetitions_have_one_id(self) -> None:
        """A phone that asks twice is one question; the next question has another CSeq or Call-ID."""
        first = read(subscribe())
        self.assertEqual(first.id, read(subscribe()).id)
        others = (
            read(subscribe(CSeq="2 SUBSCRIBE")),
            read(subscribe(Call_ID="x")),
            evolve(first, source=OURS),
        )
        for other in others:
            self.assertNotEqual(first.id, other.id)

    def test_the_sighting(self) -> None:
        """The address is the packet's: what Via and Contact say is no proof of anything."""
        seen = sighting(
            read(subscribe(Contact="<sip:192.0.2.66>", Via="SIP/2.0/UDP 192.0.2.66")), 7.0, OURS[0]
        )
        self.assertEqual(
            seen,
            Sighting("sip", 7.0, SOURCE[0], "sip://192.168.7.2", mac=MAC, user_agent="Acme A60 2.1"),
        )


class AnswerTests(SynchronousTestCase):
    def test_ok(self) -> None:
        """As in the manuals of the phones: it ends at once, and names us."""
        made = message_bytes(ok(read(subscribe()), OURS, "22")).decode()
        self.assertEqual(
            made.split("\r\n"),
            [
                "SIP/2.0 200 OK",
                "Via: SIP/2.0/UDP 192.168.7.31:5060;branch=z9hG4bK7a;rport=5060;received=192.168.7.31",
                "From: <sip:MAC%3a00ACED000001@224.0.1.75>;tag=11",
                "To: <sip:MAC%3a00ACED000001@224.0.1.75>;tag=22",
                "Call-ID: 1930770594@192.168.7.31",
                "CSeq: 1 SUBSCRIBE",
                "Contact: <sip:192.168.7.2:5060>",
                "Expires: 0",
                "Content-Length: 0",
                "",
                "",
            ],
        )

    def test_notify(self) -> None:
        """From and To change places, Event is as received, and the body is the URL."""
        made = notify(read(subscribe()), b"http://192.0.2.10:8667/", OURS, "22", "z9hG4bKn1")
        self.assertEqual(
            message_bytes(made).decode().split("\r\n"),
            [
                "NOTIFY sip:192.168.7.31:5060 SIP/2.0",
                "Via: SIP/2.0/UDP 192.168.7.2:5060;branch=z9hG4bKn1;rport",
                "Max-Forwards: 1",
                "From: <sip:MAC%3a00ACED000001@224.0.1.75>;tag=22",
                "To: <sip:MAC%3a00ACED000001@224.0.1.75>;tag=11",
                "Call-ID: 1930770594@192.168.7.31",
                "CSeq: 1 NOTIFY",
                "Contact: <sip:192.168.7.2:5060>",
                f"Event: {EVENT}",
                "Subscription-State: terminated;reason=timeout",
                "Content-Type: application/url",
                "Content-Length: 23",
                "",
                "http://192.0.2.10:8667/",
            ],
        )

    def test_keepalives_are_no_messages(self) -> None:
        """Phones send them to keep a NAT open: they are no reason for a warning."""
        for data in (b"", b"\r\n\r\n", b"\r\n", b"\0", b"\0\0\0\0"):
            self.assertIsNone(read_packet(data))
        self.assertIsNotNone(read_packet(subscribe()))
