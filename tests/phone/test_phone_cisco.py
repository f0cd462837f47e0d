"""How Cisco's Enterprise phones boot, SIP and SCCP, step by step, and what they show."""

from collections.abc import Mapping

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.profiles import PROFILES
from provserver.phone.profiles.cisco_files import read_device
from provserver.phone.values import Account, Booted, Fetched, Key, Memory, Phone
from tests.phone.cisco_files import P7962, P8945, SCCP, SIP
from tests.phone.scripted import names, ok, play

SERVER = "tftp://127.0.0.1:6969/"
TRUST_8945 = ["CTLSEP001B54123456.tlv", "ITLSEP001B54123456.tlv", "ITLFile.tlv"]
OWN_8945 = "SEP001B54123456.cnf.xml"
TRUST_7962 = ["CTLSEP001B54123457.tlv", "ITLSEP001B54123457.tlv", "ITLFile.tlv"]
OWN_7962 = "SEP001B54123457.cnf.xml"

VENDOR_CLASSES = {  # as in Wazo's DHCP examples
    "7905G": "Cisco Systems, Inc. IP Phone 7905",
    "7912G": "Cisco Systems, Inc. IP Phone 7912",
    "7920": "Cisco Systems, Inc. IP Phone 7920\0",
    "7921G": "Cisco Systems Inc. Wireless Phone 7921",
    "7937G": "Cisco Systems, Inc. IP Phone CP-7937G",
    "7940": "Cisco Systems, Inc. IP Phone CP-7940\0",
    "7960G": "Cisco Systems, Inc. IP Phone CP-7960G\0",
    "7962G": "Cisco Systems, Inc. IP Phone CP-7962G\0",
    "7971G": "Cisco Systems, Inc. IP Phone CP-7971G-GE\0",
}

# bytes -> what the phone says about them
NO_DEVICE_FILE = {
    b"": "not XML: no element found",
    b"\xff<device/>": "not UTF-8 at byte 0",
    b"<device>": "not XML: no element found",
    b"<device/><device/>": "not XML: junk after document element",
    b"<device>&x;</device>": "not XML: undefined entity",
    b"<device>\x01</device>": "not XML: not well-formed",
    b"<Default/>": "the root is <Default>, expected <device>",
    b"<html>404</html>": "the root is <html>, expected <device>",
    b'<!DOCTYPE device [<!ENTITY a "aaaa">]><device>&a;</device>': "a document type, which could blow",
    '<?xml version="1.0" encoding="UTF-16"?><device/>'.encode("utf-16"): "not UTF-8",
}


def boot(
    phone: Phone, answers: Mapping[str, Fetched | bytes], memory: Memory | None = None
) -> tuple[Booted, list[str]]:
    table = {name: ok(body) if isinstance(body, bytes) else body for name, body in answers.items()}
    booted, asked = play(PROFILES[phone.vendor].boot(phone, SERVER, memory or Memory()), table)
    return booted, names(asked)


class SipBootTests(SynchronousTestCase):
    def test_the_files_in_their_order(self) -> None:
        """Trust lists, its own file, what that names, and the tones of the country; firmware that it runs already
        is not asked for."""
        booted, asked = boot(P8945, {OWN_8945: SIP})
        self.assertEqual(
            asked, [*TRUST_8945, OWN_8945, "dialplan.xml", "SoftKeys.xml", "i18n/france/g4-tones.xml"]
        )
        self.assertEqual((booted.provisioned, booted.problems), (True, ()))

    def test_it_asks_by_tftp_without_headers(self) -> None:
        """The MAC stands in capitals in the name, below the folder of the server."""
        _, asked = play(PROFILES["cisco_sip"].boot(P8945, f"{SERVER}k3y/", Memory()), {})
        self.assertEqual(asked[3].url, f"{SERVER}k3y/{OWN_8945}")
        self.assertEqual({tuple(fetch.headers) for fetch in asked}, {()})

    def test_without_its_own_file_it_asks_for_the_one_for_all(self) -> None:
        """Which holds firmware, but no line: the phone is not provisioned by it."""
        booted, asked = boot(P8945, {"XMLDefault.cnf.xml": b"<Default/>"})
        self.assertEqual(asked, [*TRUST_8945, OWN_8945, "XMLDefault.cnf.xml"])
        self.assertFalse(booted.provisioned)

    def test_other_firmware_is_asked_for(self) -> None:
        """Where it is not there the phone asks again at each start, which somebody should know."""
        older = evolve(P8945, version="SIP8941_8945.9-2-3")
        booted, asked = boot(older, {OWN_8945: SIP})
        self.assertEqual(asked[-2:], ["SIP8941_8945.9-3-1-18.loads", "i18n/france/g4-tones.xml"])
        self.assertIn("SIP8941_8945.9-3-1-18.loads: not there", booted.problems[0])
        booted, _ = boot(older, {OWN_8945: SIP, "SIP8941_8945.9-3-1-18.loads": b"x"})
        self.assertEqual(booted.problems, ())

    def test_what_it_cannot_read_it_does_not_take(self) -> None:
        """It shows what it had before."""
        memory = boot(P8945, {OWN_8945: SIP})[0].memory
        for body, problem in NO_DEVICE_FILE.items():
            with self.subTest(body=body):
                booted, _ = boot(P8945, {OWN_8945: body}, memory)
                self.assertFalse(booted.provisioned)
                self.assertIn(f"{OWN_8945}: {problem}", booted.problems[0])
                self.assertEqual(booted.display.accounts[0].label, "1001")

    def test_a_phone_that_gets_nothing_shows_what_it_had(self) -> None:
        """The configuration is in its flash."""
        memory = boot(P8945, {OWN_8945: SIP})[0].memory
        booted, _ = boot(P8945, {}, memory)
        self.assertFalse(booted.provisioned)
        self.assertEqual(booted.display.accounts[0].user_name, "alice")

    def test_odd_names_of_files_are_noted(self) -> None:
        """A file may name anything; the boot goes on."""
        odd = SIP.replace(b"dialplan.xml", b"ftp://h/x").replace(b">SIP8941_8945.9-3-1-18<", b">http://[x<")
        booted, asked = boot(P8945, {OWN_8945: odd})
        self.assertEqual(asked[-1], "i18n/france/g4-tones.xml")
        self.assertEqual(len(booted.problems), 3)


