"""raw_config: what a template is given, and what a line inherits."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.raw_config import to_settings
from provserver.raw_config.fields import SERVERS

BASE_URL = "http://10.0.0.1:8667"


def values(**raw: object) -> Any:
    return to_settings(raw, BASE_URL).values


def line(own: dict[str, object], **common: object) -> dict[str, object]:
    """Return what becomes of line 1."""
    return dict(to_settings({"sip_lines": {"1": own}, **common}, BASE_URL).lines[1])


class ToSettingsTests(SynchronousTestCase):
    def test_what_is_not_set_is_absent(self) -> None:
        """A template asks `is defined`; null and an empty text are the two ways to unset what a parent set."""
        found = to_settings({"ntp_ip": "", "locale": None, "X_a": None, "_comment": "why"}, BASE_URL)
        self.assertEqual(
            found.values,
            {
                "http_base_url": BASE_URL,
                "sip_srtp_mode": "disabled",
                "sip_transport": "udp",
                "sccp_call_managers": {},
            },
        )
        self.assertEqual((found.lines, found.keys), ({}, {}))

    def test_the_base_url_is_the_callers(self) -> None:
        """It holds what this phone has earned; a stored one would be another phone's."""
        found = to_settings(
            {"http_base_url": "http://other", "ip": "10.0.0.1", "http_port": "80"}, BASE_URL + "/KEY/"
        )
        self.assertEqual(found.base_url, BASE_URL + "/KEY")
        self.assertEqual(found.values["http_base_url"], BASE_URL + "/KEY")
        self.assertEqual((found.values["ip"], found.values["http_port"]), ("10.0.0.1", 80))

    def test_syslog_has_defaults_only_where_it_is_on(self) -> None:
        """A phone without syslog should not be said to ignore its port."""
        self.assertNotIn("syslog_port", values(syslog_enabled=False))
        found = values(syslog_enabled=True, syslog_ip="10.0.0.1", syslog_level="info")
        self.assertEqual((found["syslog_port"], found["syslog_level"]), (514, "info"))

    def test_tables_are_in_the_order_of_their_numbers(self) -> None:
        """JSON objects have none, and "10" stands before "2"."""
        found = to_settings(
            {
                "sip_lines": {"10": {"number": 10}, "2": {}},
                "funckeys": {"10": {"type": "park", "odd": 1}, "9": {"type": "blf", "value": 5, "line": "2"}},
                "sccp_call_managers": {"2": {"ip": "b"}, "1": {"ip": "a", "port": "2000"}},
            },
            BASE_URL,
        )
        self.assertEqual(list(found.lines), [2, 10])
        self.assertEqual(found.lines[10]["number"], "10")
        self.assertEqual(
            list(found.keys.items()), [(9, {"type": "blf", "value": "5", "line": 2}), (10, {"type": "park"})]
        )
        managers: Any = found.values["sccp_call_managers"]
        self.assertEqual(list(managers.items()), [(1, {"ip": "a", "port": 2000}), (2, {"ip": "b"})])

    def test_a_thousand_lines(self) -> None:
        """The acceptance suite of the reference writes 1,024."""
        raw = {
            "sip_lines": {str(at): {"username": f"u{at}", "proxy_ip": "10.0.0.1"} for at in range(1, 1025)}
        }
        self.assertEqual(to_settings(raw, BASE_URL).lines[1024]["registrar_ip"], "10.0.0.1")

    def test_the_input_is_left_as_it_was(self) -> None:
        """The merged raw config is also what REST shows."""
        raw: dict[str, Any] = {
            "sip_proxy_ip": "p",
            "sip_lines": {"1": {"username": "u"}},
            "_comment": 1,
            "X_a": None,
        }
        before = repr(raw)
        to_settings(raw, BASE_URL)
        self.assertEqual(repr(raw), before)

    def test_own_values_of_a_line_are_kept(self) -> None:
        """A template of the administrator's may use them."""
        self.assertEqual(
            line({"X_colour": "red", "unused": None}), {"X_colour": "red", "srtp_mode": "disabled"}
        )


