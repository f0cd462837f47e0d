"""Yealink's values where the tables alone do not say it."""

from collections.abc import Mapping
from datetime import date

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Unfit
from provserver.model import Device, Facts, Json, Notify
from tests.plugins.yealink.reading import read_config
from tests.vendors.making import TODAY, render, settings_of, vendor

Raw = Mapping[str, object]

MAC = "00:15:65:4a:a9:37"
PLUGIN = next(plugin for plugin in vendor("yealink").plugins if plugin.id == "yealink-v86")
LINE = {
    "username": "u1",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}


def phone(model: str | None = "T46S", options: bytes = b"{}") -> Device:
    return Device("d1", mac=MAC, vendor="Yealink", model=model, options=Json(options))


def read(raw: Raw, device: Device | None = None, today: date = TODAY) -> Mapping[str, tuple[str, ...]]:
    device = device or phone()
    rule = PLUGIN.file_for("0015654aa937.cfg", "GET", Facts(), device)
    assert rule
    return read_config(render(PLUGIN, rule, device, settings_of(raw), today))


def one(raw: Raw, *keys: str) -> tuple[str, ...]:
    found = read(raw)
    return tuple(value for key in keys for value in found[key])


class ClockTests(SynchronousTestCase):
    def clock(self, zone: str, year: int = 2026) -> tuple[str, ...]:
        found = read({"timezone": zone}, today=date(year, 6, 1))
        names = ("time_zone", "summer_time", "dst_time_type", "start_time", "end_time", "offset_time")
        return tuple(value for name in names for value in found.get(f"local_time.{name}", ()))

    def test_difficult_zones(self) -> None:
        """The phone knows whole hours of a weekday; where a rule says more it gets this year's dates."""
        for zone, *expected in (
            ("Europe/Dublin", "+0", "1", "1", "3/5/7/1", "10/5/7/2", "60"),
            ("Asia/Tehran", "+3:30", "0"),
            ("Asia/Kathmandu", "+5:45", "0"),
            ("Australia/Lord_Howe", "+10:30", "1", "1", "10/1/7/2", "4/1/7/2", "30"),
            ("Africa/Casablanca", "+0", "1", "0", "03/22/02", "02/15/03", "60"),
            ("America/Santiago", "-4", "1", "0", "09/06/00", "04/05/00", "60"),
            ("Asia/Jerusalem", "+2", "1", "0", "03/27/02", "10/25/02", "60"),
            ("Africa/Cairo", "+2", "1", "0", "04/24/00", "10/30/00", "60"),
            ("Pacific/Chatham", "+12:45", "1", "1", "9/5/7/3", "4/1/7/4", "60"),
            ("UTC", "+0", "0"),
            ("America/New_York", "-5", "1", "1", "3/2/7/2", "11/1/7/2", "60"),
            ("Europe/Paris", "+1", "1", "1", "3/5/7/2", "10/5/7/3", "60"),
            ("Europe/Bucharest", "+2", "1", "1", "3/5/7/3", "10/5/7/4", "60"),
            ("America/St_Johns", "-3:30", "1", "1", "3/2/7/2", "11/1/7/2", "60"),
            ("America/Regina", "-6", "0"),
            ("Pacific/Tongatapu", "+13", "0"),
            ("Pacific/Kiritimati", "+14", "0"),
        ):
            self.assertEqual(self.clock(zone), tuple(expected), zone)

    def test_dates_are_those_of_the_year(self) -> None:
        """A file that is made anew in January has the new year's dates; rules by weekday stay."""
        self.assertEqual(self.clock("Asia/Jerusalem", 2027)[3:5], ("03/26/02", "10/31/02"))
        self.assertEqual(self.clock("Europe/Paris", 2027), self.clock("Europe/Paris", 2026))

    def test_a_zone_that_nobody_knows_is_left_to_the_phone(self) -> None:
        """The tables may be older than a config: that is no reason for a phone without a file."""
        rule = PLUGIN.file_for("0015654aa937.cfg", "GET", Facts(), phone())
        assert rule
        settings = settings_of({})
        unknown = evolve(settings, values={**settings.values, "timezone": "Mars/Olympus"})
        found = read_config(render(PLUGIN, rule, phone(), unknown))
        self.assertEqual(found["local_time.time_zone"], ("%NULL%",))
        self.assertEqual(found, read({}))

    def test_time_server(self) -> None:
        """Without a word the world's pool and what DHCP names; with one that server first; or no server at all."""
        keys = ("local_time.manual_time_enable", "local_time.manual_ntp_srv_prior", "local_time.ntp_server1")
        self.assertEqual(one({}, *keys), ("%NULL%", "%NULL%", "pool.ntp.org"))
        self.assertEqual(
            one({"ntp_enabled": True, "ntp_ip": "192.0.2.1"}, *keys), ("%NULL%", "1", "192.0.2.1")
        )
        self.assertEqual(one({"ntp_enabled": False, "ntp_ip": "192.0.2.1"}, *keys), ("1", "%NULL%", "%NULL%"))