class SipDisplayTests(SynchronousTestCase):
    def display(self, body: bytes) -> tuple[list[Account], list[Key], tuple[str, ...]]:
        booted, _ = boot(P8945, {OWN_8945: body})
        return list(booted.display.accounts), list(booted.display.keys), booted.problems

    def test_buttons_are_lines_and_keys(self) -> None:
        """In the phone's words; of the password only that there is one."""
        accounts, keys, _ = self.display(SIP)
        self.assertEqual(
            accounts,
            [Account(1, True, "1001", "Alice A", "alice", "192.0.2.20:5061", "udp", password_set=True)],
        )
        self.assertEqual(
            keys,
            [
                Key("button 2", "BLF", "Carol", "1003", None),
                Key("button 3", "speed dial", "Desk", "0145", None),
            ],
        )

    def test_language_and_time_zone(self) -> None:
        """By the names that Cisco gives them."""
        display = boot(P8945, {OWN_8945: SIP})[0].display
        self.assertEqual(
            (display.language, display.time_zone), ("french_france", "Central Europe Standard/Daylight Time")
        )

    def test_a_line_may_name_its_own_server(self) -> None:
        """Else it is the call manager of the first priority; a line without any cannot register."""
        own = SIP.replace(b"USECALLMANAGER", b"192.0.2.30").replace(b"Protocol>2<", b"Protocol>3<")
        accounts, _, _ = self.display(own)
        self.assertEqual((accounts[0].server, accounts[0].transport), ("192.0.2.30:5060", "tls"))
        for nowhere in (SIP.replace(b"USECALLMANAGER", b""), SIP.replace(b"192.0.2.20", b"")):
            accounts, _, _ = self.display(nowhere)
            self.assertEqual((accounts[0].server, accounts[0].enabled), ("", False))

    def test_a_button_that_is_not_there_is_told(self) -> None:
        """The phone has four: a server that numbers on from the last line is found out."""
        for button in ("5", "0", "", "9" * 5000, "one"):
            with self.subTest(button=button[:9]):
                body = SIP.replace(b'button="3"', f'button="{button}"'.encode())
                number = button if button in ("5", "0") else "0"
                self.assertEqual(self.display(body)[2], (f"button {number}: an 8945 has no such place",))

    def test_an_unknown_feature_is_shown_by_its_number(self) -> None:
        """As is a transport."""
        body = SIP.replace(b"<featureID>2<", b"<featureID>7<").replace(b"Protocol>2<", b"Protocol>9<")
        accounts, keys, _ = self.display(body)
        self.assertEqual((keys[1].type, accounts[0].transport), ("feature 7", "unknown"))


