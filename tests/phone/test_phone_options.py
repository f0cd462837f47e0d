"""The command line: what it accepts, and how it says what it does not."""

import contextlib
import io
import json
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.fleet import fleet
from provserver.phone.lease import Rest
from provserver.phone.options import make_parser
from provserver.phone.orders import BootOrder, LeaseOrder, Order, PnpOrder, read_order
from provserver.phone.profiles import PROFILES
from tests.phone.folders import free_path
from tests.phone.scripted import T46S

MAC = ("--mac", "00:15:65:4a:a9:37")
BOOT = ("boot", "yealink", "T46S", *MAC)
PNP = ("pnp", "yealink", "T46S", *MAC)
LEASE = ("lease", "cisco_sip", "8945", *MAC, "--ip", "10.0.0.7")
CLASS_8945 = "Cisco Systems, Inc. IP Phone CP-8945"

# arguments -> what must stand in the error
BAD_USAGE = {
    (): "required: COMMAND",
    ("fly",): "'fly'",
    ("list", "nobody"): "'nobody'",
    ("boot",): "VENDOR, MODEL, --mac",
    ("boot", "nobody", "T46S", *MAC): "'nobody'",
    ("boot", "yealink", "T46S"): "--mac",
    ("boot", "yealink", "T46S", "--mac", "00:15:65"): "not a MAC address: '00:15:65'",
    ("boot", "yealink", "T46S", "--mac", "0" * 12): "not a MAC address: '000000000000'",
    (*BOOT, "--source", "office"): "not an IP address: 'office'",
    (
        *BOOT,
        "--server",
        "127.0.0.1:8667",
    ): "not an http:// or tftp:// URL that a phone can ask for: '127.0.0.1:8667'",
    (*BOOT, "--server", "http://"): "not an http:// or tftp:// URL",
    (*BOOT, "--server", "https://prov.example"): "not an http:// or tftp:// URL",
    (
        *BOOT,
        "--server",
        "http://prov.example/s3cret?x",
    ): "http://prov.example: no ? and no # in the URL of a server",
    (*BOOT, "--version", "66.86\r\nX: y"): "expected letters, digits, dots and dashes: 66.86.0.15",
    (*BOOT, "--count", "0"): "'0', expected 1 to 100,000",
    (*BOOT, "--count", "1000000"): "'1000000', expected 1 to 100,000",
    (*BOOT, "--count", "many"): "'many', expected 1 to 100,000",
    (*PNP, "--group", "224.0.1.75"): "'224.0.1.75', expected an IPv4 address with a port: 224.0.1.75:5060",
    (*PNP, "--group", "224.0.1.75:0"): "expected an IPv4 address with a port",
    (*PNP, "--group", "224.0.1.75:65536"): "expected an IPv4 address with a port",
    (*PNP, "--group", "[ff02::1]:5060"): "not an IP address: '[ff02::1]'",
    (*PNP, "--group", "ff02::1:5060"): "'ff02::1:5060', expected an IPv4 address",
    (*PNP, "--group", "office:5060"): "not an IP address: 'office'",
    ("lease", "yealink", "T46S", *MAC): "--ip",
    (*LEASE, "--op", "renew"): "'renew'",
    (*LEASE, "--rest", "tftp://127.0.0.1/"): "tftp://127.0.0.1: REST is http://",
}


def order_of(*arguments: str) -> Order:
    return read_order(make_parser().parse_args(arguments))


def order(*arguments: str) -> BootOrder:
    made = order_of(*BOOT, *arguments)
    assert isinstance(made, BootOrder)
    return made


class OptionsTests(SynchronousTestCase):
    def test_only_the_mac_has_to_be_given(self) -> None:
        """The server is where `make run` listens, the firmware what the model comes with."""
        self.assertEqual(
            order(), BootOrder(PROFILES["yealink"], (T46S,), "http://127.0.0.1:8667/", boots=1, as_json=False)
        )

    def test_all_options(self) -> None:
        """A key goes into every path, and never into what is shown of an order."""
        given = order(
            *("--server", "http://prov.example/a", "--key", "k 1/2", "--version", "66.85.0.5"),
            *("--source", "127.0.0.5", "--count", "2", "--again", "--json"),
        )
        first = evolve(T46S, version="66.85.0.5", source="127.0.0.5")
        self.assertEqual(given.phones, (first, evolve(first, mac="00:15:65:4a:a9:38", source="127.0.0.6")))
        self.assertEqual(
            (given.server, given.boots, given.as_json), ("http://prov.example/a/k%201%2F2/", 2, True)
        )
        self.assertNotIn("k%201", repr(given))

    def test_a_model_may_be_written_in_small_letters(self) -> None:
        """What is on the box is not always in capitals on the keyboard."""
        made = order_of("boot", "yealink", "ax83h", *MAC)
        assert isinstance(made, BootOrder)
        self.assertEqual(made.phones[0].model, "AX83H")

    def test_an_unknown_model_is_told_the_known_ones(self) -> None:
        """The next command is then easy to type."""
        options = make_parser().parse_args(["boot", "yealink", "T99X", *MAC])
        problem = str(self.assertRaises(Invalid, read_order, options))
        self.assertIn("no Yealink T99X; it can play AX83H, ", problem)

    def test_bad_usage_is_status_2_and_names_the_value(self) -> None:
        """As every command does it."""
        for arguments, text in BAD_USAGE.items():
            with self.subTest(arguments=arguments):
                error = io.StringIO()
                with contextlib.redirect_stderr(error):
                    problem = self.assertRaises(SystemExit, make_parser().parse_args, list(arguments))
                self.assertEqual(problem.code, 2)
                self.assertIn(text, error.getvalue())
                self.assertNotIn("s3cret", error.getvalue())


