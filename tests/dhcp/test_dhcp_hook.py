"""`provd-lease`, as dnsmasq, Kea and ISC dhcpd call it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp import hook
from provserver.dhcp.lease import lease_of
from provserver.model import Sighting
from tests.dhcp.told import BASE, short_folder

MAC = "00:15:65:4a:a9:37"
LEASE = {"LEASE4_ADDRESS": "10.0.0.7", "LEASE4_HWADDR": MAC}
COMMIT = ("commit", "10.0.0.7", MAC, ())
Environment = Mapping[str, str]


def of_list(name: str, *leases: Environment) -> dict[str, str]:
    """Return leases as Kea numbers them."""
    numbered = {
        f"{name}_AT{at}_{key}": value for at, lease in enumerate(leases) for key, value in lease.items()
    }
    return {f"{name}_SIZE": str(len(leases)), **numbered}


ONE = {"ADDRESS": "10.0.0.7", "HWADDR": MAC}
OTHER = {"ADDRESS": "10.0.0.8", "HWADDR": MAC}
IPOIB = {"LEASE4_HWADDR_TYPE": "32"}

# What is called, with what in its environment, and what provd is told of it.
CALLS: tuple[tuple[str, Environment, list[hook.Event]], ...] = (
    # dnsmasq
    (f"add {MAC} 10.0.0.7", {}, [COMMIT]),
    (f"old {MAC} 10.0.0.7 phone", {"DNSMASQ_DATA_MISSING": "1"}, [COMMIT]),
    (f"del {MAC} 10.0.0.7", {}, [("release", "10.0.0.7", MAC, ())]),
    (
        f"add {MAC} 10.0.0.7 phone",
        {
            "DNSMASQ_SUPPLIED_HOSTNAME": "ph",
            "DNSMASQ_VENDOR_CLASS": "yea",
            "DNSMASQ_USER_CLASS0": "u",
            "DNSMASQ_CLIENT_ID": "01:00:15",
        },
        [("commit", "10.0.0.7", MAC, ("01270.68", "06079.65.61", "07775", "06101.00.15"))],
    ),
    ("add 06-01:23:45:67:89:ab 10.0.0.7", {}, []),  # token ring
    ("add 00:01:00:01:2a:aa fd00::7", {"DNSMASQ_IAID": "1"}, []),  # DHCPv6: a DUID
    (f"add {MAC}", {}, []),
    ("add", {}, []),
    ("init", {}, []),
    (f"arp-add {MAC} 10.0.0.7", {}, []),
    ("tftp 512 10.0.0.7 /srv/file", {}, []),
    # Kea
    ("leases4_committed", of_list("LEASES4", ONE), [COMMIT]),
    (
        "leases4_committed",
        {**of_list("LEASES4", OTHER), **of_list("DELETED_LEASES4", ONE)},
        [("release", "10.0.0.7", MAC, ()), ("commit", "10.0.0.8", MAC, ())],
    ),
    ("leases4_committed", {"LEASES4_SIZE": "0", "DELETED_LEASES4_SIZE": ""}, []),
    ("leases4_committed", {"LEASES4_SIZE": "-1", "LEASES4_AT0_ADDRESS": "10.0.0.7"}, []),
    ("leases4_committed", {**of_list("LEASES4", *[ONE] * 17), "LEASES4_SIZE": "9" * 50}, [COMMIT] * 16),
    ("lease4_renew", {**LEASE, "LEASE4_HWADDR_TYPE": "1"}, [COMMIT]),
    (
        "lease4_renew",
        {**LEASE, "LEASE4_CLIENT_ID": "01:00:15:65:4A:A9:37"},
        [("commit", "10.0.0.7", MAC, ("06101.00.15.65.4a.a9.37",))],
    ),
    ("lease4_renew", {**LEASE, "LEASE4_CLIENT_ID": "none"}, [COMMIT]),
    ("lease4_renew", {**LEASE, "LEASE4_CLIENT_ID": "001122"}, [COMMIT]),
    ("lease4_renew", {**LEASE, "LEASE4_CLIENT_ID": "1:"}, [COMMIT]),
    ("lease4_renew", {**LEASE, "LEASE4_CLIENT_ID": ":"}, [COMMIT]),
    ("lease4_renew", {**LEASE, "LEASE4_CLIENT_ID": "1é"}, [COMMIT]),
    ("lease4_renew", {**LEASE, **IPOIB}, []),
    ("lease4_renew", {**LEASE, "LEASE4_HWADDR": ""}, []),
    ("lease4_renew", {}, []),
    ("lease4_release", LEASE, [("release", "10.0.0.7", MAC, ())]),
    ("lease4_decline", LEASE, [("release", "10.0.0.7", MAC, ())]),
    ("lease4_expire", LEASE, [("expiry", "10.0.0.7", MAC, ())]),
    ("lease4_recover", LEASE, []),
    ("lease6_renew", {"LEASE6_ADDRESS": "fd00::7"}, []),
    # ISC dhcpd
    ("commit 10.0.0.7 0:15:65:4a:a9:37", {}, [("commit", "10.0.0.7", "0:15:65:4a:a9:37", ())]),
    (f"commit 10.0.0.7 {MAC} 06079.65 061 ", {}, [("commit", "10.0.0.7", MAC, ("06079.65",))]),
    ("release 10.0.0.7", {}, [("release", "10.0.0.7", "", ())]),
    ("expiry 10.0.0.7", {}, [("expiry", "10.0.0.7", "", ())]),
    (f"commit fd00::7 {MAC}", {}, []),
    ("commit", {}, []),
    # nobody that is known
    ("frobnicate 1 2 3", {}, []),
)


def told(event: hook.Event) -> Sighting | None:
    return lease_of(json.loads(hook.datagram(event)), 0.0, BASE)


class EventsTests(SynchronousTestCase):
    def test_each_server_is_understood(self) -> None:
        """Who called is told by the first word, so one program serves all three without being configured."""
        for call, environment, expected in CALLS:
            with self.subTest(call=call):
                self.assertEqual(list(hook.events(call.split(" "), environment)), expected)

    def test_what_is_sent_is_what_provd_reads(self) -> None:
        """Program and receiver ship together; neither may drift from the other."""
        for call, environment, _ in CALLS:
            for event in hook.events(call.split(" "), environment):
                sighting = told(event)
                self.assertEqual(sighting is not None, event[0] == "commit", event)
                if sighting:
                    self.assertEqual((sighting.ip, sighting.mac), (event[1], MAC))

    def test_a_binary_option_60_arrives_as_it_was_sent(self) -> None:
        """Polycom's is binary, and Cisco's end with a NUL."""
        raw = bytes(range(1, 256))
        environment = {"DNSMASQ_VENDOR_CLASS": os.fsdecode(raw)}
        (event,) = hook.events(["add", MAC, "10.0.0.7"], environment)
        sighting = told(event)
        self.assertEqual(sighting and sighting.options, {60: raw})

    def test_what_no_lease_holds_is_not_sent(self) -> None:
        """An argument that could end a text of the JSON would say something else to provd."""
        for text in ('10.0.0.7", "mac": "', "10.0.0.7\\", "10.0.0.7\n", "10.0.0.é", "\udcff"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                hook.datagram(("commit", text, MAC, ()))

    @settings(max_examples=200, derandomize=True, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["add", "del", "commit", "lease4_renew", MAC, "10.0.0.7", "fd00::1"]) | st.text()
        ),
        st.dictionaries(st.sampled_from(["LEASE4_ADDRESS", "LEASE4_HWADDR", "DNSMASQ_CLIENT_ID"]), st.text()),
    )
    def test_no_call_is_an_error(self, arguments: list[str], environment: dict[str, str]) -> None:
        """A traceback in a DHCP server's log helps nobody."""
        if arguments:
            for event in hook.events(arguments, environment):
                try:
                    json.loads(hook.datagram(event))
                except ValueError as refused:
                    self.assertIn("not a part of a lease", str(refused))


