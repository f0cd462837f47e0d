"""Polycom's values where the tables alone do not say it."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.render import Renderer
from provserver.model import Device, Facts, Json, Notify
from provserver.vendors.zones.rules import RULES
from tests.plugins.polycom.reading import read_parameters
from tests.vendors.making import TODAY, render, settings_of, vendor

Raw = Mapping[str, object]
Found = Mapping[str, str]

POLYCOM = vendor("polycom")
PLUGINS = {plugin.id.removeprefix("polycom-"): plugin for plugin in POLYCOM.plugins}
LINE = {
    "username": "u1",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}
PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
OLD = ("3.1.6", "3.2.4B")


def phone(model: str | None = "VVX410", options: bytes = b"{}") -> Device:
    return Device("d1", mac="00:04:f2:aa:bb:cc", vendor="Polycom", model=model, options=Json(options))


def read(raw: Raw, device: Device | None = None, release: str = "5.9.2", today: date = TODAY) -> Found:
    device = device or phone()
    plugin = PLUGINS[release]
    rule = plugin.file_for("0004f2aabbcc-user.cfg", "GET", Facts(), device)
    assert rule
    body = render(plugin, rule, device, settings_of(raw), today)
    found = read_parameters(body, "config" if release in OLD else "polycomConfig")
    return {key: value for key, (value,) in found.items()}


def under(found: Found, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}


class PolycomClockTests(SynchronousTestCase):
    def clock(self, zone: str, year: int = 2026) -> tuple[str, ...]:
        """Return the offset, and each change as `month/time weekday last date`."""
        found = under(read({"timezone": zone}, today=date(year, 6, 1)), "tcpIpApp.sntp.")
        summer = under(found, "daylightSavings.")
        if summer["enable"] == "0":
            self.assertEqual(len(summer), 1)
            return (found["gmtOffset"],)
        names = ("month", "time", "dayOfWeek", "dayOfWeek.lastInMonth", "date")
        changes = (
            " ".join(summer.get(f"{which}.{name}", "-") for name in names) for which in ("start", "stop")
        )
        return found["gmtOffset"], summer["fixedDayEnable"], *changes

    def test_difficult_zones(self) -> None:
        """Sunday is 1. The phone knows whole hours of a weekday, and one hour of summer time; where a rule says more
        it gets this year's dates, both of them: there is one switch."""
        for zone, *expected in (
            ("Europe/Paris", "3600", "0", "3 2 1 1 -", "10 3 1 1 -"),
            ("America/New_York", "-18000", "0", "3 2 1 0 8", "11 2 1 0 1"),
            ("Asia/Kolkata", "19800"),
            ("Europe/Dublin", "0", "0", "3 1 1 1 -", "10 2 1 1 -"),
            ("Asia/Tehran", "12600"),
            ("Asia/Kathmandu", "20700"),
            ("Australia/Lord_Howe", "37800"),
            ("Africa/Casablanca", "0", "1", "3 2 - - 22", "2 3 - - 15"),
            ("America/Santiago", "-14400", "1", "9 0 - - 6", "4 0 - - 5"),
            ("Asia/Jerusalem", "7200", "1", "3 2 - - 27", "10 2 - - 25"),
            ("Africa/Cairo", "7200", "1", "4 0 - - 24", "10 0 - - 30"),
            ("Asia/Beirut", "7200", "0", "3 0 1 1 -", "10 0 1 1 -"),
            ("Pacific/Chatham", "45900", "0", "9 3 1 1 -", "4 4 1 0 1"),
            ("America/Scoresbysund", "-7200", "1", "3 23 - - 28", "10 0 - - 25"),
            ("UTC", "0"),
            ("America/St_Johns", "-12600", "0", "3 2 1 0 8", "11 2 1 0 1"),
        ):
            self.assertEqual(self.clock(zone), tuple(expected), zone)

    def test_dates_are_those_of_the_year(self) -> None:
        """A file that is made anew in January has the new year's dates; rules by weekday stay."""
        self.assertEqual(self.clock("Asia/Jerusalem", 2027)[2:], ("3 2 - - 26", "10 2 - - 31"))
        self.assertEqual(self.clock("Europe/Paris", 2027), self.clock("Europe/Paris", 2026))

    def test_no_zone_is_rounded_to_another_day(self) -> None:
        """Half an hour before midnight would be hour 0 of a day that the weekday does not name."""
        for names in RULES.values():
            zone = names.split()[0]
            for change in self.clock(zone)[2:]:
                month, hour, *_ = (int(number) for number in change.split() if number != "-")
                self.assertTrue(1 <= month <= 12 and 0 <= hour <= 23, zone)

    def test_a_zone_that_nobody_knows_is_left_to_dhcp(self) -> None:
        """The tables may be older than a config: that is no reason for a phone without a file."""
        plugin, device = PLUGINS["5.9.2"], phone()
        rule = plugin.file_for("0004f2aabbcc-user.cfg", "GET", Facts(), device)
        assert rule
        settings = settings_of({})
        unknown = evolve(settings, values={**settings.values, "timezone": "Mars/Olympus"})
        found = read_parameters(render(plugin, rule, device, unknown), "polycomConfig")
        self.assertEqual({key: value for key, (value,) in found.items()}, read({}))
        self.assertEqual(under(read({}), "tcpIpApp.sntp.gmtOffset"), {".overrideDHCP": "0"})