class PnpOptionsTests(SynchronousTestCase):
    def test_the_group_is_that_of_sip_pnp(self) -> None:
        """Unless another is named; a phone boots only if it is told to."""
        profile = PROFILES["yealink"]
        self.assertEqual(order_of(*PNP), PnpOrder(profile, T46S, ("224.0.1.75", 5060), boot=False))
        there = order_of(*PNP, "--group", "127.0.0.7:5062", "--boot", "--source", "127.0.0.5")
        phone = evolve(T46S, source="127.0.0.5")
        self.assertEqual(there, PnpOrder(profile, phone, ("127.0.0.7", 5062), boot=True))

    def test_what_cannot_be_is_refused(self) -> None:
        """Vendors that never look for a server so, and IPv6, for which there is no such group."""
        problem = self.assertRaises(Invalid, order_of, "pnp", "cisco_sip", "8945", *MAC)
        self.assertIn("a Cisco 8945 does not look for its server by SIP PnP", str(problem))
        self.assertIn("IPv4 only", str(self.assertRaises(Invalid, order_of, *PNP, "--source", "::1")))


class LeaseOptionsTests(SynchronousTestCase):
    def lease(self, *arguments: str) -> LeaseOrder:
        made = order_of(*LEASE, *arguments)
        assert isinstance(made, LeaseOrder)
        return made

    def test_a_lease_is_told_over_the_socket(self) -> None:
        """Of the provd that `make run` starts, with the model's own option 60."""
        made = self.lease()
        self.assertEqual(made.to, Path("var/run/lease"))
        self.assertEqual(made.what, f"commit of 10.0.0.7, option 60 '{CLASS_8945}'")
        info = json.loads(made.event)["dhcp_info"]
        self.assertEqual((info["op"], info["ip"], info["mac"]), ("commit", "10.0.0.7", "00:15:65:4a:a9:37"))
        (option,) = info["options"]
        self.assertEqual(bytes.fromhex(option[3:].replace(".", "")), CLASS_8945.encode())
        self.assertTrue(option.startswith("06043.69."))

    def test_without_option_60(self) -> None:
        """As from Kea's hook; and of an end of a lease."""
        made = self.lease("--vendor-class", "", "--op", "release")
        self.assertEqual(made.what, "release of 10.0.0.7, without option 60")
        self.assertEqual(json.loads(made.event)["dhcp_info"]["options"], [])

    def test_over_rest_it_needs_a_token(self) -> None:
        """Read from provd's own file; it is shown nowhere."""
        path = free_path(self)
        path.write_text("t0ken\n")
        made = self.lease("--rest", "http://127.0.0.1:8666", "--token-file", str(path))
        self.assertEqual(made.to, Rest("http://127.0.0.1:8666/", "t0ken"))
        self.assertNotIn("t0ken", repr(made))
        for content in (None, b"\xff"):
            path.unlink() if content is None else path.write_bytes(content)
            problem = self.assertRaises(Invalid, self.lease, "--rest", "http://h", "--token-file", str(path))
            self.assertIn(f"no token in {path}", str(problem))

    def test_an_option_has_255_bytes_at_most(self) -> None:
        """What a DHCP server could not have got from a phone is not told."""
        problem = self.assertRaises(Invalid, self.lease, "--vendor-class", "x" * 256)
        self.assertIn("a vendor class of 256 bytes, the most is 255", str(problem))


class FleetTests(SynchronousTestCase):
    def test_one_phone_is_itself(self) -> None:
        """The usual case."""
        self.assertEqual(fleet(T46S, 1), (T46S,))

    def test_macs_and_addresses_count_up(self) -> None:
        """Across the end of a byte; without an address all ask from wherever the system chooses."""
        first = evolve(T46S, mac="00:15:65:ff:ff:ff", source="127.0.0.255")
        self.assertEqual(fleet(first, 2)[1], evolve(T46S, mac="00:15:66:00:00:00", source="127.0.1.0"))
        self.assertEqual(fleet(evolve(first, source="fd00::ff"), 2)[1].source, "fd00::100")
        self.assertEqual(fleet(evolve(first, source=""), 2)[1].source, "")

    def test_there_is_an_end(self) -> None:
        """Of MACs and of addresses."""
        for last in (evolve(T46S, mac="ff:ff:ff:ff:ff:fe"), evolve(T46S, source="255.255.255.254")):
            with self.subTest(last=last):
                self.assertEqual(len(fleet(last, 2)), 2)
                self.assertIn("3 phones from", str(self.assertRaises(Invalid, fleet, last, 3)))
