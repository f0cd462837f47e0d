"""The command line: what it accepts, and how it says what it does not."""

import contextlib
import io

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.fleet import fleet
from provserver.phone.options import Order, make_parser, read_order
from provserver.phone.profiles import PROFILES
from tests.phone.scripted import T46S

MAC = ("--mac", "00:15:65:4a:a9:37")
BOOT = ("boot", "yealink", "T46S", *MAC)

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
    (*BOOT, "--server", "127.0.0.1:8667"): "not an http:// URL that a phone can ask for: '127.0.0.1:8667'",
    (*BOOT, "--server", "http://"): "not an http:// URL",
    (*BOOT, "--server", "https://prov.example"): "not an http:// URL",
    (
        *BOOT,
        "--server",
        "http://prov.example/s3cret?x",
    ): "http://prov.example: no ? and no # in the URL of a server",
    (*BOOT, "--version", "66.86\r\nX: y"): "expected numbers with dots: 66.86.0.15",
    (*BOOT, "--count", "0"): "'0', expected 1 to 100,000",
    (*BOOT, "--count", "1000000"): "'1000000', expected 1 to 100,000",
    (*BOOT, "--count", "many"): "'many', expected 1 to 100,000",
}


def order(*arguments: str) -> Order:
    return read_order(make_parser().parse_args([*BOOT, *arguments]))


class OptionsTests(SynchronousTestCase):
    def test_only_the_mac_has_to_be_given(self) -> None:
        """The server is where `make run` listens, the firmware what the model comes with."""
        self.assertEqual(
            order(), Order(PROFILES["yealink"], (T46S,), "http://127.0.0.1:8667/", boots=1, as_json=False)
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
        options = make_parser().parse_args(["boot", "yealink", "ax83h", *MAC])
        self.assertEqual(read_order(options).phones[0].model, "AX83H")

    def test_an_unknown_model_is_told_the_known_ones(self) -> None:
        """The next command is then easy to type."""
        options = make_parser().parse_args(["boot", "yealink", "T99X", *MAC])
        problem = str(self.assertRaises(Invalid, read_order, options))
        self.assertIn("no Yealink T99X; it can play AX83H, CP920, ", problem)

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
