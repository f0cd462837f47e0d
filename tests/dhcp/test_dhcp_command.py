"""The command `provd-dhcp`."""

import contextlib
import io
import shutil

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp import command
from tests.dhcp.dhcp_programs import ROOT
from tests.dhcp.told import short_folder

SUBNET = ("--subnet", "10.0.0.0/24", "--url", "http://10.0.0.5:8667")
CISCO = "Cisco Systems, Inc. IP Phone CP-8945"


def run(*arguments: str) -> tuple[int, str, str]:
    """Return the exit status, and what was printed and complained."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command.main(arguments)
        except SystemExit as end:  # argparse's
            status = int(end.code or 0)
    return status, out.getvalue(), err.getvalue()


class PrintTests(SynchronousTestCase):
    def test_each_server_gets_a_configuration(self) -> None:
        """Of the vendors that are here, with provd's own URL."""
        for server in ("kea", "dnsmasq", "isc", "mikrotik"):
            status, printed, complained = run(server, *SUBNET, "--router", "10.0.0.1", "--dns", "10.0.0.2")
            self.assertEqual((status, complained), (0, ""), server)
            self.assertIn(f"provd-dhcp {server}", printed)
            self.assertIn("10.0.0.128", printed)
            self.assertIn("http://10.0.0.5:8667/", printed)

    def test_what_was_said_is_in_it(self) -> None:
        """Each option of the command line."""
        _, printed, _ = run(
            "kea", *SUBNET, "--range", "10.0.0.10-10.0.0.20", "--interface", "eth7", "--tftp", "10.0.0.6",
            "--hook", "/opt/lease", "--socket", "/opt/socket", "--library", "/opt/run_script.so",
        )  # fmt: skip
        for word in (
            "10.0.0.10 - 10.0.0.20",
            '"eth7"',
            "0a000006",
            '"/opt/lease"',
            "/opt/socket",
            "/opt/run_",
        ):
            self.assertIn(word, printed)

    def test_without_a_url_it_is_this_machines(self) -> None:
        """Mostly provd and the DHCP server are on one machine."""
        status, printed, _ = run("dnsmasq", "--subnet", "10.0.0.0/24")
        self.assertEqual(status, 0)
        self.assertRegex(printed, r'66,"http://[0-9.]+:8667/"')

    def test_what_is_wrong_is_one_line(self) -> None:
        """It names the option; nothing is printed that could be taken for a configuration."""
        for arguments, word in (
            (("kea", "--subnet", "10.0.0.5/24"), "--subnet"),
            (("kea", *SUBNET, "--range", "10.0.1.1-10.0.1.2"), "--range"),
            (("dnsmasq", *SUBNET, "--router", "x"), "--router"),
            (("isc", *SUBNET, "--hook", "x y"), "--hook"),
            (("isc", "--subnet", "10.0.0.0/24", "--url", "http://provd"), "--tftp"),
            (("mikrotik", "--subnet", "10.0.0.0/24", "--url", "provd"), "--url"),
            (("check", "yealink", "--mac", "00:15"), "MAC"),
        ):
            with self.subTest(arguments=arguments):
                status, printed, complained = run(*arguments)
                self.assertEqual((status, printed), (1, ""))
                self.assertEqual(len(complained.splitlines()), 1)
                self.assertIn(word, complained)

    def test_a_wrong_command_is_explained(self) -> None:
        """argparse says what there is."""
        for arguments in ((), ("frob",), ("kea",), ("check",)):
            status, _, complained = run(*arguments)
            self.assertEqual(status, 2)
            self.assertIn("usage", complained)
        self.assertIn("mikrotik", run("--help")[1])

    def test_a_broken_vendor_folder_is_named(self) -> None:
        """Its phones get no options, and somebody will ask why."""
        folder = short_folder()
        self.addCleanup(shutil.rmtree, folder)
        (folder / "acme").mkdir()
        for name in ("__init__.py", "identify.py"):
            (folder / "acme" / name).write_text("1 / 0")
        self.patch(command, "bundled", lambda: folder)
        status, printed, complained = run("dnsmasq", *SUBNET)
        self.assertEqual(status, 0)
        self.assertIn("acme/__init__.py", complained)
        self.assertNotIn("dhcp-option-force", printed)


class CheckTests(SynchronousTestCase):
    def test_the_documentation_shows_what_it_says(self) -> None:
        """Nobody updates an example by hand."""
        text = (ROOT / "docs/dhcp.md").read_text()
        _, _, shown = text.partition("    $ provd-dhcp check ")
        block = shown.partition("\n\n")[0].splitlines()[1:]
        self.assertEqual([line[4:] for line in block], self.check(CISCO).splitlines())

    def check(self, *arguments: str) -> str:
        status, printed, complained = run("check", *arguments, "--url", "http://10.0.0.5:8667")
        self.assertEqual((status, complained), (0, ""))
        return printed

    def test_it_says_what_the_phone_is_and_what_it_is_given(self) -> None:
        """The way to see whether a phone that does not come is known at all."""
        for text in (CISCO, CISCO + r"\0", CISCO + r"\x00"):
            said = self.check(text)
            self.assertRegex(said, "Cisco.* 8945")
            self.assertIn("plugin cisco-sip", said)
            self.assertRegex(said, r"option 150 \(ip\) +10\.0\.0\.5")
            self.assertRegex(said, r"option  66 \(text\) +10\.0\.0\.5")

    def test_a_mac_address_may_be_all_that_is_known(self) -> None:
        """Many phones send no option 60, or one that is their firmware's."""
        for text in ("", "unheard of"):
            said = self.check(text, "--mac", "0:15:65:4a:a9:37")
            self.assertIn("Yealink", said)
            self.assertIn("what yealink is given", said)

    def test_an_unknown_phone_is_given_nothing(self) -> None:
        """And that is said, rather than nothing."""
        said = self.check("unheard of")
        self.assertIn("no vendor knows", said)
        self.assertIn("no plugin serves", said)
        self.assertIn("no option for phones", said)

    def test_odd_bytes_may_be_written(self) -> None:
        """Polycom's option 60 is binary; what cannot be a byte is no reason to fail."""
        self.assertEqual(command.option_60(r"\x00a\0\x1f\\x"), b"\0a\0\x1f\\\\x")
        self.assertEqual(command.option_60("é€"), b"\xe9?")