class ServersTests(SynchronousTestCase):
    def servers(self, transport: str = "udp", **line: object) -> dict[str, str]:
        """Return what is set of the addresses: `sip_server.1.address` -> `192.0.2.10`."""
        found = read({"sip_transport": transport, "sip_lines": {"1": {"username": "u1", **line}}})
        prefixes = ("account.1.sip_server.", "account.1.outbound_proxy")
        return {
            key.removeprefix("account.1."): values[0]
            for key, values in found.items()
            if key.startswith(prefixes)
            and not key.endswith("transport_type")
            and values[0] not in ("%NULL%", "0")
        }

    def test_registrar_and_proxy(self) -> None:
        """The phone has one address for registrar and SIP domain; another proxy is an outbound proxy."""
        for line, expected in (
            ({}, {}),
            ({"proxy_ip": "p"}, {"sip_server.1.address": "p"}),
            (
                {"proxy_ip": "p", "proxy_port": 5070},
                {"sip_server.1.address": "p", "sip_server.1.port": "5070"},
            ),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "p", "registrar_port": 5080},
                {"sip_server.1.address": "p", "sip_server.1.port": "5080"},
            ),
            (
                {"proxy_ip": "p", "proxy_port": 5070, "registrar_ip": "r"},
                {
                    "sip_server.1.address": "r",
                    "outbound_proxy_enable": "1",
                    "outbound_proxy.1.address": "p",
                    "outbound_proxy.1.port": "5070",
                },
            ),
            (
                {"proxy_ip": "example.com", "outbound_proxy_ip": "o", "outbound_proxy_port": 5090},
                {
                    "sip_server.1.address": "example.com",
                    "outbound_proxy_enable": "1",
                    "outbound_proxy.1.address": "o",
                    "outbound_proxy.1.port": "5090",
                },
            ),
            (
                {"proxy_ip": "p", "backup_proxy_ip": "b", "backup_proxy_port": 5071},
                {"sip_server.1.address": "p", "sip_server.2.address": "b", "sip_server.2.port": "5071"},
            ),
            (
                {"proxy_ip": "p", "registrar_ip": "r", "backup_proxy_ip": "b", "backup_registrar_ip": "s"},
                {
                    "sip_server.1.address": "r",
                    "sip_server.2.address": "s",
                    "outbound_proxy_enable": "1",
                    "outbound_proxy.1.address": "p",
                    "outbound_proxy.2.address": "b",
                },
            ),
        ):
            self.assertEqual(self.servers(**line), expected, line)

    def test_tls_has_its_own_default_port(self) -> None:
        """The phone's default is 5060 whatever the transport is."""
        found = self.servers("tls", proxy_ip="p", outbound_proxy_ip="o", outbound_proxy_port=5090)
        self.assertEqual(found["sip_server.1.port"], "5061")
        self.assertEqual(found["outbound_proxy.1.port"], "5090")
        self.assertNotIn("sip_server.2.port", found)


class AccountsTests(SynchronousTestCase):
    def test_accounts_without_a_line_are_reset(self) -> None:
        """A phone keeps what vanishes from its file: the user before could still be called on account 2."""
        found = read({"sip_lines": {"1": LINE}})
        used = {key.removeprefix("account.1.") for key in found if key.startswith("account.1.")}
        for number in range(2, 17):
            own = {key: values for key, values in found.items() if key.startswith(f"account.{number}.")}
            self.assertEqual(own.pop(f"account.{number}.enable"), ("0",))
            self.assertEqual({value for values in own.values() for value in values}, {"%NULL%"})
            self.assertLessEqual({"label", "password", "user_name", "srtp_encryption", "dtmf.type"}, used)
        self.assertEqual(found["voice_mail.number.16"], ("%NULL%",))
        self.assertNotIn("account.17.enable", found)

    def test_a_phone_gets_no_more_accounts_than_it_has(self) -> None:
        """A T31G has two; of a phone without a model nobody knows, so it gets its lines."""
        raw = {"sip_lines": {str(number): LINE for number in (1, 2, 3)}}
        for model, last in (("T31G", "2"), ("t31g", "2"), (None, "3"), ("T99X", "3")):
            numbers = {key.split(".")[1] for key in read(raw, phone(model)) if key.startswith("account.")}
            self.assertEqual(max(numbers), last, model)

    def test_the_screen_shows_the_best_name_there_is(self) -> None:
        """While a phone waits its name is its mark; a line may have a number only, or not even that."""
        for line, label in (
            ({"display_name": "Waiting 4F7K2Q", "number": "autoprov"}, "Waiting 4F7K2Q"),
            ({"number": "1001"}, "1001"),
            ({}, "u1"),
        ):
            raw = {"sip_lines": {"1": {"username": "u1", **line}}}
            self.assertEqual(one(raw, "account.1.label", "linekey.1.label"), (label, label))

    def test_video_phones_have_other_codecs(self) -> None:
        """Each codec is named once, whichever half it is in."""
        plain, video = (read({"sip_lines": {"1": LINE}}, phone(model)) for model in ("T46S", "T58A"))
        self.assertEqual(plain["account.1.codec.g722_1_24kpbs.enable"], ("1",))
        self.assertEqual(video["account.1.codec.g722_1_24kpbs.enable"], ("0",))
        self.assertEqual(video["account.1.codec.g722.enable"], ("1",))
        self.assertEqual(
            {key for key in video if ".video." in key} - plain.keys(),
            {f"account.1.video.{codec}.enable" for codec in ("h264", "h264hp", "vp8")},
        )


