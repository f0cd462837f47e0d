"""What the tables of the 8941 and 8945 alone do not say."""

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device, Facts, Notify
from provserver.vendors.table import FIRMWARE
from tests.plugins.cisco_sccp.reading import read
from tests.vendors.making import render, settings_of, vendor

PLUGIN = vendor("cisco-sip").plugins[-1]
LINE = {"username": "u1", "password": "pw", "display_name": "Alice", "number": "1001", "proxy_ip": "p"}
LINES = "sipProfile/sipLines"


def made(raw: Mapping[str, object], model: str | None = "8945") -> Mapping[str, tuple[str, ...]]:
    device = Device("d1", mac="00:11:22:aa:bb:cc", vendor="Cisco", model=model)
    rule = PLUGIN.file_for("SEP001122AABBCC.cnf.xml", "GET", Facts(), device)
    assert rule
    return read(render(PLUGIN, rule, device, settings_of(raw)))


def buttons(found: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the feature of each button: 9 is a line, 2 a speed dial, 21 a BLF."""
    return {
        path.removeprefix(f"{LINES}/").removesuffix("/featureID"): value
        for path, (value,) in found.items()
        if path.endswith("/featureID")
    }


class CiscoSipServersTests(SynchronousTestCase):
    def servers(self, **raw: object) -> dict[str, str]:
        """Return the hosts and ports: `0 processNodeName` -> `192.0.2.10`."""
        start = "devicePool/callManagerGroup/members/member["
        return {
            path.removeprefix(start).replace("]/callManager/", " ").replace("ports/", ""): value
            for path, (value,) in made(raw).items()
            if path.startswith(start) and not path.endswith("ethernetPhonePort")
        }

    def test_the_first_line_says_where_all_register(self) -> None:
        """The phone has one set of servers; the lowest line's counts more than what is common."""
        lines = {"3": {**LINE, "proxy_ip": "third"}, "2": {**LINE, "proxy_ip": "second", "proxy_port": 5070}}
        self.assertEqual(
            self.servers(sip_proxy_ip="common", sip_backup_proxy_ip="backup", sip_lines=lines),
            {"0 processNodeName": "second", "0 sipPort": "5070", "0 securedSipPort": "5061"},
        )

    def test_without_a_line_the_common_servers_are_told(self) -> None:
        """The reference refuses such a phone; ours shows that it has no line, and knows where to go."""
        found = self.servers(sip_proxy_ip="p", sip_backup_proxy_ip="b", sip_backup_proxy_port=5071)
        self.assertEqual(
            found,
            {
                "0 processNodeName": "p",
                "0 sipPort": "5060",
                "0 securedSipPort": "5061",
                "1 processNodeName": "b",
                "1 sipPort": "5071",
                "1 securedSipPort": "5061",
            },
        )
        found_all = made({"sip_proxy_ip": "p", "sip_proxy_port": 5070})
        self.assertEqual(buttons(found_all), {})
        self.assertEqual(found_all["sipProfile/voipControlPort"], ("5070",))
        self.assertEqual(found_all["sipProfile/phoneLabel"], ("",))
        self.assertEqual(self.servers()["0 processNodeName"], "")

    def test_a_port_that_is_said_is_the_transports(self) -> None:
        """With TLS the phone looks at another element than without."""
        for transport, port, expected in (
            ("udp", {}, ("5060", "5061")),
            ("udp", {"sip_proxy_port": 5070}, ("5070", "5061")),
            ("tls", {}, ("5060", "5061")),
            ("tls", {"sip_proxy_port": 5071}, ("5071", "5071")),
        ):
            found = self.servers(sip_proxy_ip="p", sip_transport=transport, **port)
            self.assertEqual((found["0 sipPort"], found["0 securedSipPort"]), expected, (transport, port))


class CiscoSipButtonsTests(SynchronousTestCase):
    def test_keys_begin_behind_the_last_line(self) -> None:
        """Key 1 of a phone with lines 1 and 3 is the fourth button."""
        raw = {
            "sip_lines": {"1": LINE, "3": LINE},
            "funckeys": {
                "0": {"type": "speeddial", "value": "1"},
                "1": {"type": "blf", "value": "1003"},
                "2": {"type": "speeddial", "value": "1004"},
                "3": {"type": "park", "value": "701"},
                "4": {"type": "park"},
            },
        }
        self.assertEqual(
            buttons(made(raw)),
            {"line[1]": "9", "line[3]": "9", "line[4]": "21", "line[5]": "2", "line[6]": "2"},
        )
        self.assertEqual(buttons(made({"funckeys": {"1": {"type": "blf", "value": "1"}}})), {"line[1]": "21"})

    def test_a_phone_gets_no_more_lines_than_it_has(self) -> None:
        """It has four buttons; of a model that is not in the table nobody knows."""
        raw = {"sip_lines": {str(number): LINE for number in range(1, 7)}}
        for model, lines in (("8945", 4), ("8941", 4), ("8961", 6), (None, 6)):
            self.assertEqual(len(buttons(made(raw, model))), lines, model)

    def test_only_a_blf_may_pick_up(self) -> None:
        """The mask on a speed dial would make it something else."""
        keys = {"1": {"type": "blf", "value": "1"}, "2": {"type": "speeddial", "value": "2"}}
        found = made({"sip_lines": {"1": LINE}, "funckeys": keys})
        self.assertEqual(found[f"{LINES}/line[2]/featureOptionMask"], ("1",))
        self.assertNotIn(f"{LINES}/line[3]/featureOptionMask", found)

    def test_a_line_without_voicemail_has_no_key_for_it(self) -> None:
        """An empty number would be dialled."""
        self.assertNotIn(f"{LINES}/line[1]/messagesNumber", made({"sip_lines": {"1": LINE}}))

    def test_the_mark_is_on_the_screen(self) -> None:
        """A waiting phone shows the name that its user dials for, above and beside the button."""
        line = {"username": "ap0017", "display_name": "Waiting 4F7K2Q"}
        found = made({"sip_lines": {"1": line}})
        self.assertEqual(found["sipProfile/phoneLabel"], ("Waiting 4F7K2Q",))
        self.assertEqual(found[f"{LINES}/line[1]/featureLabel"], ("Waiting 4F7K2Q",))
        named = made({"sip_lines": {"1": {"username": "u1"}}})
        self.assertEqual(named[f"{LINES}/line[1]/featureLabel"], ("u1",))


class CiscoSipPhoneTests(SynchronousTestCase):
    def test_only_a_known_model_is_told_its_load(self) -> None:
        """Where it is here and may be told. Another phone's firmware would be looked for at every start."""
        here = {FIRMWARE: ("SIP8941_8945.9-3-1-18.loads",)}
        for model, raw, load in (
            ("8941", here, "SIP8941_8945.9-3-1-18"),
            ("8941", {}, ""),
            ("8961", here, ""),
            (None, here, ""),
        ):
            self.assertEqual(made(raw, model)["loadInformation"], (load,), model)

    def test_resync_is_a_restart_without_a_reboot(self) -> None:
        """The phone wants an event of its own with a body; all stamps are none, so every file is new."""
        notify = PLUGIN.resync(Device("d1"), settings_of({}))
        assert isinstance(notify, Notify)
        self.assertEqual((notify.event, notify.media_type), ("service-control", "text/plain"))
        self.assertEqual(
            notify.body.split(b"\r\n"),
            [
                b"action=restart",
                b"RegisterCallId={}",
                b"ConfigVersionStamp={0000000000000000}",
                b"DialplanVersionStamp={0000000000000000}",
                b"SoftkeyVersionStamp={0000000000000000}",
                b"",
            ],
        )
