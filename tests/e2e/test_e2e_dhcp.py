"""Real DHCP servers with printed configurations and our hook, real clients, and a cable between them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import skipIf

from twisted.trial.unittest import SynchronousTestCase

from tests.dhcp.dhcp_programs import ROOT, dhclient, hook_script, offered, printed, start_server, udhcpc
from tests.dhcp.network import SERVER_IP, Cable, lacks, until
from tests.dhcp.offers import ODD, SERVERS, VALUES, odd_rules, plan_of
from tests.dhcp.told import short_folder
from tests.e2e.server import Provd

YEALINK, CISCO = "80:5e:c0:4a:a9:37", "00:1b:44:11:3a:b7"
YEALINK_60, CISCO_60 = "yealink", "Cisco Systems, Inc. IP Phone CP-8945"
YEALINK_AGENT = f"Yealink SIP-T46S 66.86.0.15 {YEALINK}"
NOBODY = 65534
WITHOUT_NETWORK = lacks("dnsmasq", "kea-dhcp4", "dhcpd", "dhclient", "udhcpc", "curl")


class CableCase(SynchronousTestCase):
    mac = YEALINK

    def setUp(self) -> None:
        self.folder = short_folder()
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o711)
        self.cable = Cable(self.mac)
        self.cable.__enter__()
        self.addCleanup(self.cable.__exit__)

    def configured(self, server: str, socket: Path, *options: str) -> None:
        hook = hook_script(self.folder, socket)
        start_server(self.cable, server, printed(server, "--hook", str(hook), *options), self.folder)


@skipIf(WITHOUT_NETWORK, WITHOUT_NETWORK)
class OfferedTests(CableCase):
    """What a phone is really offered, byte by byte, whether it asks for it or not."""

    def check(self, server: str) -> None:
        start_server(
            self.cable,
            server,
            SERVERS[server](plan_of(odd_rules(), hook="/bin/true", interface="eth0")),
            self.folder,
        )
        url = VALUES["url"].encode()
        tlv = bytes([2, len(url)]) + url + bytes([3, 1, 0])
        odd = {66: ODD.encode(), 160: b"10.0.0.9", 43: tlv}
        cisco = {66: b"10.66.0.1", 150: bytes([10, 66, 0, 1]), 161: b"A"}
        by_mac = {66: b"it's", 128: b"\x0a\x0b"}
        for number, (start, option_60, expected) in enumerate(
            (
                ("02:00:00", b"Cisco Systems, Inc. IP Phone CP-8945", cisco),
                ("02:00:00", b"Cisco Systems, Inc. IP Phone CP-8841-3PCC\0", {66: url + b"/"}),
                ("02:aa:cc", b"Cisco Systems, Inc. IP Phone CP-8841-3PCC", {66: url + b"/"}),
                ("02:00:00", b"Panasonic", {66: url + b"/exact"}),
                ("02:00:00", b"o'd\"d\\x\0", odd),
                ("02:aa:bb", b"", odd),
                ("02:aa:cc", b"", by_mac),
                ("02:aa:cc", b"unheard of", by_mac),
                ("02:00:00", b"unheard of", {}),
                ("02:00:00", b"", {}),
            )
        ):
            got = offered(self.cable, f"{start}:00:00:{number:02x}", option_60)
            # dnsmasq ends option 66 with a NUL, which clients take off (RFC 2132 section 2).
            given = {
                code: got[code].rstrip(b"\0") if code == 66 else got[code] for code in got.keys() & CODES
            }
            self.assertEqual(given, expected, option_60)
            self.assertEqual(got[3], bytes([10, 66, 0, 254]))

    def test_kea_offers_what_the_tables_say(self) -> None:
        """Classes, their order, and texts with every quote there is."""
        self.check("kea")

    def test_dnsmasq_offers_what_the_tables_say(self) -> None:
        """Tags, and values that look like something else."""
        self.check("dnsmasq")

    def test_dhcpd_offers_what_the_tables_say(self) -> None:
        """Conditions, and options that the client did not ask for."""
        self.check("isc")


CODES = {66, 43, 128, 150, 160, 161}


@skipIf(WITHOUT_NETWORK, WITHOUT_NETWORK)
class HookTests(CableCase):
    """From the phone's option 60 to a sighting, without the rest of provd."""

    def setUp(self) -> None:
        super().setUp()
        self.socket = self.folder / "lease"
        self.heard = self.folder / "heard"

    def receive(self, *interfaces: str) -> None:
        program = (sys.executable, "-m", "tests.dhcp.receiving", str(self.socket), *interfaces)
        self.cable.start(self.cable.at_server(*program), self.heard, PYTHONPATH=str(ROOT))
        until("the lease socket", self.socket.exists)

    def sightings(self) -> list[dict[str, Any]]:
        lines = self.heard.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def learns(self, ip: str, mac: str, option_60: str | None) -> None:
        until(f"a sighting in {self.heard.read_text()}", self.sightings)
        self.assertEqual({(seen["ip"], seen["mac"]) for seen in self.sightings()}, {(ip, mac)})
        self.assertEqual(self.sightings()[0]["options"].get("60"), option_60)

    def test_dnsmasq_tells_option_60(self) -> None:
        """`dhcp-script`, with all in the environment."""
        self.receive()
        self.configured("dnsmasq", self.socket)
        self.learns(dhclient(self.cable, self.folder, YEALINK_60)["ip_address"], YEALINK, YEALINK_60)

    def test_dhcpd_tells_option_60(self) -> None:
        """`execute`, with MAC addresses and bytes that are not zero-padded."""
        self.receive()
        self.configured("isc", self.socket)
        self.learns(udhcpc(self.cable, self.folder, CISCO_60)["ip"], YEALINK, CISCO_60)

    def test_kea_tells_of_the_lease_alone(self) -> None:
        """Its hook has no option 60; provd knows MAC and address."""
        self.receive()
        self.configured("kea", self.socket)
        self.learns(dhclient(self.cable, self.folder, YEALINK_60)["ip_address"], YEALINK, None)

    def test_with_the_listener_kea_has_option_60(self) -> None:
        """Both the acknowledgement on the wire and the hook's event are completed by what the phone said."""
        self.receive("eth0")
        self.configured("kea", self.socket)
        self.learns(dhclient(self.cable, self.folder, YEALINK_60)["ip_address"], YEALINK, YEALINK_60)
        until("the hook's event", lambda: len(self.sightings()) > 1)
        self.assertEqual({seen["options"].get("60") for seen in self.sightings()}, {YEALINK_60})

    def test_leases_go_on_without_provd(self) -> None:
        """A phone that cannot be provisioned must still get its address."""
        self.configured("isc", self.folder / "nobody")
        self.assertTrue(dhclient(self.cable, self.folder, YEALINK_60)["ip_address"])

    def test_another_users_word_does_not_count(self) -> None:
        """The kernel says who sent it; an ordinary user of the machine is no DHCP server."""
        self.receive()
        program = f"import os; from provserver.dhcp.hook import main; os.setuid({NOBODY}); main()"
        event = ("--socket", str(self.socket), "commit", "10.66.0.9", YEALINK)
        done = subprocess.run(
            [sys.executable, "-c", program, *event],
            cwd=ROOT,
            env={},  # coverage would complain there that this user may not write
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stderr, "")
        subprocess.run(
            [
                sys.executable,
                "-IS",
                str(ROOT / "provserver/dhcp/hook.py"),
                *event[:2],
                "commit",
                "10.66.0.8",
                YEALINK,
            ],
            check=True,
        )
        self.learns("10.66.0.8", YEALINK, None)


