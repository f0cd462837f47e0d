"""SIP PnP with real multicast, in networks made for the test and always taken down again."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "tests.sip.pnp_program")
PHONE = (sys.executable, "-m", "provserver.phone.command")
PNP = (*PHONE, "pnp", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("ip"), "needs root and iproute2")
class MulticastTests(SynchronousTestCase):
    def namespace(self, name: str) -> str:
        name = f"pnp-{os.getpid()}-{name}"
        ip("netns", "add", name)
        self.addCleanup(ip, "netns", "del", name)
        ip("-n", name, "link", "set", "lo", "up", "multicast", "on")
        return name

    def cable(self, here: str, there: str, number: int) -> None:
        """Connect two namespaces: 10.9.N.1 here, 10.9.N.2 there."""
        ip(
            "-n",
            here,
            "link",
            "add",
            f"eth{number}",
            "type",
            "veth",
            "peer",
            "name",
            f"eth{number}",
            "netns",
            there,
        )
        for name, host in ((here, 1), (there, 2)):
            ip("-n", name, "address", "add", f"10.9.{number}.{host}/24", "dev", f"eth{number}")
            ip("-n", name, "link", "set", f"eth{number}", "up")

    def serve(self, namespace: str, *addresses: str) -> None:
        server = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *PROGRAM, "serve", *addresses],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        assert server.stdout
        self.addCleanup(server.stdout.close)
        self.assertEqual(server.stdout.readline(), "ready\n")

    def run_in(self, namespace: str, *command: str) -> list[str]:
        done = subprocess.run(
            ["ip", "netns", "exec", namespace, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return (done.stdout + done.stderr).splitlines()

    def test_a_phone_finds_provd_on_a_network_of_its_own(self) -> None:
        """Real multicast from one program to the other; here both are on loopback."""
        network = self.namespace("lo")
        ip("-n", network, "route", "add", "224.0.0.0/4", "dev", "lo")
        self.serve(network, "127.0.0.1")
        rows = self.run_in(network, *PNP, "--source", "127.0.0.1")
        self.assertIn("SUBSCRIBE  to 224.0.1.75:5060", rows[3])
        self.assertIn("200 OK  from 127.0.0.1:5060", rows[4])
        self.assertIn("NOTIFY http://192.168.7.2:8667  from 127.0.0.1:5060", rows[5])

    def test_one_interface_answers_and_it_is_the_one_that_heard(self) -> None:
        """A server with two networks: each hears its own phones, and answers from its own address, once."""
        server, phones = self.namespace("server"), self.namespace("phones")
        for number in (1, 2):
            self.cable(server, phones, number)
        self.serve(server)  # on what it finds by itself
        for number in (1, 2):
            answers = self.run_in(phones, *PROGRAM, "ask", f"10.9.{number}.2", "1.2")
            self.assertEqual(
                answers,
                [
                    f"10.9.{number}.1:5060: SIP/2.0 200 OK",
                    f"10.9.{number}.1:5060: NOTIFY sip:192.168.7.31:5060 SIP/2.0",
                ],
            )

    def test_a_phone_that_nobody_answers_gives_up(self) -> None:
        """Where SIP PnP is off: after five seconds, with one line."""
        network = self.namespace("none")
        ip("-n", network, "route", "add", "224.0.0.0/4", "dev", "lo")
        without_address = self.run_in(network, *PNP)
        self.assertIn("the way there has no address; name one with --source", without_address[-1])
        rows = self.run_in(network, *PNP, "--source", "127.0.0.1")
        self.assertEqual(rows[-1], "provd-phone: nobody told a URL within 5 s. Is SIP PnP on?")
