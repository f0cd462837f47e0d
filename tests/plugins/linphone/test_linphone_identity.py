"""How a Linphone is known, which has no MAC address of its own; its one file; what the tables do not say."""

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.learn import discover
from provserver.core.match import match
from provserver.core.support import best
from provserver.errors import Unfit
from provserver.model import Device, Facts, FileRule, Sighting
from provserver.vendors.table import TablePlugin
from tests.plugins.linphone.golden_cases import FILE, UUID
from tests.plugins.linphone.reading import read
from tests.vendors.making import render, settings_of, vendor, vendors

PLUGIN = vendor("linphone").plugins[-1]
OTHER = UUID.replace("7", "8")
LINE = {"username": "u1", "password": "pw", "proxy_ip": "192.0.2.10"}


def facts_of(path: str, agent: str = "Unknown") -> Facts:
    """Debian's 5.1 calls itself `Unknown`."""
    seen = Sighting("http", 0.0, "192.0.2.7", "http://192.0.2.1:8667", path=path, user_agent=agent)
    return Dispatcher(vendors()).identify(seen)[0]


def device(uuid: str | None = None, mac: str | None = None) -> Device:
    return Device("d1", mac=mac, vendor="Linphone", model="Linphone", uuid=uuid)


class LinphoneIdentifyTests(SynchronousTestCase):
    def test_the_path_says_who_it_is(self) -> None:
        """A UUID or a MAC address, in any case; anything else is nobody."""
        for path, uuid, mac in (
            (FILE, UUID, None),
            (f"linphone/{UUID.upper()}.xml", UUID, None),
            ("linphone/001B44113AB7.xml", None, "00:1b:44:11:3a:b7"),
            (f"linphone/{UUID}", None, None),
            (f"linphone/{UUID}0.xml", None, None),
            (f"{UUID}.xml", None, None),
            (f"x/{FILE}", None, None),
            ("linphone/alice.xml", None, None),
            ("linphone/.xml", None, None),
        ):
            facts = facts_of(path)
            self.assertEqual((facts.uuid, facts.mac), (uuid, mac), path)
            self.assertEqual(facts.vendor, "Linphone" if uuid or mac else None, path)

    def test_a_newer_one_says_its_version(self) -> None:
        """All generations are served by the one that there is, and of the others the version is known."""
        agent = "LinphoneAndroid/5.2.5 ([LG-F750K (567)]0) LinphoneSDK/5.3.47 (tags/5.3.47^0)"
        for said, version, score in (
            (agent, "5.3.47", 600),
            (agent.replace("SDK/5", "SDK/4"), "4.3.47", 598),
        ):
            facts = facts_of(FILE, said)
            self.assertEqual((facts.version, facts.uuid), (version, UUID))
            support = best(vendors(), facts)
            assert support
            self.assertEqual((support.plugin.id, support.score), ("linphone-5", score))

    def test_it_is_found_again_by_its_uuid(self) -> None:
        """At another address, and never in the place of its neighbour behind the same one."""
        facts = facts_of(FILE)
        support = best(vendors(), facts)
        assert support
        made = discover(facts, "d1", "master", support.plugin.id, None).device
        self.assertEqual((made.uuid, made.mac, made.plugin), (UUID, None, "linphone-5"))
        for path, at_ip, found in ((FILE, (), made), (f"linphone/{OTHER}.xml", (made,), None)):
            matched = match(
                facts_of(path),
                at_ip,
                "192.0.2.8",
                lambda index, value: (made,) if (index, value) == ("uuid", UUID) else (),
                lambda _: (False, 0.0),
            )
            self.assertIs(matched.device, found, path)