class BootCase(CableCase):
    """From the cable to the file: real server, real client, our hook, provd, and what the offered options name."""

    def boot(self, server: str) -> Provd:
        """Start provd beside a DHCP server with the configuration that `provd-dhcp` prints for it."""
        prefix = self.cable.at_server()
        provd = Provd(self.folder / "state", "--http-port", "0", "--rest-port", "0", prefix=prefix)
        provd.__enter__()
        self.addCleanup(provd.__exit__, None, None, None)
        url = f"http://{SERVER_IP}:{provd.listening['http']}"
        self.configured(server, Path(provd.listening["lease"]), "--url", url)
        return provd

    def rest(self, provd: Provd, path: str) -> Any:
        url = f"http://127.0.0.1:{provd.listening['rest']}/0.2/{path}"
        return json.loads(self.curl(self.cable.at_server(), url, "-H", f"X-Auth-Token: {provd.token}"))

    def fetch(self, url: str, *options: str) -> bytes:
        return self.curl(self.cable.at_phone(), url, *options)

    def curl(self, where: list[str], *words: str) -> bytes:
        done = subprocess.run([*where, "curl", "-sSfm", "20", *words], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, (words, done.stderr))
        return done.stdout

    def device(self, provd: Provd, mac: str) -> dict[str, Any]:
        """Return the device that provd made of the lease; the phone has asked for nothing yet."""
        query = f'dev_mgr/devices?q=%7B"mac":"{mac}"%7D'
        until("the device", lambda: self.rest(provd, query)["devices"])
        (device,) = self.rest(provd, query)["devices"]
        found: dict[str, Any] = device
        return found

    def steps(self, provd: Provd, device: str) -> list[str]:
        """Return the protocols of its timeline, the oldest first."""
        timeline = self.rest(provd, f"dev_mgr/devices/{device}/timeline")["timeline"]
        return [answer["protocol"] for answer in reversed(timeline)]