class PolycomAccountsTests(SynchronousTestCase):
    def servers(self, **line: object) -> dict[str, str]:
        """Return what is set of the addresses: `server.1.address` -> `192.0.2.10`."""
        found = under(read({"sip_lines": {"1": {"username": "u1", **line}}}), "reg.1.")
        return {
            key: value
            for key, value in found.items()
            if value
            and key.split(".")[0] in ("server", "outboundProxy")
            and key.endswith((".address", ".port"))
        }

    def test_registrar_and_proxy(self) -> None:
        """The phone has one address for registrar and SIP domain; another proxy is an outbound proxy."""
        for line, expected in (
            ({}, {}),
            ({"proxy_ip": "p"}, {"server.1.address": "p"}),
            ({"proxy_port": 5070}, {}),
            ({"proxy_ip": "p", "proxy_port": 5070}, {"server.1.address": "p", "server.1.port": "5070"}),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "p", "registrar_port": 5080},
                {"server.1.address": "p", "server.1.port": "5080"},
            ),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "p"},
                {"server.1.address": "p", "server.1.port": "5070"},
            ),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "r"},
                {"server.1.address": "r", "outboundProxy.address": "p", "outboundProxy.port": "5070"},
            ),
            (
                {"proxy_ip": "p", "registrar_ip": "r", "outbound_proxy_ip": "o"},
                {"server.1.address": "r", "outboundProxy.address": "o"},
            ),
            ({"registrar_ip": "r"}, {"server.1.address": "r"}),
            (
                {"proxy_ip": "example.com", "outbound_proxy_ip": "o", "outbound_proxy_port": 5090},
                {
                    "server.1.address": "example.com",
                    "outboundProxy.address": "o",
                    "outboundProxy.port": "5090",
                },
            ),
            (
                {"proxy_ip": "p", "backup_proxy_ip": "b", "backup_proxy_port": 5071},
                {"server.1.address": "p", "server.2.address": "b", "server.2.port": "5071"},
            ),
            (
                {"proxy_ip": "p", "backup_proxy_ip": "b", "backup_registrar_ip": "s"},
                {"server.1.address": "p", "server.2.address": "s"},
            ),
        ):
            self.assertEqual(self.servers(**line), expected, line)

    def test_a_phone_gets_no_more_accounts_than_it_has(self) -> None:
        """A VVX201 has two; of a phone without a model nobody knows, so it gets its lines."""
        raw = {"sip_lines": {str(number): LINE for number in (1, 2, 3)}}
        for model, last in (("VVX201", "2"), ("vvx201", "2"), (None, "3"), ("VVX999", "3")):
            numbers = {key.split(".")[1] for key in read(raw, phone(model)) if key.startswith("reg.")}
            self.assertEqual(max(numbers), last, model)

    def test_the_screen_shows_the_best_name_there_is(self) -> None:
        """While a phone waits its name is its mark; a line may have a number only, or not even that."""
        for line, label in (
            ({"display_name": "Waiting 4F7K2Q", "number": "autoprov"}, "Waiting 4F7K2Q"),
            ({"number": "1001"}, "1001"),
            ({"number": '10"01 & <>'}, '10"01 & <>'),
            ({}, "u1"),
        ):
            found = read({"sip_lines": {"1": {"username": "u1", **line}}})
            self.assertEqual(found["reg.1.label"], label)

    def test_the_strictest_line_says_whether_calls_are_encrypted(self) -> None:
        """There is one mode: a line that must be encrypted never talks in clear. A line that the phone has no room
        for says nothing."""
        for modes, required in (
            (("disabled", "required"), "1"),
            (("required", "preferred"), "1"),
            (("preferred", "disabled"), "0"),
            (("disabled", "disabled", "required"), "0"),
        ):
            lines = {str(at): {**LINE, "srtp_mode": mode} for at, mode in enumerate(modes, 1)}
            found = read({"sip_lines": lines}, phone("VVX201"))
            self.assertEqual(found["sec.srtp.require"], required, modes)
        self.assertEqual(read({"sip_srtp_mode": "required"})["sec.srtp.require"], "1")

    def test_the_first_line_says_how_digits_are_sent(self) -> None:
        """There is one way; without a word the phone negotiates it."""
        lines = {"3": {**LINE, "dtmf_mode": "RTP-in-band"}, "2": {**LINE, "dtmf_mode": "SIP-INFO"}}
        found = read({"sip_dtmf_mode": "RTP-out-of-band", "sip_lines": lines})
        self.assertEqual(found["voIpProt.SIP.dtmfViaSignaling.rfc2976"], "1")
        self.assertEqual(read({"sip_dtmf_mode": "RTP-in-band"})["tone.dtmf.rfc2833Control"], "0")
        self.assertFalse([key for key in read({"sip_lines": {"1": LINE}}) if "dtmf" in key])


