"""raw_config: what a client may write, what it is told when it may not, and what a template is given."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.raw_config import check, problems_of, to_settings
from provserver.raw_config.fields import CALL_MANAGER, FIELDS, KEY, LINE, TABLES

BASE_URL = "http://10.0.0.1:8667"
DOCUMENTATION = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
SECRET = "hunter2"
PEMS = "sip_servers_root_and_intermediate_certificates"


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


# A raw config with one mistake, the field that is named, and what the text must hold.
WRONG: tuple[tuple[Any, ...], ...] = (
    ({"ntp_ip": True}, "ntp_ip", "text", "true"),
    ({"ntp_ip": ["a"]}, "ntp_ip", "text", "a list"),
    ({"sip_proxy_port": 0}, "sip_proxy_port", "from 1 to 65535", "got 0"),
    ({"sip_proxy_port": "65536"}, "sip_proxy_port", "'65536'"),
    ({"sip_proxy_port": ""}, "sip_proxy_port", "got ''"),
    ({"sip_proxy_port": "5_060"}, "sip_proxy_port", "'5_060'"),
    ({"sip_proxy_port": float("nan")}, "sip_proxy_port", "nan"),
    ({"sip_proxy_port": float("inf")}, "sip_proxy_port", "inf"),
    ({"sip_proxy_port": {}}, "sip_proxy_port", "an object"),
    ({"vlan_id": 4095}, "vlan_id", "from 0 to 4094"),
    ({"vlan_pc_port_id": -1}, "vlan_pc_port_id", "got -1"),
    ({"vlan_priority": 8}, "vlan_priority", "from 0 to 7"),
    ({"sip_subscribe_mwi": "maybe"}, "sip_subscribe_mwi", "true or false", "'maybe'"),
    ({"sip_subscribe_mwi": 2}, "sip_subscribe_mwi", "got 2"),
    ({"sip_subscribe_mwi": []}, "sip_subscribe_mwi", "a list"),
    ({"timezone": "Mars/Olympus"}, "timezone", "Europe/Paris", "'Mars/Olympus'"),
    ({"timezone": ["UTC"]}, "timezone", "a list"),
    ({"locale": "fr"}, "locale", "fr_FR", "'fr'"),
    ({"locale": "fr_FRxx"}, "locale", "'fr_FRxx'"),
    ({"locale": ""}, "locale", "got ''"),
    ({"locale": 1}, "locale", "got 1"),
    ({"protocol": "sip"}, "protocol", "SIP, SCCP"),
    ({"sip_dtmf_mode": "INFO"}, "sip_dtmf_mode", "RTP-in-band, RTP-out-of-band, SIP-INFO"),
    ({"sip_srtp_mode": "on"}, "sip_srtp_mode", "disabled, preferred, required"),
    ({"sip_transport": "UDP"}, "sip_transport", "udp, tcp, tls"),
    ({"syslog_level": "notice"}, "syslog_level", "critical, error, warning, info, debug"),
    ({"syslog_level": None}, "syslog_level", "null"),
    ({"syslog_port": None}, "syslog_port", "null"),
    ({PEMS: [None]}, PEMS, "nothing but texts", "a list"),
    ({"config_version": "new"}, "config_version", "whole number"),
    ({"sip_lines": None}, "sip_lines", "an object", "null"),
    ({"sip_lines": []}, "sip_lines", "a list"),
    ({"sip_lines": {"0": {}}}, "sip_lines.0", "number from 1"),
    ({"sip_lines": {"01": {}}}, "sip_lines.01", "'01'"),
    ({"sip_lines": {"²": {}}}, "sip_lines.²", "number"),
    ({"sip_lines": {"1": None}}, "sip_lines.1", "an object", "null"),
    ({"sip_lines": {"1": {"proxy_port": 70000}}}, "sip_lines.1.proxy_port", "70000"),
    ({"sip_lines": {"2": {"dtmf_mode": "x"}}}, "sip_lines.2.dtmf_mode", "SIP-INFO"),
    ({"sip_lines": {"2": {"srtp_mode": "x"}}}, "sip_lines.2.srtp_mode", "required"),
    ({"sccp_call_managers": {"1": {}}}, "sccp_call_managers.1.ip", "missing"),
    ({"sccp_call_managers": {"1": {"ip": ""}}}, "sccp_call_managers.1.ip", "missing"),
    ({"sccp_call_managers": {"x": {}}}, "sccp_call_managers.x", "'x'"),
    ({"funckeys": {"one": {}}}, "funckeys.one", "'one'"),
    ({"funckeys": {"1": {}}}, "funckeys.1.type", "missing", "speeddial, blf, park"),
    ({"funckeys": {"1": {"type": None}}}, "funckeys.1.type", "missing"),
    ({"funckeys": {"1": {"type": "dss"}}}, "funckeys.1.type", "'dss'"),
    ({"funckeys": {"1": {"type": "blf"}}}, "funckeys.1.value", "missing", "type is 'blf'"),
    ({"funckeys": {"1": {"type": "speeddial", "value": ""}}}, "funckeys.1.value", "missing"),
    ({"funckeys": {"1": {"type": "park", "line": 0}}}, "funckeys.1.line", "got 0"),
    ({"dns_enabled": True}, "dns_ip", "missing", "dns_enabled is true"),
    ({"ntp_enabled": "yes", "ntp_ip": ""}, "ntp_ip", "ntp_enabled is true"),
    ({"vlan_enabled": 1}, "vlan_id", "vlan_enabled is true"),
    ({"syslog_enabled": True, "syslog_ip": None}, "syslog_ip", "syslog_enabled is true"),
    ({"_comments": 1}, "_comments", "no such setting"),
    ({"XX_mine": 1}, "XX_mine", "begin with X_"),
    ({"X_deep": nested(33)}, "X_deep", "more than 32"),
    ({"sip_lines": {"1": {"deep": nested(5000)}}}, "sip_lines.1.deep", "more than 32"),
)


class CheckTests(SynchronousTestCase):
    def refusal(self, raw: dict[str, object]) -> Invalid:
        problem = self.assertRaises(Invalid, check, raw)
        assert isinstance(problem, Invalid)
        return problem

    def test_what_wazo_confd_sends_is_accepted(self) -> None:
        """The one client that everybody has: nulls for what is switched off, numbers for lines of keys."""
        check(
            {
                "X_key": "",
                "config_version": 1,
                "X_xivo_user_uuid": "5c1c5d5e-0c5b-4d0e-8a5e-2f6b7d3a9c11",
                "X_xivo_phonebook_profile": "default",
                "exten_dnd": "*25",
                "exten_park": None,
                "protocol": "SIP",
                "sip_dtmf_mode": "RTP-out-of-band",
                "funckeys": {
                    "1": {"type": "blf", "value": "101", "label": None, "line": 1},
                    "2": {"type": "park"},
                },
                "sip_lines": {
                    "1": {"username": "u", "password": "p", "proxy_port": None, "X_own": {"a": [1]}}
                },
                "sccp_call_managers": {},
            }
        )
        check(
            {
                "protocol": "SCCP",
                "sccp_call_managers": {"1": {"ip": "10.0.0.1"}, "2": {"ip": "b", "port": 2000}},
            }
        )

    def test_each_kind_takes_what_can_be_understood(self) -> None:
        """Clients of wazo-provd write numbers as text and truth as words; templates get one type."""
        for name, accepted in (
            ("ntp_ip", {"a": "a", 5: "5", 1.5: "1.5", "": None}),
            ("sip_proxy_port", {5060: 5060, " 5060 ": 5060, 5060.9: 5060, True: 1, "65535": 65535}),
            ("vlan_id", {0: 0, "4094": 4094}),
            ("sip_subscribe_mwi", {True: True, "1": True, "Yes": True, "off": False, "0": False, 0.0: False}),
            ("timezone", {"Europe/Paris": "Europe/Paris", "US/Pacific": "US/Pacific", "": None}),
            ("locale", {"fr_FR": "fr_FR"}),
            ("sip_transport", {"tls": "tls"}),
        ):
            for given_value, typed in accepted.items():
                value: Any = to_settings({name: given_value}, BASE_URL).values.get(name)
                self.assertEqual((value, type(value)), (typed, type(typed)), f"{name} {given_value!r}")
        self.assertEqual(to_settings({PEMS: ["one", "", "two"]}, BASE_URL).values[PEMS], ("one", "two"))

    def test_a_wrong_value_is_named_with_what_was_expected(self) -> None:
        """The error alone must be enough to mend it: where, what it was, what it should be."""
        for raw, field, *parts in WRONG:
            problem = self.refusal(raw)
            self.assertEqual(problem.field, field, raw)
            for part in parts:
                self.assertIn(part, problem.text, raw)
            self.assertEqual(len(problems_of(raw)), 1, raw)

    def test_what_is_nobodys_business_is_let_through(self) -> None:
        """A client's own values, comments, and switches that are off."""
        check({"X_any": {"a": [None, {"b": 1}]}, "X_deep": nested(32), "_comment": ["why"], "ip": None})
        check({"dns_enabled": False, "ntp_enabled": None, "vlan_enabled": "no", "syslog_enabled": 0})
        check({"vlan_enabled": True, "vlan_id": 0})
        check({"funckeys": {"0": {"type": "park", "colour": "red"}}})

    def test_all_problems_are_found(self) -> None:
        """Who mends one must not learn of the next only then."""
        problem = self.refusal(
            {
                "locale": "fr",
                "sip_lines": {"1": {"proxy_port": 0}},
                "foo": 1,
                "ntp_enabled": True,
                "vlan_id": "x",
            }
        )
        self.assertEqual(problem.field, "locale")
        for path in ("; vlan_id: ", "; ntp_ip: ", "; sip_lines.1.proxy_port: ", "; foo: "):
            self.assertIn(path, problem.text)

    def test_a_flood_of_problems_is_counted_and_not_printed(self) -> None:
        """An 8 MiB body of wrong settings must not become an answer many times that size."""
        problem = self.refusal({"y" * 1000 + str(at): "z" * 1000 for at in range(1000)})
        self.assertLess(len(str(problem)), 3000)
        self.assertIn("and 980 more", problem.text)
        self.assertLess(len(str(self.refusal({"locale": "z" * 10_000}))), 200)

    def test_no_secret_stands_in_an_error(self) -> None:
        """Errors go into logs, answers and timelines."""
        secrets = [name for fields in (FIELDS, LINE) for name, field in fields.items() if field.secret]
        self.assertEqual(
            sorted(secrets),
            [
                "admin_password",
                "password",
                "sip_local_certificate",
                "sip_local_key",
                "sip_local_root_and_intermediate_certificates",
                "sip_servers_root_and_intermediate_certificates",
                "user_password",
            ],
        )
        for name in secrets:
            for wrong in (True, [SECRET, None], {SECRET: SECRET}):
                raw: dict[str, object] = {name: wrong}
                problem = self.refusal({"sip_lines": {"1": raw}} if name == "password" else raw)
                self.assertNotIn(SECRET, str(problem))
                self.assertNotIn("rue", str(problem))
        self.assertNotIn(SECRET, str(self.refusal({"sip_lines": [{"password": SECRET}]})))
        self.assertNotIn(SECRET, repr(to_settings({"admin_password": SECRET}, BASE_URL)))

    def test_every_zone_of_the_system_is_known(self) -> None:
        """The names are a table of ours; a zone that Debian has and we refuse would be a riddle."""
        for zone in available_timezones() - {"localtime", "Factory"}:
            check({"timezone": zone})

    @settings(derandomize=True, max_examples=300, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from([*FIELDS, *TABLES, "X_a", "_comment", "odd"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["1", "2", "x", *LINE, *KEY]), inner, max_size=3)
                ),
                max_leaves=8,
            ),
            max_size=6,
        )
    )
    def test_any_json_is_either_settings_or_a_clear_refusal(self, raw: dict[str, object]) -> None:
        """Nothing that a client sends is a crash, and what `check` accepts has settings."""
        problems = problems_of(raw)
        if problems:
            self.assertEqual(self.refusal(raw).field, problems[0].field)
        else:
            to_settings(raw, BASE_URL)


class DocumentationTests(SynchronousTestCase):
    def test_the_documentation_has_every_field(self) -> None:
        """Name, what is accepted and default of each, in the order of the code, and nothing else."""
        part = DOCUMENTATION.read_text().partition("## All fields of a raw config")[2]
        tables = {"": FIELDS, "sip_lines.N.": LINE, "funckeys.N.": KEY, "sccp_call_managers.N.": CALL_MANAGER}
        self.assertEqual(
            re.findall(r"^\| `(.+?)` \| (.+?) \|(.*?)\|", part, re.MULTILINE),
            [
                (prefix + name, field.kind.expected, f" `{field.default}` " if field.default else " ")
                for prefix, fields in tables.items()
                for name, field in fields.items()
            ],
        )
