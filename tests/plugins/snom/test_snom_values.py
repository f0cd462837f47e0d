"""Snom's clock, identities and templates where the tables alone do not say it."""

from datetime import date
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.render import Renderer
from provserver.errors import Unfit
from provserver.model import Facts
from provserver.vendors.zones.rules import RULES
from tests.plugins.snom.phones import NEWEST, OLDEST, PLUGINS, Raw, lines, made, phone, read
from tests.plugins.snom.reading import read_settings
from tests.vendors.making import TODAY, settings_of, vendor


class SnomClockTests(SynchronousTestCase):
    def clock(self, zone: str, year: int = 2026) -> tuple[str, ...]:
        found = read({"timezone": zone}, today=date(year, 6, 1))
        return tuple(value for name in ("timezone", "utc_offset", "dst") for value in found.get(name, ()))

    def test_difficult_zones(self) -> None:
        """A code where one is known to have the zone's rule, else offset and rule, by weekday or this year's date."""
        for zone, *expected in (
            ("Europe/Paris", "FRA+1"),
            ("Europe/London", "GBR-0"),
            ("Europe/Dublin", "IRL-0"),
            ("America/New_York", "USA-5"),
            ("America/Montreal", "CAN-5"),
            ("America/St_Johns", "CAN-3.5"),
            ("America/Phoenix", "USA2-7"),
            ("Asia/Kolkata", "IND+5.5"),
            ("Pacific/Chatham", "NZL+12.75"),
            ("UTC", "", "+0", ""),
            ("Asia/Tehran", "", "+12600", ""),
            ("Asia/Kathmandu", "", "+20700", ""),
            ("America/Caracas", "", "-14400", ""),  # whose code is for half past
            ("Europe/Istanbul", "", "+10800", ""),  # whose code has summer time
            ("Australia/Lord_Howe", "", "+37800", "1800 10.01.07 02:00:00 04.01.07 02:00:00"),
            ("Europe/Vilnius", "", "+7200", "3600 03.05.07 03:00:00 10.05.07 04:00:00"),
            ("Africa/Casablanca", "", "+0", "3600 22.03 02:00:00 15.02 03:00:00"),
            ("America/Santiago", "", "-14400", "3600 06.09 00:00:00 05.04 00:00:00"),
            ("Asia/Jerusalem", "", "+7200", "3600 27.03 02:00:00 25.10 02:00:00"),
            ("Africa/Cairo", "", "+7200", "3600 24.04 00:00:00 30.10 00:00:00"),
        ):
            self.assertEqual(self.clock(zone), tuple(expected), zone)

    def test_dates_are_those_of_the_year(self) -> None:
        """A file that is made anew in January has the new year's dates; rules by weekday stay."""
        self.assertEqual(self.clock("Asia/Jerusalem", 2027)[2], "3600 26.03 02:00:00 31.10 02:00:00")
        self.assertEqual(self.clock("Europe/Vilnius", 2027), self.clock("Europe/Vilnius", 2026))

    def test_every_code_is_of_a_zone_that_there_is(self) -> None:
        """A slip of the pen would be a phone with London's time."""
        every = {name for names in RULES.values() for name in names.split()}
        told = {name: self.clock(name) for name in every}
        coded = {name: clock[0] for name, clock in told.items() if clock[0]}
        self.assertEqual(len(coded), 110)
        self.assertEqual({len(clock) for clock in told.values()}, {1, 3})
        for name, code in coded.items():
            self.assertRegex(code, r"^[A-Z]{3}2?[+-](?:\d|1[0-3])(?:\.\d{1,2})?$", name)

    def test_a_zone_that_nobody_knows_is_left_to_the_user(self) -> None:
        """The tables may be older than a config: that is no reason for a phone without a file."""
        settings = settings_of({})
        unknown = evolve(settings, values={**settings.values, "timezone": "Mars/Olympus"})
        found = read_settings(made(unknown, phone(), NEWEST))
        self.assertEqual(found, read({}))
        self.assertEqual((found["timezone"], found["timezone@perm"]), (("GBR-0",), ("!",)))