class LinphoneFilesTests(SynchronousTestCase):
    def rule(self, path: str, of: Device | None, method: str = "GET") -> FileRule | None:
        return PLUGIN.file_for(path, method, Facts(), of)

    def test_a_file_is_its_devices_alone(self) -> None:
        """By UUID and by MAC address; the name is in lower case, as an administrator names an override."""
        by_uuid, by_mac = device(uuid=UUID), device(mac="00:1b:44:11:3a:b7")
        found = self.rule(f"linphone/{UUID.upper()}.xml", by_uuid)
        assert found
        self.assertEqual((found.name, found.secret, found.proves_config), (FILE, True, True))
        for path, of in (
            (f"linphone/{OTHER}.xml", by_uuid),
            (FILE, by_mac),
            ("linphone/001b44113ab7.xml", by_uuid),
            ("linphone/001b44113ab8.xml", by_mac),
            ("linphone/alice.xml", by_uuid),
            ("linphone/../linphonerc", by_uuid),
        ):
            self.assertIsNone(self.rule(path, of), path)
        self.assertIsNone(self.rule(FILE, by_uuid, "PUT"))
        self.assertIsNotNone(self.rule(FILE, None))

    def test_its_own_files_are_known_before_it_asks(self) -> None:
        """A device that has both names has both files."""
        assert isinstance(PLUGIN, TablePlugin)
        mac = "00:1b:44:11:3a:b7"
        for own, names in (
            (device(UUID), [FILE]),
            (device(None, mac), ["linphone/001b44113ab7.xml"]),
            (device(UUID, mac), [FILE, "linphone/001b44113ab7.xml"]),
            (device(), []),
        ):
            self.assertEqual([rule.name for rule in PLUGIN.own_files(own)], names)


class LinphoneValuesTests(SynchronousTestCase):
    def made(
        self, raw: Mapping[str, object], model: str | None = "Linphone"
    ) -> Mapping[str, tuple[str, ...]]:
        of = Device("d1", uuid=UUID, vendor="Linphone", model=model)
        rule = PLUGIN.file_for(FILE, "GET", Facts(), of)
        assert rule
        return read(render(PLUGIN, rule, of, settings_of(raw)))

    def test_accounts_stand_without_a_gap(self) -> None:
        """Linphone stops reading at the first account that is none."""
        lines = {
            "2": {**LINE, "username": "u2"},
            "3": {"username": "nowhere"},
            "4": {**LINE, "username": "u4"},
        }
        read = self.made({"sip_lines": lines})
        users = [read.get(f"auth_info_{at}/username") for at in range(5)]
        self.assertEqual(users, [("u2",), ("u4",), ("",), ("",), None])
        self.assertEqual(read["sip/default_proxy"], ("0",))

    def test_a_name_and_a_star_code_are_literal(self) -> None:
        """The user of a URI is escaped, what people dial stays readable."""
        of = {**LINE, "username": "*7+1", "display_name": ""}
        read = self.made({"sip_lines": {"1": of}})
        self.assertEqual(read["proxy_0/reg_identity/user"], ("*7+1",))
        self.assertEqual(read["proxy_0/reg_identity/name"], ("",))

    def test_what_is_no_host_is_refused(self) -> None:
        """In a URI it would be a parameter, a user, or another server."""
        for host in ("a;b", "a@b", "a>b", "a b", "a?b", "a,b", "a%b", 'a"b', "ä", "sip:a/b"):
            for raw, setting in (
                ({"sip_lines": {"1": {**LINE, "proxy_ip": host}}}, "sip_lines.1.proxy_ip"),
                ({"sip_lines": {"1": {"username": "u"}}, "sip_proxy_ip": host}, "sip_proxy_ip"),
                ({"sip_lines": {"1": LINE}, "sip_outbound_proxy_ip": host}, "sip_outbound_proxy_ip"),
            ):
                refused = self.assertRaises(Unfit, self.made, raw)
                self.assertEqual(refused.setting, setting)
                self.assertNotIn(host, str(refused))

    def test_an_ipv6_server_stands_in_brackets(self) -> None:
        """With its port or without, and one that somebody has put into brackets stays as it is."""
        for host, port, expected in (
            ("2001:db8::1", None, "[2001:db8::1]"),
            ("2001:db8::1", 5070, "[2001:db8::1]:5070"),
            ("[2001:db8::1]", 5070, "[2001:db8::1]:5070"),
        ):
            of = {**LINE, "proxy_ip": host, **({"proxy_port": port} if port else {})}
            read = self.made({"sip_lines": {"1": of}})
            self.assertEqual(read["proxy_0/reg_proxy/host"], (f"{expected};transport=udp",))