@skipIf(WITHOUT_NETWORK, WITHOUT_NETWORK)
class YealinkBootTests(BootCase):
    def check(self, server: str) -> None:
        provd = self.boot(server)
        given = dhclient(self.cable, self.folder, YEALINK_60)
        device = self.device(provd, YEALINK)
        self.assertEqual((device["vendor"], device["ip"]), ("Yealink", given["ip_address"]))
        url = given["tftp_server_name"]
        body = self.fetch(f"{url}{YEALINK.replace(':', '')}.cfg", "-A", YEALINK_AGENT)
        self.assertTrue(body.startswith(b"#!version:1.0.0.1"), body[:60])
        self.assertEqual(set(self.steps(provd, device["id"])), {"dhcp", "http"})
        self.assertEqual(self.device(provd, YEALINK)["model"], "T46S")

    def test_a_yealink_boots_behind_dnsmasq(self) -> None:
        """It is known by its option 60, and fetches from the URL in its option 66."""
        self.check("dnsmasq")

    def test_a_yealink_boots_behind_kea(self) -> None:
        """Without option 60 in Kea's hook it is known by its MAC address."""
        self.check("kea")


@skipIf(WITHOUT_NETWORK, WITHOUT_NETWORK)
class CiscoBootTests(BootCase):
    mac = CISCO

    def test_a_cisco_8945_boots_behind_dhcpd(self) -> None:
        """Its model is in its option 60 alone; it fetches by TFTP from the address in its option 150."""
        provd = self.boot("isc")
        given = udhcpc(self.cable, self.folder, CISCO_60)
        device = self.device(provd, CISCO)
        self.assertEqual((device["vendor"], device["model"]), ("Cisco", "8945"))
        self.assertEqual((device["plugin"], device["ip"]), ("cisco-sip-9.3", given["ip"]))
        tftp = ".".join(str(byte) for byte in bytes.fromhex(given["opt150"]))
        self.assertEqual((tftp, given["tftp"]), (SERVER_IP, SERVER_IP))
        body = self.fetch(f"tftp://{tftp}/SEP{CISCO.replace(':', '').upper()}.cnf.xml")
        self.assertIn(b"<device>", body)
        self.assertEqual(self.steps(provd, device["id"])[0], "dhcp")
        self.assertIn("tftp", self.steps(provd, device["id"]))