class InheritanceTests(SynchronousTestCase):
    def test_a_line_has_what_all_lines_share(self) -> None:
        """No vendor has to think of it again."""
        common = {f"sip_{server}_ip": server for server in SERVERS} | {
            f"sip_{server}_port": 5060 + at for at, server in enumerate(SERVERS)
        }
        shared = {f"{server}_ip": server for server in SERVERS} | {
            f"{server}_port": 5060 + at for at, server in enumerate(SERVERS)
        }
        self.assertEqual(
            line({}, **common, sip_dtmf_mode="SIP-INFO", sip_srtp_mode="required", exten_voicemail="*98"),
            {**shared, "dtmf_mode": "SIP-INFO", "srtp_mode": "required", "voicemail": "*98"},
        )

    def test_a_lines_own_values_win(self) -> None:
        """The setting of all lines is only what they fall back to."""
        own = {
            "dtmf_mode": "SIP-INFO",
            "srtp_mode": "required",
            "voicemail": "1",
            "username": "u",
            "auth_username": "a",
        }
        self.assertEqual(line(dict(own), sip_dtmf_mode="RTP-in-band", exten_voicemail="*98"), own)
        self.assertEqual(line({"username": "u", "auth_username": ""})["auth_username"], "u")

    def test_addresses_ports_and_registrars(self) -> None:
        """A port goes with its address; a line at another PBX has nothing to do with this one's registrar."""
        pbx = {"sip_proxy_ip": "pbx", "sip_proxy_port": 5070}
        backed = {**pbx, "sip_backup_proxy_ip": "spare", "sip_backup_registrar_ip": "spare"}
        outbound = {"sip_proxy_ip": "pbx", "sip_outbound_proxy_ip": "sbc", "sip_outbound_proxy_port": 5080}
        registrar = {"sip_proxy_ip": "pbx", "sip_registrar_ip": "reg", "sip_registrar_port": 5090}
        for own, common, expected in (
            ({}, pbx, "proxy pbx:5070, registrar pbx:5070"),
            ({"proxy_port": 5071}, pbx, "proxy pbx:5071, registrar pbx:5071"),
            ({"proxy_ip": "pbx"}, pbx, "proxy pbx:5070, registrar pbx:5070"),
            ({"proxy_ip": "other"}, pbx, "proxy other:-, registrar other:-"),
            ({"proxy_ip": "other", "proxy_port": 5072}, pbx, "proxy other:5072, registrar other:5072"),
            ({"proxy_ip": "other"}, {"sip_proxy_port": 5070}, "proxy other:5070, registrar other:5070"),
            ({"registrar_ip": "other"}, pbx, "proxy pbx:5070, registrar other:-"),
            ({"proxy_ip": "pbx"}, registrar, "proxy pbx:-, registrar pbx:-"),
            ({}, registrar, "proxy pbx:-, registrar reg:5090"),
            ({"proxy_ip": "other"}, registrar, "proxy other:-, registrar other:-"),
            ({"registrar_port": 5091}, registrar, "proxy pbx:-, registrar reg:5091"),
            ({}, {"sip_registrar_ip": "reg"}, "registrar reg:-"),
            (
                {},
                backed,
                "proxy pbx:5070, registrar pbx:5070, backup_proxy spare:-, backup_registrar spare:-",
            ),
            ({"proxy_ip": "other"}, backed, "proxy other:-, registrar other:-"),
            (
                {"proxy_ip": "other"},
                {"sip_backup_proxy_ip": "spare", "sip_backup_proxy_port": 5061},
                "proxy other:-, registrar other:-, backup_proxy spare:5061",
            ),
            (
                {"proxy_ip": "other", "backup_proxy_ip": "other2"},
                backed,
                "proxy other:-, registrar other:-, backup_proxy other2:-",
            ),
            ({"proxy_ip": "other"}, outbound, "proxy other:-, registrar other:-, outbound_proxy sbc:5080"),
            (
                {"outbound_proxy_ip": "own"},
                outbound,
                "proxy pbx:-, registrar pbx:-, outbound_proxy own:-",
            ),
        ):
            found = line(dict(own), **common)
            shown = [
                f"{server} {found[f'{server}_ip']}:{found.get(f'{server}_port', '-')}"
                for server in SERVERS
                if f"{server}_ip" in found
            ]
            self.assertEqual(", ".join(shown), expected, (own, common))

    def test_the_registrar_of_all_lines_is_the_proxy(self) -> None:
        """Vendors that have one registrar for the whole phone read the common setting."""
        found = values(sip_proxy_ip="pbx", sip_proxy_port=5070)
        self.assertEqual((found["sip_registrar_ip"], found["sip_registrar_port"]), ("pbx", 5070))
        self.assertEqual(values(sip_proxy_ip="pbx", sip_registrar_ip="reg")["sip_registrar_ip"], "reg")
