"""Printed configurations, read by the servers that they are for; `tests/e2e/test_e2e_dhcp.py` has what they give."""

import json
import shutil
from unittest import skipUnless

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.config.plan import lan, plan
from provserver.dhcp.config.rules import rules
from tests.dhcp.offers import (
    ODD,
    SERVERS,
    VALUES,
    complaint,
    odd_rules,
    offer,
    plan_of,
    program_of,
    vendor,
)
from tests.dhcp.told import short_folder
from tests.vendors.making import vendors

URL = "http://10.66.0.1:8667/KEY/"


def kea_of(text: str) -> dict[str, object]:
    """Return the configuration without its comments before."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    server: dict[str, object] = json.loads(body)["Dhcp4"]
    return server


class RealServersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = short_folder()
        self.addCleanup(shutil.rmtree, self.folder)

    def takes(self, server: str) -> None:
        """Check that the real server reads every configuration that can be printed."""
        bare = plan(lan("10.66.0.0/24", "", "", (), ""), (), "/x", "")
        for given in (
            plan_of(rules(vendors(), VALUES), interface="lo"),
            plan_of(rules(vendors(), VALUES), socket="/srv/provd/run/lease"),
            plan_of(odd_rules()),
            bare,
        ):
            path = self.folder / "configuration"
            path.write_text(SERVERS[server](given))
            self.assertEqual(complaint(server, path), "")
            path.write_text(path.read_text().replace("10.66.0.0", "10.66.0").replace("dhcp-range", "frob"))
            self.assertNotEqual(complaint(server, path), "", "it would take anything")

    @skipUnless(shutil.which(program_of("kea")), "kea-dhcp4 is not installed")
    def test_kea_takes_it(self) -> None:
        """`kea-dhcp4 -t`; an administrator should not be the first who tries."""
        self.takes("kea")

    @skipUnless(shutil.which(program_of("dnsmasq")), "dnsmasq is not installed")
    def test_dnsmasq_takes_it(self) -> None:
        """`dnsmasq --test`."""
        self.takes("dnsmasq")

    @skipUnless(shutil.which(program_of("isc")), "dhcpd is not installed")
    def test_dhcpd_takes_it(self) -> None:
        """`dhcpd -t`."""
        self.takes("isc")


class TextTests(SynchronousTestCase):
    def test_every_configuration_says_all_that_it_should(self) -> None:
        """The subnet, the phones' addresses, the router, the name servers, the options and the hook."""
        for server, words in (
            ("kea", ("10.66.0.0/24", "10.66.0.100 - 10.66.0.200", '"routers"', URL, "libdhcp_run_script")),
            ("dnsmasq", ("10.66.0.100,10.66.0.200", "router,10.66.0.254", URL, "dhcp-script", "00:15:65:*")),
            ("isc", ("subnet 10.66.0.0", "range 10.66.0.100", "routers", URL, "on commit", "01:00:15:65")),
            ("mikrotik", ("ranges=10.66.0.100-10.66.0.200", "gateway=", "dns-server=", URL.encode().hex())),
        ):
            text = SERVERS[server](plan_of(rules(vendors(), VALUES), interface="eth7"))
            for word in (*words, "eth7") if server != "isc" else words:
                self.assertIn(word, text, server)
            if server != "mikrotik":
                self.assertIn("/usr/local/bin/provd-lease", text)

    def test_what_is_not_said_is_not_in_it(self) -> None:
        """A router that was guessed would be worse than none."""
        bare = plan(lan("10.66.0.0/24", "", "", (), ""), (), "/x", "")
        for server, text in ((server, write(bare)) for server, write in SERVERS.items()):
            for word in ("router", "domain-name-servers", "dns-server", "gateway"):
                self.assertNotIn(word, text.replace("RouterOS", "").replace("The router", ""), server)

    def test_another_socket_is_told_to_the_hook(self) -> None:
        """By argument where the server takes one, else by a script that the comment spells out."""
        for server in ("kea", "dnsmasq", "isc"):
            text = SERVERS[server](plan_of((), socket="/srv/lease"))
            self.assertIn("/srv/lease", text, server)
        self.assertIn('"--socket", "/srv/lease", "commit"', SERVERS["isc"](plan_of((), socket="/srv/lease")))

    def test_no_text_of_a_table_ends_its_line(self) -> None:
        """Of the odd rows every line is one that the plain rows have, too, but for the texts in quotes."""
        for server, write in SERVERS.items():
            text = write(plan_of(odd_rules()))
            self.assertTrue(text.isascii(), server)
            self.assertTrue(all(letter.isprintable() or letter == "\n" for letter in text), server)
            starts = {line.split("=")[0].split('"')[0].split(" ")[0] for line in text.splitlines()}
            self.assertFalse({"one", "b", ODD[:3]} & starts, server)

    def test_a_rule_for_nobody_is_in_no_configuration(self) -> None:
        """A class that all phones are in would give its options to everybody."""
        nobody = rules([vendor("acme", offer(option_60=(), ouis=()))], VALUES)
        self.assertNotIn("client-classes", kea_of(SERVERS["kea"](plan_of(nobody))))
        for server in ("dnsmasq", "isc"):
            self.assertNotIn("acme-mac", SERVERS[server](plan_of(nobody)))

    def test_kea_gives_options_unasked_and_as_bytes(self) -> None:
        """Some phones do not ask for option 66, and a comma would split a text in two."""
        classes = kea_of(SERVERS["kea"](plan_of(odd_rules())))["client-classes"]
        assert isinstance(classes, list)
        options = [option for one in classes for option in one.get("option-data", [])]
        self.assertTrue(options)
        for option in options:
            self.assertEqual((option["always-send"], option["csv-format"]), (True, False))
        data = [option["data"] for option in options]
        self.assertIn(f"'{URL}'", data)
        self.assertIn(ODD.encode().hex(), data)

    def test_mikrotik_quotes_what_means_something_to_it(self) -> None:
        """`$` is a variable there, `"` ends a text; the value itself is in hex."""
        text = SERVERS["mikrotik"](plan_of(odd_rules()))
        self.assertIn(r'value="o\27d\22d\5Cx"', text)
        self.assertIn(f"value=0x{ODD.encode().hex()} ", text)
        self.assertNotIn("$", text)
        self.assertIn("option-set=mpp", text)