class SnomServersTests(SynchronousTestCase):
    def test_domain_and_next_hop(self) -> None:
        """The phone says the one and sends to the other; without a port it looks for the port itself."""
        for line, expected in (
            ({}, ("", "")),
            ({"proxy_ip": "p"}, ("p", "p;transport=udp")),
            ({"proxy_ip": "p", "proxy_port": 5060}, ("p", "p:5060;transport=udp")),
            ({"proxy_ip": "p", "registrar_ip": "p", "registrar_port": 5080}, ("p", "p:5080;transport=udp")),
            ({"registrar_ip": "r", "registrar_port": 5080}, ("r", "r:5080;transport=udp")),
            ({"proxy_ip": "p", "registrar_ip": "r"}, ("r", "p;transport=udp")),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "r", "registrar_port": 5060},
                ("r", "p:5070;transport=udp"),
            ),
            ({"proxy_ip": "d", "outbound_proxy_ip": "o"}, ("d", "o;transport=udp")),
            ({"proxy_ip": "p:5070"}, ("p:5070", "p:5070;transport=udp")),
            ({"proxy_ip": "[2001:db8::1]:5070"}, ("[2001:db8::1]:5070", "[2001:db8::1]:5070;transport=udp")),
            (
                {"proxy_ip": "d", "proxy_port": 5070, "outbound_proxy_ip": "o", "outbound_proxy_port": 5090},
                ("d:5070", "o:5090;transport=udp"),
            ),
            (
                {"proxy_ip": "2001:db8::1", "proxy_port": 5070},
                ("[2001:db8::1]", "[2001:db8::1]:5070;transport=udp"),
            ),
        ):
            found = read({"sip_lines": {"1": {"username": "u1", **line}}})
            self.assertEqual((found["user_host[1]"][0], found["user_outbound[1]"][0]), expected, line)

    def test_a_host_with_a_parameter_is_refused(self) -> None:
        """It would change the transport; the setting is named, also where the line inherits it."""
        for raw, name in (
            (lines(1, proxy_ip="h;transport=tcp"), "sip_lines.1.proxy_ip"),
            (lines(1, backup_proxy_ip="h;x"), "sip_lines.1.backup_proxy_ip"),
            ({"sip_outbound_proxy_ip": "h;x", **lines(2)}, "sip_outbound_proxy_ip"),
        ):
            with self.assertRaises(Unfit) as caught:
                read(raw)
            self.assertEqual(caught.exception.setting, name)

    def backups(self, raw: Raw, model: str | None = "D785") -> dict[int, str]:
        found = read({"sip_backup_proxy_ip": "192.0.2.11", **raw}, model)
        at = "user_failover_identity["
        return {
            int(key[len(at) : -1]): value
            for key, (value,) in found.items()
            if key.startswith(at) and "@" not in key
        }

    def test_a_backup_takes_no_lines_place(self) -> None:
        """The reference writes it over the next line. It stands behind its line, else at the end, or nowhere."""
        for raw, model, expected in (
            (lines(1), "D785", {1: "2", 2: "none"}),
            (lines(1, 2), "D785", {1: "12", 2: "3", 3: "none", 12: "none"}),
            (lines(1, 3), "D785", {1: "2", 2: "none", 3: "4", 4: "none"}),
            (lines(1, 2), "D140", {1: "none", 2: "none"}),
            (lines(12), "D785", {11: "none", 12: "11"}),
            (lines(1), None, {1: "2", 2: "none"}),
        ):
            self.assertEqual(self.backups(raw, model), expected, (raw, model))

    def test_a_backup_is_called_by_its_own_address(self) -> None:
        """In the reference it goes by the proxy that has failed. It shows nothing, and nobody hears of its state."""
        found = read(
            {
                "sip_outbound_proxy_ip": "o",
                "sip_backup_proxy_ip": "b",
                "sip_backup_proxy_port": 5071,
                "sip_backup_registrar_ip": "c",
                **lines(1, 2),
            }
        )
        self.assertEqual(
            (found["user_host[3]"], found["user_outbound[3]"]), (("c",), ("b:5071;transport=udp",))
        )
        self.assertEqual((found["user_name[3]"], found["user_idle_number[3]"]), (("u2",), ("",)))
        self.assertEqual(
            found["status_msgs_that_are_blocked"], (" Identity03IsNotRegistered Identity12IsNotRegistered",)
        )

    def test_identities_without_a_line_are_emptied(self) -> None:
        """A phone keeps what vanishes from its file: the user before could still be called on identity 2."""
        found = read(lines(1))
        for number in range(2, 13):
            own = {
                key: value
                for key, value in found.items()
                if key.endswith(f"[{number}]") and key.startswith("user_")
            }
            self.assertEqual(own.pop(f"user_active[{number}]"), ("off",))
            self.assertEqual({value for (value,) in own.values()}, {""})
            self.assertIn(f"user_pass[{number}]", own)
        self.assertNotIn("user_active[13]", found)

    def test_a_phone_gets_no_more_identities_than_it_has(self) -> None:
        """By its firmware: a 715 had twelve once. Of a phone without a model nobody knows, so it gets its lines."""
        for model, plugin, last in (
            ("715", OLDEST, 12),
            ("715", NEWEST, 4),
            ("d140", NEWEST, 2),
            ("PA1", OLDEST, 1),
            (None, NEWEST, 30),
        ):
            found = read(lines(1, 30), model, plugin)
            numbers = {int(key[12:-1]) for key in found if key.startswith("user_active[") and "@" not in key}
            self.assertEqual(max(numbers), last, model)


