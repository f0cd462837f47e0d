"""The sections of PBXes, and what is made of them."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.pbx.making import notifier
from provserver.pbx.manager import ManagerNotifier
from provserver.pbx.notify import SipNotifier
from provserver.pbx.settings import PbxSettings, read_pbx
from tests.pbx.certificates import Authority
from tests.pbx.sip_phone import REACTOR

OFFICE = {"kind": "asterisk", "host": "192.0.2.20", "secret_file": "pbx.secret"}


def problems_of(given: object, name: str = "office") -> list[str]:
    problems: list[str] = []
    assert read_pbx(name, given, problems) is None or not problems
    return problems


class ReadPbxTests(SynchronousTestCase):
    def test_the_usual(self) -> None:
        """Three lines are enough."""
        problems: list[str] = []
        read = read_pbx("office", OFFICE, problems)
        self.assertEqual(problems, [])
        self.assertEqual(read, PbxSettings("asterisk", "192.0.2.20", secret_file="pbx.secret"))

    def test_usual_ports(self) -> None:
        """Those of the programs themselves."""
        for kind, transport, port in (
            ("asterisk", "udp", 5038),
            ("asterisk", "tls", 5039),
            ("freeswitch", "tcp", 8021),
            ("sip", "udp", 5060),
            ("sip", "tls", 5061),
        ):
            read = read_pbx("x", {**OFFICE, "kind": kind, "transport": transport}, [])
            assert read
            self.assertEqual(read.usual_port, port)
        read = read_pbx("x", {**OFFICE, "port": 7}, [])
        assert read
        self.assertEqual(read.usual_port, 7)

    def test_lists(self) -> None:
        """They become what nobody can change."""
        read = read_pbx("x", {**OFFICE, "shared": ["autoprov"], "tenants": []}, [])
        assert read
        self.assertEqual((read.shared, read.tenants), (("autoprov",), ()))

    def test_every_problem_at_once(self) -> None:
        """Names the setting, what was expected and what there is; never the secret, which is not in it."""
        self.assertEqual(
            problems_of({"kind": "pbx", "port": "5038", "hots": "x", "shared": "autoprov"}),
            [
                "pbx.office.kind: expected one of asterisk, freeswitch, sip, got 'pbx'",
                "pbx.office.port: expected a port, got '5038'",
                "pbx.office.hots: no such setting; did you mean host?",
                "pbx.office.shared: expected a list of words, got 'autoprov'",
                "pbx.office.host: missing, expected a host name or an address",
                "pbx.office.secret_file: missing, expected the path of a file",
            ],
        )

    def test_bad_input(self) -> None:
        """One problem each."""
        for given in (
            "text",
            {**OFFICE, "host": "a b"},
            {**OFFICE, "host": "x" * 64},
            {**OFFICE, "host": ["x"]},
            {**OFFICE, "port": 65_536},
            {**OFFICE, "port": True},
            {**OFFICE, "transport": "sctp"},
            {**OFFICE, "user": "a\nb"},
            {**OFFICE, "secret_file": ""},
            {**OFFICE, "zzzz": 1},
            {**OFFICE, "tenants": [1]},
            {"kind": "sip"},
            {"kind": ["sip"], "host": "x", "secret_file": "x"},
        ):
            self.assertEqual(len(problems_of(given)), 1, given)
        self.assertEqual(len(problems_of(OFFICE, "a b")), 1)


class MakingTests(SynchronousTestCase):
    def made(self, **settings: Any) -> object:
        given = PbxSettings(**{"kind": "asterisk", "host": "192.0.2.20", **settings})
        return notifier("office", given, "s3cret", Authority().pem, REACTOR, lambda: 0.0, lambda: "t")

    def test_each_kind(self) -> None:
        """Two are commanded, one is spoken to in SIP; TLS or not."""
        for transport in ("udp", "tls"):
            self.assertIsInstance(self.made(transport=transport), ManagerNotifier)
            self.assertIsInstance(self.made(kind="freeswitch", transport=transport), ManagerNotifier)
            self.assertIsInstance(self.made(kind="sip", transport=transport), SipNotifier)
