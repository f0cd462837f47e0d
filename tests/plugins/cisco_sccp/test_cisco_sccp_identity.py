"""How CallManager phones are known, which plugin serves them, and which path is which file."""

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

SCCP = vendor("cisco-sccp")
MAC = "00:11:22:aa:bb:cc"
FILE = "SEP001122AABBCC.cnf.xml"
PHONE = Device("d1", mac=MAC, vendor="Cisco", model="7942G")


def lease(option_60: bytes) -> Facts:
    seen = Sighting("dhcp", 0.0, "192.0.2.7", "", mac=MAC, options={60: option_60})
    return Dispatcher(vendors()).identify(seen)[0]


def tftp(path: str) -> Facts:
    seen = Sighting("tftp", 0.0, "192.0.2.7", "tftp://192.0.2.1", path)
    return Dispatcher(vendors()).identify(seen)[0]


def chosen(facts: Facts) -> tuple[str, int] | None:
    support = best(vendors(), facts)
    return (support.plugin.id, support.score) if support else None


class CiscoSccpIdentifyTests(SynchronousTestCase):
    def test_option_60_says_the_model(self) -> None:
        """With and without NUL, comma, letter and Gigabit; the plugin follows from it."""
        for option_60, model, plugin in (
            (b"Cisco Systems, Inc. IP Phone CP-7962G\0", "7962G", "cisco-sccp-9.4"),
            (b"Cisco Systems, Inc. IP Phone CP-7962G", "7962G", "cisco-sccp-9.4"),
            (b"Cisco Systems, Inc. IP Phone CP-7940\0", "7940", "cisco-sccp-legacy"),
            (b"Cisco Systems, Inc. IP Phone CP-7940G\0", "7940G", "cisco-sccp-legacy"),
            (b"Cisco Systems, Inc. IP Phone CP-7937G", "7937G", "cisco-sccp-legacy"),
            (b"Cisco Systems, Inc. IP Phone CP-7971G-GE\0", "7971G", "cisco-sccp-9.4"),
            (b"Cisco Systems, Inc. IP Phone CP-7975G\0", "7975G", "cisco-sccp-8.5.2"),
            (b"Cisco Systems, Inc. IP Phone 7912", "7912G", "cisco-sccp-legacy"),
            (b"Cisco Systems, Inc. IP Phone 7920\0", "7920", "cisco-sccp-legacy"),
            (b"Cisco Systems Inc. Wireless Phone 7921", "7921G", "cisco-sccp-wireless-1.4.5"),
        ):
            facts = lease(option_60)
            self.assertEqual((facts.vendor, facts.model, facts.mac), ("Cisco", model, MAC), option_60)
            self.assertEqual(chosen(facts), (plugin, 500), option_60)

    def test_a_phone_that_says_less_is_served_as_the_most_common_kind(self) -> None:
        """SCCP needs no model; a model that no row has is served where its name is of the family."""
        for option_60, model in (
            (b"Cisco Systems, Inc.", None),
            (b"Cisco Systems, Inc. IP Phone\0", None),
            (b"Cisco Systems, Inc. IP Phone CP-7902G\0", "7902G"),
            (b"Cisco Systems, Inc. IP Phone CP-6921\0", "6921"),
        ):
            facts = lease(option_60)
            self.assertEqual((facts.vendor, facts.model), ("Cisco", model), option_60)
            self.assertEqual(chosen(facts), ("cisco-sccp-9.4", 300), option_60)

    def test_ciscos_other_families_are_not_these(self) -> None:
        """They have one brand and nothing else in common: none may get a file of the kind `SEP….cnf.xml`."""
        for option_60 in (
            b"Cisco Systems, Inc. IP Phone CP-7841-3PCC\0",
            b"Cisco Systems, Inc. IP Phone SPA504G",
            b"Cisco SPA525G2",
            b"CISCO ATA191-MPP",
            b"Cisco AP c3700",
            b"dslforum.org Cisco Systems, Inc.",
            b"Cisco Systems, Inc. IP Phone CP-79\xff\xfe",
            b"\0",
        ):
            self.assertIsNone(lease(option_60).vendor, option_60)
        for model in ("7841", "8851", "SPA504G", "ATA192"):
            self.assertIsNone(chosen(Facts(vendor="Cisco", model=model)), model)

    def test_names_of_files_say_the_mac(self) -> None:
        """TFTP has no User-Agent: the path is all that a request says."""
        for path in (FILE, FILE.lower(), "CTLSEP001122AABBCC.tlv", "ITLSEP001122AABBCC.tlv"):
            facts = tftp(path)
            self.assertEqual((facts.vendor, facts.model, facts.mac), ("Cisco", None, MAC), path)
        for path in (
            "SEP001122AABBC.cnf.xml",
            "SEP001122AABBCCD.cnf.xml",
            "SEP001122AABBCG.cnf.xml",
            "xSEP001122AABBCC.cnf.xml",
            "SEP001122AABBCC.cnf.xml.bak",
            "SIP001122AABBCC.cnf",
            "SCCP42.9-4-2SR1-1S.loads",
        ):
            self.assertEqual((tftp(path).vendor, tftp(path).mac), (None, None), path)
        self.assertEqual(tftp("SEP000000000000.cnf.xml").mac, None)
        self.assertEqual(tftp("ITLFile.tlv").vendor, "Cisco")
        for path in ("Communicator/a.xml", "Communicator\\a.xml"):
            self.assertEqual((tftp(path).vendor, tftp(path).model), ("Cisco", "CIPC"), path)
        self.assertEqual(chosen(tftp("Communicator/a.xml")), ("cisco-sccp-cipc-2.1.2", 500))

    def test_a_phone_known_by_its_lease_gets_its_file_by_tftp(self) -> None:
        """The lease says mac and model, the path only the mac: the model is the device's from then on."""
        facts = lease(b"Cisco Systems, Inc. IP Phone CP-7962G\0")
        support = best(vendors(), facts)
        assert support
        device = discover(facts, "d1", "master", support.plugin.id, None).device
        seen = tftp(FILE)
        matched = match(
            seen,
            (),
            "192.0.2.7",
            lambda index, value: (device,) if (index, value) == ("mac", MAC) else (),
            lambda _: (False, 0.0),
        )
        self.assertIs(matched.device, device)
        self.assertEqual(known(matched.device, seen, None).model, "7962G")
        self.assertIsNotNone(support.plugin.file_for(FILE, "GET", seen, device))

    def test_an_old_version_is_brought_up_in_two_steps(self) -> None:
        """From below 8.3.3 straight to more than 8.5.2 a phone restarts for ever."""
        for version, plugin in (
            ("8.2.1", "cisco-sccp-8.5.2"),
            ("8.5.2", "cisco-sccp-8.5.2"),
            ("9.4.2SR1", "cisco-sccp-9.4"),
            ("9.3.1", "cisco-sccp-9.4"),
        ):
            support = best(vendors(), Facts(vendor="Cisco", model="7962G", version=version))
            assert support
            self.assertEqual(support.plugin.id, plugin, version)

    def test_every_phone_that_is_known_is_sent_here(self) -> None:
        """A phone that is recognised and told of no server would wait for ever; the others are not lured."""
        assert isinstance(SCCP, Vendor)
        (offer,) = SCCP.dhcp
        ends = [text.partition("*") for text in offer.option_60]

        def is_offered(text: str) -> bool:
            told = text.rstrip("\0")
            return any(told.startswith(start) if star else told == start for start, star, _ in ends)

        for row in SCCP.fingerprints:
            for text, _ in row.examples if row.where == "option-60" else ():
                self.assertTrue(is_offered(text), text)
        for text in ("Cisco Systems, Inc. IP Phone CP-7841-3PCC", "Cisco Systems, Inc. IP Phone SPA504G", ""):
            self.assertFalse(is_offered(text), text)