class SnomPhoneTests(SynchronousTestCase):
    def test_a_switchboard_has_no_call_waiting(self) -> None:
        """A second call is the queue's to hold, not the phone's: `options` of the device say so."""
        for options, expected in (
            (b'{"switchboard":true}', "off"),
            (b'{"switchboard":false}', "on"),
            (b"{}", "on"),
        ):
            found = read_settings(made(settings_of({}), phone(options=options), NEWEST))
            self.assertEqual(found["call_waiting"], (expected,))

    def test_a_name_server_is_never_taken_away(self) -> None:
        """What DHCP gave stands in the same setting, and without it a 715 finds no server."""
        for raw in ({}, {"dns_enabled": False, "dns_ip": "192.0.2.53"}):
            self.assertNotIn("dns_server1", read(raw))

    def test_what_the_user_may_change_is_only_what_nobody_said(self) -> None:
        """`!` keeps the user's choice; R would take it back at each start, and RW, too."""
        found = read({})
        free = {
            key.removesuffix("@perm")
            for key, value in found.items()
            if key.endswith("@perm") and value == ("!",)
        }
        self.assertEqual(free, {"language", "web_language", "tone_scheme", "timezone", "ntp_server"})


class SnomTemplateTests(SynchronousTestCase):
    def test_an_administrator_adds_to_a_template(self) -> None:
        """As the README says: for one model, without a copy of what is there; and its container is not made by it."""
        own = """{% extends "device.tpl" %}
{% block more_settings %}
    <ui_theme perm="RW">{{ device.model }}</ui_theme>
{% endblock %}
"""
        folder = Path(vendor("snom").templates)

        def template(_plugin: str, name: str) -> str | None:
            path = folder / name
            return own if name == "D785.tpl" else path.read_text() if path.is_file() else None

        renderer = Renderer(template, 0)
        for path, is_there in (("000413922D24.xml", True), ("snomD785-000413922D24.htm", False)):
            rule = PLUGINS[NEWEST].file_for(path, "GET", Facts(), phone())
            assert rule
            device = phone() if rule.source == "device" else None
            file = renderer.render(PLUGINS[NEWEST], rule, device, settings_of({}), TODAY, 0.0)
            self.assertEqual(b'<ui_theme perm="RW">D785</ui_theme>' in (file.body or b""), is_there, path)