class KeysTests(SynchronousTestCase):
    def test_keys_go_on_over_the_expansion_modules(self) -> None:
        """By the geometry of each model: 27 and then six modules of 40 on a T46S."""
        for model, number, name in (
            ("T46S", 27, "linekey.27"),
            ("T46S", 28, "expansion_module.1.key.1"),
            ("T46S", 267, "expansion_module.6.key.40"),
            ("T54W", 88, "expansion_module.2.key.1"),
            ("T48U", 209, "expansion_module.3.key.60"),
        ):
            raw = {"funckeys": {str(number): {"type": "speeddial", "value": "1011"}}}
            found = read(raw, phone(model))
            used = [key for key, values in found.items() if values == ("13",) and key.endswith(".type")]
            self.assertEqual(used, [f"{name}.type"], model)

    def test_a_key_beyond_the_last_is_dropped(self) -> None:
        """There is no such key on the phone; the others are as they would be without it."""
        for model in ("T31G", "CP925", None):
            raw = {"funckeys": {"0": {"type": "park"}, "300": {"type": "park", "value": "701"}}}
            self.assertEqual(read(raw, phone(model)), read({}, phone(model)))

    def test_every_key_is_written(self) -> None:
        """One that has lost its function would keep it otherwise."""
        found = read({"funckeys": {"2": {"type": "blf", "value": "1010"}}})
        for name, kind in (("linekey.1", "0"), ("linekey.2", "16"), ("expansion_module.6.key.40", "0")):
            values = tuple(found[f"{name}.{key}"] for key in ("type", "line", "value", "label"))
            self.assertEqual(values[0], (kind,))
        self.assertEqual(values[1:], (("%NULL%",),) * 3)
        self.assertEqual(found["linekey.2.label"], ("%NULL%",))
        self.assertEqual(found["linekey.2.extension"], ("%NULL%",))

    def test_only_the_phones_own_keys_stand_in_for_lines(self) -> None:
        """Key 1 of line 1, unless it has a function; a line that its phone does not have has no key."""
        lines = {str(number): {**LINE, "number": f"100{number}"} for number in (1, 2, 5)}
        raw = {"sip_lines": lines, "funckeys": {"1": {"type": "park", "value": "701"}}}
        found = read(raw, phone("T33G"))
        self.assertEqual([found[f"linekey.{key}.type"][0] for key in (1, 2, 3, 5)], ["10", "15", "0", "0"])
        self.assertEqual(one({"sip_lines": lines}, "linekey.2.line", "linekey.2.value"), ("2", "1002"))


class PhoneTests(SynchronousTestCase):
    def test_passwords_stand_in_order_with_the_name_of_their_user(self) -> None:
        """Two lines with one key: the phone tells them apart by the name before the colon."""
        raw = {"admin_username": "root", "admin_password": "a:b", "user_password": "4242"}
        self.assertEqual(one(raw, "static.security.user_password"), ("user:4242", "root:a:b"))
        self.assertEqual(one({}, "static.security.user_password"), ("user:user", "admin:admin"))

    def test_a_name_with_a_colon_is_refused(self) -> None:
        """`a:b:secret` would be user `a` with the password `b:secret`."""
        for name in ("admin_username", "user_username"):
            with self.assertRaises(Unfit) as caught:
                read({name: "a:b"})
            self.assertEqual(caught.exception.setting, name)

    def test_a_switchboard_has_no_call_waiting(self) -> None:
        """A second call is the queue's to hold, not the phone's: `options` of the device say so."""
        for options, expected in (
            (b'{"switchboard":true}', "0"),
            (b'{"switchboard":false}', "1"),
            (b"{}", "1"),
        ):
            found = read({}, phone(options=options))
            self.assertEqual(found["call_waiting.enable"], (expected,))

    def test_firmware_is_left_alone(self) -> None:
        """An upgrade that nobody asked for may end with a phone that does not start."""
        self.assertFalse([key for key in read({}) if "firmware" in key or "over_the_air" in key])

    def test_keys_from_afar_need_a_service_and_the_users_leave(self) -> None:
        """With `sip.trust_ctrl` 0 anybody may send a NOTIFY: it must not dial for the user."""
        service = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
        keys = (
            "features.action_uri.enable",
            "features.show_action_uri_option",
            "features.action_uri_limit_ip",
        )
        self.assertEqual(one({}, *keys), ("0", "1", "%NULL%"))
        self.assertEqual(one(service, *keys), ("1", "1", "%NULL%"))

    def test_resync_is_one_notify(self) -> None:
        """The phone fetches its files and restarts only if it must (`sip.notify_reboot_enable` 0)."""
        self.assertEqual(PLUGIN.resync(phone(), settings_of({})), Notify("check-sync"))