class SccpBootTests(SynchronousTestCase):
    def test_the_files_in_their_order(self) -> None:
        """Its file names call managers, by priority; accounts and keys come from there."""
        booted, asked = boot(P7962, {OWN_7962: SCCP})
        self.assertEqual(asked, [*TRUST_7962, OWN_7962, "i18n/france/g3-tones.xml"])
        self.assertTrue(booted.provisioned)
        self.assertEqual(booted.display.call_managers, ("192.0.2.20:2000", "192.0.2.21:2001"))
        self.assertEqual((booted.display.accounts, booted.display.keys), ((), ()))
        self.assertEqual(booted.display.language, "french_france")

    def test_old_phones_ask_for_other_files(self) -> None:
        """No ITL and no `.loads`, but lists of ring tones; and a font on the smallest."""
        old = evolve(P7962, model="7940G", version="P0030801SR02")
        _, asked = boot(old, {OWN_7962: SCCP})
        rings = ["RINGLIST.XML", "DISTINCTIVERINGLIST.XML"]
        self.assertEqual(asked, [TRUST_7962[0], OWN_7962, "i18n/france/g3-tones.xml", *rings])
        _, asked = boot(evolve(old, model="7912G"), {OWN_7962: SCCP})
        self.assertEqual(asked[2], "i18n/french_france/7905-font.xml")

    def test_other_firmware_is_asked_for(self) -> None:
        """As the SIP phones do."""
        booted, asked = boot(evolve(P7962, version="SCCP42.8-5-2S"), {OWN_7962: SCCP})
        self.assertIn("SCCP42.9-4-2SR1-1S.loads", asked)
        self.assertIn("SCCP42.9-4-2SR1-1S.loads: not there", booted.problems[0])

    def test_a_phone_without_call_manager_is_not_provisioned(self) -> None:
        """It would wait for ever: that the file came is not enough."""
        booted, _ = boot(P7962, {OWN_7962: b"<device/>"})
        self.assertFalse(booted.provisioned)
        self.assertIn("no call manager", booted.problems[0])

    def test_without_its_file_it_shows_what_it_had(self) -> None:
        """As the SIP phones do."""
        memory = boot(P7962, {OWN_7962: SCCP})[0].memory
        booted, asked = boot(P7962, {}, memory)
        self.assertEqual((booted.provisioned, asked[-1]), (False, "XMLDefault.cnf.xml"))
        self.assertEqual(len(booted.display.call_managers), 2)

    def test_odd_priorities_come_first(self) -> None:
        """A phone takes no number as none."""
        odd = SCCP.replace(b'priority="1"', b'priority="' + b"9" * 5000 + b'"')
        booted, _ = boot(P7962, {OWN_7962: odd})
        self.assertEqual(booted.display.call_managers[0], "192.0.2.21:2001")


class ModelTests(SynchronousTestCase):
    def test_every_model_boots(self) -> None:
        """All models of the list can be played, and have an option 60 of Cisco's."""
        for vendor, body in (("cisco_sip", SIP), ("cisco_sccp", SCCP)):
            profile = PROFILES[vendor]
            for model, version in profile.models.items():
                with self.subTest(model=model):
                    phone = evolve(P8945, vendor=vendor, model=model, version=version)
                    self.assertTrue(boot(phone, {OWN_8945: body})[0].provisioned)
                    self.assertTrue(profile.vendor_class(phone).startswith("Cisco Systems"))
                    self.assertEqual(profile.user_agent(phone), "")

    def test_option_60_as_seen_on_the_wire(self) -> None:
        """With the NUL where there is one: it is what identifies these phones."""
        for model, text in VENDOR_CLASSES.items():
            phone = evolve(P7962, model=model)
            self.assertEqual(PROFILES["cisco_sccp"].vendor_class(phone), text)
        self.assertEqual(PROFILES["cisco_sip"].vendor_class(P8945), "Cisco Systems, Inc. IP Phone CP-8945")


class ReadDeviceTests(SynchronousTestCase):
    def test_what_is_no_device_file_is_refused(self) -> None:
        """With what was found instead."""
        for body, text in NO_DEVICE_FILE.items():
            with self.subTest(body=body):
                self.assertIn(text, str(self.assertRaises(Invalid, read_device, body)))

    def test_a_byte_order_mark_and_a_declaration_are_read(self) -> None:
        """Editors write them."""
        self.assertEqual(read_device(b"\xef\xbb\xbf<device/>").tag, "device")
        self.assertEqual(read_device(b'<?xml version="1.0" encoding="UTF-8"?>\n<device/>').tag, "device")

    def test_deep_nesting_is_no_danger(self) -> None:
        """A hostile file must not end the process."""
        depth = 200_000
        self.assertEqual(
            read_device(b"<device>" + b"<a>" * depth + b"</a>" * depth + b"</device>").tag, "device"
        )

    @settings(derandomize=True, max_examples=200)
    @given(st.binary(max_size=200), st.booleans())
    def test_no_bytes_surprise_the_parser(self, body: bytes, inside: bool) -> None:
        """A server may send anything: it is read or refused."""
        try:
            read_device(b"<device>" + body + b"</device>" if inside else body)
        except Invalid:
            pass