class PolycomKeysTests(SynchronousTestCase):
    def keys(self, model: str | None, release: str = "5.9.2", **raw: object) -> list[str]:
        """Return the numbers of the keys that are set, of one on each of 200 positions."""
        keys = {str(at): {"type": "blf", "value": f"7{at}"} for at in range(201)}
        found = under(read({"funckeys": keys, **raw}, phone(model), release), "attendant.resourceList.")
        return [key.partition(".")[0] for key in found if key.endswith(".address")]

    def test_keys_go_on_over_the_expansion_modules(self) -> None:
        """As many as the model has, and three modules of 40; a VVX1500 has none with its old firmware."""
        for model, release, last in (
            ("VVX101", "5.4.3", 2),
            ("VVX250", "6.4.6", 4),
            ("VVX350", "6.4.6", 6),
            ("VVX311", "6.4.6", 126),
            ("VVX450", "6.4.6", 132),
            ("VVX601", "6.4.6", 136),
            ("VVX1500", "5.9.2", 6),
            ("VVX1500", "3.2.4B", 0),
            ("SPIP450", "3.2.4B", 2),
            ("SPIP560", "4.0.11", 3),
            ("SPIP670", "4.0.11", 47),
            ("SPIP335", "4.0.11", 0),
            ("SSIP7000", "4.0.11", 0),
            ("SPIP601", "3.1.6", 0),
            (None, "6.4.6", 0),
        ):
            numbers = [str(number) for number in range(1, last + 1)]
            self.assertEqual(self.keys(model, release), numbers, (model, release))

    def test_capabilities_say_the_same(self) -> None:
        """What clients read is the table that the keys come from."""
        for plugin in POLYCOM.plugins:
            for key, told in json.loads(plugin.info)["capabilities"].items():
                _, model, _ = key.split(", ")
                keys = told["function_keys"] + 40 * told["expansion_modules"]
                self.assertEqual(len(self.keys(model, plugin.id.removeprefix("polycom-"))), keys, key)
        told = json.loads(PLUGINS["5.9.2"].info)["capabilities"]
        switchboards = [key.split(", ")[1] for key, each in told.items() if each["switchboard"]]
        self.assertEqual(sorted(switchboards), ["VVX400", "VVX401", "VVX410", "VVX411", "VVX450"])

    def test_a_key_without_a_number_is_none(self) -> None:
        """A park key may lack one, and there is nothing that the phone could do then."""
        found = read({"funckeys": {"1": {"type": "park"}, "2": {"type": "park", "value": "701"}}})
        self.assertEqual(
            under(found, "attendant.resourceList."),
            {"2.address": "701", "2.label": "701", "2.type": "automata"},
        )