class CiscoSccpFilesTests(SynchronousTestCase):
    def rule(self, path: str, device: Device | None = PHONE, method: str = "GET") -> FileRule | None:
        return SCCP.plugins[-1].file_for(path, method, Facts(), device)

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
        for path in ("CTLSEP001122AABBCC.tlv", "ITLSEP001122AABBCC.tlv", "ITLFile.tlv", "CTLFile.tlv"):
            self.assertIsNone(self.rule(path), path)
            self.assertIsNone(self.rule(path, None), path)

    def test_what_all_phones_share_is_no_secret(self) -> None:
        """Loads lie in the root, languages in `i18n`; two names are spelt in two ways."""
        for path, source, stored in (
            ("SCCP42.9-4-2SR1-1S.loads", "firmware", "SCCP42.9-4-2SR1-1S.loads"),
            ("CP7921G-1.4.5.3.LOADS", "firmware", "CP7921G-1.4.5.3.LOADS"),
            ("jar42sccp.9-4-2ES26.sbn", "firmware", "jar42sccp.9-4-2ES26.sbn"),
            ("cmterm_7920.4.0-03-02.bin", "firmware", "cmterm_7920.4.0-03-02.bin"),
            ("P0030801SR02.sb2", "firmware", "P0030801SR02.sb2"),
            ("CP7905080003SCCP070409A.zup", "firmware", "CP7905080003SCCP070409A.zup"),
            ("OS79XX.TXT", "firmware", "OS79XX.TXT"),
            ("i18n/france/g3-tones.xml", "static", "i18n/france/g3-tones.xml"),
            ("i18n/french_france/ipc-sccp.jar", "static", "i18n/french_france/ipc-sccp.jar"),
            ("RINGLIST.XML", "static", "RINGLIST.XML"),
            ("Ringlist.xml", "static", "RINGLIST.XML"),
            ("DistinctiveRinglist.xml", "static", "DISTINCTIVERINGLIST.XML"),
        ):
            rule = self.rule(path, None)
            assert rule, path
            self.assertEqual((rule.source, rule.secret, rule.template), (source, False, stored), path)

    def test_other_paths_are_nothing(self) -> None:
        """Among them firmware in a folder, where no phone looks for it."""
        for path in ("", "favicon.ico", "x/P0030801SR02.bin", ".loads", "i18n/", "dialplan.xml"):
            self.assertIsNone(self.rule(path, None), path)

    def test_the_empty_lists_of_old_phones_are_there(self) -> None:
        """So that their requests succeed, each is a document that the phone can read."""
        root = Path(next(plugin for plugin in SCCP.plugins if plugin.id == "cisco-sccp-legacy").root)
        for name, tag in (
            ("RINGLIST.XML", "CiscoIPPhoneRingList"),
            ("DISTINCTIVERINGLIST.XML", "CiscoIPPhoneRingList"),
            ("i18n/french_france/7905-font.xml", "Glyphs"),
        ):
            document = ElementTree.fromstring((root / name).read_text())
            self.assertEqual((document.tag, len(document)), (tag, 0), name)
            rule = self.rule(name, None)
            self.assertEqual(rule and rule.template, name)
