"""How an 8941 or 8945 is known, and which path is which file."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.learn import discover
from provserver.core.match import match
from provserver.core.support import best, known
from provserver.model import Device, Facts, FileRule, Sighting
from provserver.vendors.table import Vendor
from tests.vendors.making import vendor, vendors

SIP = vendor("cisco-sip")
PLUGIN = SIP.plugins[-1]
MAC = "00:11:22:aa:bb:cc"
FILE = "SEP001122AABBCC.cnf.xml"
PHONE = Device("d1", mac=MAC, vendor="Cisco", model="8945")


def lease(option_60: bytes) -> Facts:
    seen = Sighting("dhcp", 0.0, "192.0.2.7", "", mac=MAC, options={60: option_60})
    return Dispatcher(vendors()).identify(seen)[0]


class CiscoSipIdentifyTests(SynchronousTestCase):
    def test_option_60_says_the_model(self) -> None:
        """It is the only place: what the phone asks for is the same for all of Cisco's."""
        for option_60, model, score in (
            (b"Cisco Systems, Inc. IP Phone CP-8941", "8941", 500),
            (b"Cisco Systems, Inc. IP Phone CP-8945", "8945", 500),
            (b"Cisco Systems, Inc. IP Phone CP-8945\0", "8945", 500),
            (b"Cisco Systems, Inc. IP Phone CP-8961\0", "8961", 300),
            (b"Cisco Systems, Inc. IP Phone CP-9951\0", "9951", 300),
        ):
            facts = lease(option_60)
            self.assertEqual((facts.vendor, facts.model, facts.mac), ("Cisco", model, MAC), option_60)
            support = best(vendors(), facts)
            assert support
            self.assertEqual((support.plugin.id, support.score), ("cisco-sip-9.3", score), option_60)

    def test_no_other_model_is_served(self) -> None:
        """Cisco's families share a brand and nothing else; a phone that says no model speaks SCCP."""
        for model in (None, "7942G", "7841", "8841", "SPA504G", "ATA192", "CIPC"):
            self.assertEqual(PLUGIN.support(Facts(vendor="Cisco", model=model)), 0, model)
        for option_60 in (
            b"Cisco Systems, Inc. IP Phone CP-8841-3PCC\0",
            b"Cisco Systems, Inc. IP Phone CP-8945-3PCC\0",
            b"Cisco Systems, Inc. IP Phone CP-89451",
            b"CP-8945",
        ):
            self.assertIsNone(lease(option_60).vendor, option_60)

    def test_the_exact_version_is_of_the_release(self) -> None:
        """Nobody says the version of such a phone but an administrator."""
        for version, score in (("9.3.1-18", 600), ("9.3.4", 600), ("9.4.2", 598)):
            facts = Facts(vendor="Cisco", model="8945", version=version)
            self.assertEqual(PLUGIN.support(facts), score, version)

    def test_a_phone_known_by_its_lease_gets_its_file_by_tftp(self) -> None:
        """The path says only the mac, by a row of `cisco-sccp`; plugin and model are the device's."""
        facts = lease(b"Cisco Systems, Inc. IP Phone CP-8945")
        support = best(vendors(), facts)
        assert support
        device = discover(facts, "d1", "master", support.plugin.id, None).device
        seen = Dispatcher(vendors()).identify(Sighting("tftp", 0.0, "192.0.2.7", "tftp://192.0.2.1", FILE))[0]
        matched = match(
            seen,
            (),
            "192.0.2.7",
            lambda index, value: (device,) if (index, value) == ("mac", MAC) else (),
            lambda _: (False, 0.0),
        )
        self.assertIs(matched.device, device)
        self.assertEqual((device.plugin, known(device, seen, None).model), ("cisco-sip-9.3", "8945"))
        self.assertIsNotNone(PLUGIN.file_for(FILE, "GET", seen, device))

    def test_every_phone_that_is_known_is_sent_here(self) -> None:
        """A phone that is recognised and told of no server would wait for ever; the others are not lured."""
        assert isinstance(SIP, Vendor)
        (offer,) = SIP.dhcp
        ends = [text.partition("*") for text in offer.option_60]

        def is_offered(text: str) -> bool:
            told = text.rstrip("\0")
            return any(told.startswith(start) if star else told == start for start, star, _ in ends)

        for row in SIP.fingerprints:
            for text, _ in row.examples if row.where == "option-60" else ():
                self.assertTrue(is_offered(text), text)
        for text in ("Cisco Systems, Inc. IP Phone CP-7841-3PCC", "Cisco Systems, Inc. IP Phone SPA504G", ""):
            self.assertFalse(is_offered(text), text)


class CiscoSipFilesTests(SynchronousTestCase):
    def rule(self, path: str, device: Device | None = PHONE, method: str = "GET") -> FileRule | None:
        return PLUGIN.file_for(path, method, Facts(), device)

    def test_the_phones_own_file_is_its_own_alone(self) -> None:
        """Its name is written in capitals, as the phone asks for it and an administrator names an override."""
        rule = FileRule(
            "device", FILE, "device.tpl", format="xml", media_type="text/xml", secret=True, proves_config=True
        )
        self.assertEqual(self.rule(FILE), rule)
        self.assertEqual(self.rule("SEP001122aabbcc.cnf.xml"), rule)
        self.assertIsNone(self.rule("SEP001122AABBCD.cnf.xml"))
        self.assertIsNotNone(self.rule("SEP001122AABBCD.cnf.xml", None))
        self.assertIsNone(self.rule(FILE, method="PUT"))

    def test_trust_lists_are_not_there(self) -> None:
        """An answer of no such file, at once, is what lets the phone go on without security."""
        for path in ("CTLSEP001122AABBCC.tlv", "ITLSEP001122AABBCC.tlv", "ITLFile.tlv", "", "x/dialplan.xml"):
            self.assertIsNone(self.rule(path), path)
            self.assertIsNone(self.rule(path, None), path)

    def test_what_all_phones_share_is_no_secret(self) -> None:
        """Loads lie in the root, languages in `i18n`."""
        for path, source in (
            ("SIP8941_8945.9-3-1-18.loads", "firmware"),
            ("kern8941_8945.9-3-1-18.sbn", "firmware"),
            ("i18n/france/g4-tones.xml", "static"),
            ("dialplan.xml", "static"),
            ("SoftKeys.xml", "static"),
        ):
            rule = self.rule(path, None)
            assert rule, path
            self.assertEqual((rule.source, rule.secret, rule.template), (source, False, path), path)

    def static(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring((Path(PLUGIN.root) / name).read_text())

    def test_the_dial_plan_ends_every_number(self) -> None:
        """Whatever is dialled, some row says when to send it."""
        rows = {row.attrib["MATCH"]: row.attrib["Timeout"] for row in self.static("dialplan.xml")}
        self.assertEqual(len(rows), 7)
        self.assertEqual((rows["*"], rows["911"], rows[r"\*.."]), ("3", "0", "0"))

    def test_every_soft_key_of_a_set_is_defined(self) -> None:
        """A set that names a key that is not there has a hole on the screen."""
        document = self.static("SoftKeys.xml")
        defined = {key.attrib["keyID"] for key in document.iter("softKeyDef")}
        sets = {
            each.attrib["id"]: [key.attrib["keyID"] for key in each] for each in document.iter("softKeySet")
        }
        self.assertEqual((len(defined), len(sets)), (28, 11))
        self.assertLessEqual({key for keys in sets.values() for key in keys}, defined)
        self.assertEqual(sets["Digits After First"], ["<<", "EndCall"])