class PolycomPhoneTests(SynchronousTestCase):
    def test_phones_without_a_browser_have_no_phonebook(self) -> None:
        """Their soft key would open nothing."""
        for model, shown in (
            *((model, False) for model in ("VVX101", "VVX150", "VVX201", "VVX250")),
            *((model, True) for model in ("VVX350", "VVX410", None)),
        ):
            found = read(PBX, phone(model), "6.4.6")
            self.assertEqual(("mb.main.home" in found, "softkey.1.action" in found), (shown, shown), model)

    def test_the_phonebook_is_of_a_user(self) -> None:
        """Without a user, or without a PBX that has one, there is none; its key is in the user's language."""
        for raw in ({}, {"X_xivo_phonebook_ip": "192.0.2.20"}, {"X_xivo_user_uuid": "7a3f"}):
            self.assertFalse(under(read(raw), "mb.") or under(read(raw), "softkey."), raw)
        for locale, label in (("fr_CA", "Annuaire"), ("de_AT", "Telefonbuch"), ("sv_SE", "Directory")):
            self.assertEqual(read({**PBX, "locale": locale})["softkey.1.label"], label)
        self.assertEqual(under(read(PBX, phone("SPIP550"), "3.2.4B"), "softkey."), {})

    def test_a_switchboard_is_pushed_to(self) -> None:
        """Calls are answered from the attendant's screen, and a second one is the queue's to hold. Nobody else's
        phone takes orders from the network."""
        for options, expected in (
            (b'{"switchboard":true}', ("5", "xivo_switchboard", "0")),
            (b'{"switchboard":false}', ("0", "", "1")),
            (b"{}", ("0", "", "1")),
        ):
            found = read({}, phone(options=options))
            names = ("apps.push.messageType", "apps.push.password", "call.callWaiting.enable")
            self.assertEqual(tuple(found[name] for name in names), expected)
        self.assertFalse(under(read({}, phone(options=b'{"switchboard":true}'), "3.2.4B"), "apps."))

    def test_what_is_in_the_flash_is_always_written(self) -> None:
        """A phone keeps it: the VLAN and the password of the config before would stay."""
        for release in PLUGINS:
            flash = under(read({}, phone(None), release), "device.")
            self.assertEqual((flash["net.vlanId"], flash["syslog.serverName"]), ("", ""), release)
            self.assertEqual(flash["auth.localAdminPassword"], "456", release)

    def test_the_phone_takes_six_authorities(self) -> None:
        """It has no place for more; firmware 3 has none at all, and is told so nowhere."""
        raw = {"sip_servers_root_and_intermediate_certificates": [f"PEM{at}" for at in range(1, 9)]}
        found = under(read(raw), "sec.TLS.customCaCert.")
        self.assertEqual(found, {str(at): f"PEM{at}" for at in range(1, 7)})
        self.assertFalse(under(read(raw, release="3.2.4B"), "sec.TLS."))
        raw["sip_servers_root_and_intermediate_certificates"] = []
        self.assertFalse(under(read(raw), "sec.TLS."))

    def test_languages_are_the_vendors(self) -> None:
        """By country where there are several; what is in no table is left to the phone."""
        for locale, word in (
            ("en_US", "English_United_States"),
            ("en_AU", "English_United_States"),
            ("en_CA", "English_Canada"),
            ("nb_NO", "Norwegian_Norway"),
            ("zh_CN", "Chinese_China"),
            ("tr_TR", ""),
        ):
            self.assertEqual(read({"locale": locale})["lcl.ml.lang"], word, locale)

    def test_an_administrator_may_add_parameters(self) -> None:
        """A template of a model's own goes on where ours ends; a parameter of ours may not stand there again."""
        plugin, device = PLUGINS["5.9.2"], phone()
        rule = plugin.file_for("0004f2aabbcc-user.cfg", "GET", Facts(), device)
        assert rule
        own = '{% extends "device.tpl" %}{% block more %}\n  up.backlight.onIntensity="2"\n{% endblock %}'
        renderer = Renderer(lambda _, name: own if name == "VVX410.tpl" else text(name), most_bytes=0)
        file = renderer.render(plugin, rule, device, settings_of({}), TODAY, 0.0, keep=False)
        found = read_parameters(file.body or b"", "polycomConfig")
        self.assertEqual(
            {key: value for key, (value,) in found.items()}, {**read({}), "up.backlight.onIntensity": "2"}
        )

    def test_resync_is_one_notify(self) -> None:
        """The phone looks whether a file has changed, and starts anew only then."""
        for plugin in POLYCOM.plugins:
            self.assertEqual(plugin.resync(phone(), settings_of({})), Notify("check-sync"))

    def test_a_template_sees_every_generation(self) -> None:
        """A release without a row in the table of generations could not make one file."""
        for release in PLUGINS:
            self.assertEqual(read({}, release=release)["device.set"], "1")


def text(name: str) -> str | None:
    path = Path(POLYCOM.templates, name)
    return path.read_text() if path.is_file() else None