class TellTests(SynchronousTestCase):
    def setUp(self) -> None:
        folder = short_folder()
        self.addCleanup(shutil.rmtree, folder)
        self.path = folder / "lease"
        self.provd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.provd.close)
        self.provd.bind(str(self.path))
        self.provd.setblocking(False)

    def received(self) -> object:
        return json.loads(self.provd.recv(8192))

    def test_one_datagram_is_the_body_of_dhcpinfo(self) -> None:
        """Whoever wants to tell provd by other means needs to know one form only."""
        info = {"op": "commit", "ip": "10.0.0.7", "mac": MAC, "options": ["06079.65"]}
        arguments = ["--socket", str(self.path), "commit", "10.0.0.7", MAC, "06079.65"]
        self.assertEqual(hook.tell(arguments, {}), "")
        self.assertEqual(self.received(), {"dhcp_info": info})

    def test_the_environment_may_name_the_socket(self) -> None:
        """dnsmasq hands on its own environment, but takes no arguments for its script."""
        self.assertEqual(hook.tell(["add", MAC, "10.0.0.7"], {"PROVD_LEASE_SOCKET": str(self.path)}), "")
        self.assertIn("dhcp_info", str(self.received()))

    def test_several_leases_are_several_datagrams(self) -> None:
        """A phone that moves has an old and a new lease in one event of Kea."""
        environment = {**of_list("LEASES4", OTHER), **of_list("DELETED_LEASES4", ONE)}
        hook.tell(["--socket", str(self.path), "leases4_committed"], environment)
        self.assertIn("release", str(self.received()))
        self.assertIn("commit", str(self.received()))

    def test_a_provd_that_is_away_is_one_line(self) -> None:
        """The line names the path, which is what is wrong most often."""
        for path in ("/nonexistent/lease", "", "x" * 200, "/\0"):
            with self.subTest(path=path):
                complaint = hook.tell(["--socket", path, "add", MAC, "10.0.0.7"], {})
                self.assertIn("provd was not told", complaint)
                self.assertEqual(len(complaint.splitlines()), 1)
        self.assertIn(hook.DEFAULT_SOCKET, hook.tell(["add", MAC, "10.0.0.7"], {}))

    def test_a_malformed_call_is_one_line(self) -> None:
        """So an administrator who types it sees what is wrong."""
        complaint = hook.tell(["--socket", str(self.path), "commit", '10.0.0.7"', MAC], {})
        self.assertIn("not a part of a lease", complaint)

    def test_without_arguments_it_says_how_it_is_called(self) -> None:
        """It has no other help."""
        self.assertIn("ISC dhcpd", hook.tell([], {}))

    def test_a_provd_that_hangs_costs_little(self) -> None:
        """dhcpd waits for the program: leases must go on when provd's queue is full."""
        for _ in range(2000):
            try:
                sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                sender.setblocking(False)
                sender.sendto(b"x", str(self.path))
            except BlockingIOError:
                break
            finally:
                sender.close()
        before = time.monotonic()
        self.assertIn("not told", hook.tell(["--socket", str(self.path), "add", MAC, "10.0.0.7"], {}))
        self.assertLess(time.monotonic() - before, 1.0)

    # --- as a program ----------------------------------------------------------------------------------------

    def run_as(self, command: Sequence[str], *arguments: str, close: str = "") -> tuple[int, str]:
        """Run it as a file of its own; `close`: redirections of a shell."""
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {close}', "sh", *command, "--socket", str(self.path), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"PATH": "/usr/bin:/bin"},
        )
        return done.returncode, done.stdout + done.stderr

    def test_it_runs_as_a_file_of_its_own(self) -> None:
        """A DHCP server's machine needs no more of provd than this file, without its packages."""
        copy = self.path.with_name("provd-lease")
        shutil.copy(hook.__file__, copy)
        self.assertEqual(self.run_as([sys.executable, "-IS", str(copy)], "add", MAC, "10.0.0.7"), (0, ""))
        self.assertIn("dhcp_info", str(self.received()))

    def test_it_ends_well_whatever_happens(self) -> None:
        """A status other than 0 is an error of the DHCP server's in its log, a line for each lease."""
        program = [sys.executable, "-IS", str(Path(hook.__file__))]
        self.path.unlink()
        status, printed = self.run_as(program, "add", MAC, "10.0.0.7")
        self.assertEqual((status, len(printed.splitlines())), (0, 1))
        self.assertEqual(self.run_as(program, "add", MAC, "10.0.0.7", close="2>&-"), (0, ""))
        self.assertEqual(self.run_as(program, "add", MAC, "10.0.0.7", close="0<&- 1>&- 2>&-"), (0, ""))

    def test_the_program_takes_its_arguments_and_its_environment(self) -> None:
        """What `main` hands on is what the DHCP server gave."""
        with (
            patch.object(sys, "argv", ["provd-lease", "add", MAC, "10.0.0.7"]),
            patch.dict(os.environ, {"PROVD_LEASE_SOCKET": str(self.path)}),
        ):
            self.assertEqual(hook.main(), 0)
            self.assertIn("10.0.0.7", str(self.received()))
            self.path.unlink()
            with patch.object(os, "write", side_effect=[None, OSError(5, "gone")]) as write:
                self.assertEqual((hook.main(), hook.main()), (0, 0))
        self.assertIn(b"provd was not told", write.call_args[0][1])

    def test_it_imports_nothing_that_costs(self) -> None:
        """Each of these takes as long as half of Python's start, and dhcpd waits for it."""
        program = f"import sys; sys.argv[1:] = ['add']; exec(open({hook.__file__!r}).read()); "
        listing = "print(*sys.modules)"
        code = program.replace("exec(", "__name__ = 'hook'; exec(") + listing
        done = subprocess.run([sys.executable, "-ISc", code], capture_output=True, text=True, check=True)
        loaded = set(done.stdout.split())
        self.assertIn("_socket", loaded)
        self.assertEqual(
            loaded & {"re", "json", "socket", "argparse", "typing", "collections", "provserver"}, set()
        )
