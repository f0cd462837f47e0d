"""What Polycom phones are known by, beyond the examples of `identify.py`, and which path is which file."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.support import best
from provserver.dhcp.config.rules import rules
from provserver.model import Device, Facts, FileRule, Sighting
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Phone
from provserver.vendors.table import Vendor
from tests.dhcp.offers import VALUES
from tests.vendors.making import vendor, vendors

POLYCOM = vendor("polycom")
PLUGIN = POLYCOM.plugins[-1]
MAC = "00:04:f2:aa:bb:cc"
OTHER_OUI = "00:e0:db:aa:bb:cc"
PHONE = Device("d1", mac=MAC, vendor="Polycom", model="VVX410")
VVX = "FileTransport PolycomVVX-VVX_410-UA/"


def identify(user_agent: str = "", path: str = "", mac: str = "", option_60: str = "") -> Facts:
    options = {60: option_60.encode("latin-1")} if option_60 else {}
    sighting = Sighting(
        "http", 0.0, "192.0.2.7", "http://192.0.2.1", path, user_agent=user_agent, mac=mac, options=options
    )
    return Dispatcher([POLYCOM]).identify(sighting)[0]


def known(facts: Facts) -> tuple[str | None, ...]:
    return facts.vendor, facts.model, facts.version, facts.mac


class PolycomIdentifyTests(SynchronousTestCase):
    def test_only_the_firmware_tells_its_version(self) -> None:
        """The updater has one of its own: the version of a phone would change twice at every start."""
        for end, version in (
            ("5.9.2.3446 Type/Application", "5.9.2.3446"),
            ("5.9.2.3446 (SN:64167fa1b2c3) Type/Application", "5.9.2.3446"),
            ("5.9.2.3446 Type/Updater", None),
            ("3.2.1.0078 Type/Updater", None),
            ("5.9.2.3446", None),
            ("4.2.1.0275", None),
            ("3.2.1.0078", "3.2.1.0078"),
            ("2.2.2.0084", "2.2.2.0084"),
            ("13.2.1.0078", None),
            ("", None),
            ("nonsense Type/Application", None),
        ):
            self.assertEqual(known(identify(VVX + end))[:3], ("Polycom", "VVX410", version), end)

    def test_a_serial_number_is_the_mac(self) -> None:
        """Behind NAT it tells phones apart that ask for files of all."""
        facts = identify(f"{VVX}5.9.2.3446 (SN:64167FA1B2C3) Type/Application", "common.cfg")
        self.assertEqual(known(facts), ("Polycom", "VVX410", "5.9.2.3446", "64:16:7f:a1:b2:c3"))
        self.assertIsNone(identify(f"{VVX}5.9.2.3446 (SN:64167fa1b2) Type/Application").mac)

    def test_a_model_is_what_it_says_whole(self) -> None:
        """VVX_300 begins as VVX_3000 would; a model that is in no table is not guessed."""
        for token, model in (("VVX_300", "VVX300"), ("VVX_3000", None), ("VVX_30", None), ("SPIP_332", None)):
            facts = identify(f"FileTransport PolycomVVX-{token}-UA/5.9.2.3446 Type/Application")
            self.assertEqual(known(facts), ("Polycom", model, "5.9.2.3446", None), token)
            facts = identify(option_60=f"Polycom-VVX-{token}")
            self.assertEqual(facts.model, model, token)

    def test_others_are_not_polycoms(self) -> None:
        """Words alone do not make a phone."""
        for user_agent in (
            "",
            "Polycom",
            "Mozilla/5.0 PolycomVVX-VVX_410-UA/5.9.2.3446",
            "FileTransport VVX-VVX_410-UA/5.9.2.3446",
            "PolycomVVX-VVX_410-UA/5.9.2.3446",  # SIP
        ):
            self.assertIsNone(identify(user_agent).vendor, user_agent)

    def test_a_mac_in_the_path_counts_with_any_oui_in_the_phones_own_names(self) -> None:
        """Newer phones have OUIs that are in no table; `<mac>.cfg` alone may be anybody's."""
        for path, expected in (
            ("0004f2aabbcc.cfg", ("Polycom", MAC)),
            ("key/0004F2AABBCC-user.cfg", ("Polycom", MAC)),
            ("0004f2aabbcc-now-app.log", ("Polycom", MAC)),
            ("00e0dbaabbcc-user.cfg", (None, OTHER_OUI)),
            ("00e0dbaabbcc.cfg", (None, None)),
            ("0004f2aabbc-user.cfg", (None, None)),
            ("x0004f2aabbcc-user.cfg", (None, None)),
            ("000000000000-license.cfg", ("Polycom", None)),
            ("000000000000.cfg", ("Polycom", None)),
            ("common.cfg", (None, None)),
            ("phone1.cfg", (None, None)),
        ):
            facts = identify(path=path)
            self.assertEqual((facts.vendor, facts.mac), expected, path)
        facts = identify(f"{VVX}5.9.2.3446 Type/Application", "00e0dbaabbcc-user.cfg")
        self.assertEqual((facts.model, facts.mac), ("VVX410", OTHER_OUI))

    def test_leases_say_the_model(self) -> None:
        """Before the first request, whose path has no MAC; also from a lease that was spoilt on its way."""
        sub_options = "\x01\x07Polycom\x02\x0bVVX-VVX_410\x03\x112345-11605-001,2\x04\x0eSIP/5.9.2.3446"
        for text, expected in (
            (f"\0\0\x36\x3d\x38{sub_options}\xff", ("VVX410", "5.9.2.3446")),
            (f"6=8{sub_options}", ("VVX410", "5.9.2.3446")),
            (sub_options[:24], ("VVX410", None)),
            ("Polycom-VVX_410", (None, None)),
            ("Polycom", (None, None)),
        ):
            facts = identify(option_60=text, mac=MAC)
            self.assertEqual((facts.vendor, facts.model, facts.version), ("Polycom", *expected), text)

    def test_every_models_binary_option_60_is_read(self) -> None:
        """As the simulated phone writes it, byte by byte; no other vendor sees one of its own in it."""
        profile = PROFILES["polycom"]
        for model, version in profile.models.items():
            option_60 = profile.vendor_class(Phone("polycom", model, MAC, version)).encode("latin-1")
            lease = Sighting("dhcp", 0.0, "192.0.2.7", "", mac=MAC, options={60: option_60})
            facts, steps = Dispatcher(vendors()).identify(lease)
            self.assertEqual(known(facts), ("Polycom", model, version, MAC))
            self.assertEqual([step.reason_id for step in steps], ["identify.found"])

    def test_the_release_is_chosen_by_model_and_version(self) -> None:
        """Exact where the first two numbers are a release's; else the nearest that has the model; the newest of those
        that have it where the version is not known."""
        for model, version, plugin, word in (
            ("VVX410", "5.9.2.3446", "polycom-5.9.2", "exact"),
            ("VVX410", "5.9.6.2327", "polycom-5.9.2", "exact"),
            ("VVX410", "5.5.3.2959", "polycom-5.5.1", "exact"),
            ("VVX410", "5.4.3.1014", "polycom-5.4.3", "exact"),
            ("VVX410", "4.1.4.7430", "polycom-5.4.3", "exact"),
            ("VVX410", "5.7.0.1", "polycom-5.8.2", "complete"),
            ("VVX410", None, "polycom-5.9.2", "complete"),
            ("VVX411", "6.3.1.8427", "polycom-6.4.6", "complete"),
            ("VVX411", None, "polycom-6.4.6", "complete"),
            ("SPIP335", "3.2.1.0078", "polycom-3.2.4B", "exact"),
            ("SPIP335", "4.0.4.2906", "polycom-4.0.11", "exact"),
            ("SPIP335", "3.3.5.0247", "polycom-3.2.4B", "complete"),
            ("SPIP335", None, "polycom-4.0.11", "complete"),
            ("SPIP601", "3.1.6.0017", "polycom-3.1.6", "exact"),
            ("SPIP601", "2.2.2.0084", "polycom-3.1.6", "complete"),
            ("VVX1500", "3.2.4.0244", "polycom-3.2.4B", "exact"),
            ("VVX1500", "5.9.2.3446", "polycom-5.9.2", "exact"),
            (None, "3.2.7.0", "polycom-3.2.4B", "probable"),
            (None, None, "polycom-6.4.6", "probable"),
        ):
            support = best([POLYCOM], Facts(vendor="Polycom", model=model, version=version))
            assert support
            self.assertEqual((support.plugin.id, support.word), (plugin, word), (model, version))

    def test_every_phone_is_sent_to_the_master_file(self) -> None:
        """By its OUI: a binary option 60 is nothing that a DHCP server can look for."""
        assert isinstance(POLYCOM, Vendor)
        (rule,) = rules([POLYCOM], VALUES)
        url = f"{VALUES['url']}/000000000000.cfg".encode()
        self.assertEqual({option.code: option.value for option in rule.options}, {66: url, 160: url})
        (offer,) = POLYCOM.dhcp
        self.assertEqual(offer.ouis, ("00:04:f2", "48:25:67", "64:16:7f"))


class PolycomFilesTests(SynchronousTestCase):
    def rule(self, path: str, device: Device | None = PHONE, method: str = "GET") -> FileRule | None:
        return PLUGIN.file_for(path, method, Facts(), device)

    def test_the_phones_own_file_is_its_own_alone(self) -> None:
        """Not even a phone that we know gets another one's file by asking for it."""
        self.assertEqual(
            self.rule("0004F2AABBCC-user.cfg"),
            FileRule(
                "device",
                "0004f2aabbcc-user.cfg",
                "device.tpl",
                format="xml",
                media_type="text/xml",
                proves_config=True,
            ),
        )
        self.assertIsNone(self.rule("0004f2aabbcd-user.cfg"))
        self.assertIsNotNone(self.rule("0004f2aabbcd-user.cfg", None))
        self.assertIsNone(self.rule("0004f2aabbcc-user.cfg", method="PUT"))

    def test_what_the_phone_expects_not_to_be_there_is_not(self) -> None:
        """A 404 at once is what lets it go on."""
        for path in (
            *("0004f2aabbcc-phone.cfg", "0004f2aabbcc-web.cfg", "0004f2aabbcc-license.cfg"),
            *("000000000000-license.cfg", "0004f2aabbcc-directory.xml", "000000000000-directory.xml"),
            *("0004f2aabbcc-app.log", "", "favicon.ico", "x/sip.ld", "common.cfg.tpl", "0000000000000.cfg"),
        ):
            self.assertIsNone(self.rule(path), path)
            self.assertIsNone(self.rule(path, None), path)

    def test_what_all_phones_share_is_no_secret(self) -> None:
        """They are asked for by phones that are not known yet, and by all of one kind."""
        for path, source in (
            ("000000000000.cfg", "common"),
            ("common.cfg", "common"),
            ("phone1.cfg", "static"),
            ("sip.cfg", "static"),
            ("sip.ld", "firmware"),
            ("sip_316.ld", "firmware"),
            ("bootblock.ld", "firmware"),
            ("2345-12450-001.bootrom.ld", "firmware"),
            ("3111-46157-002.sip.ld", "firmware"),
            ("VVXLocalization/French_France/VVX-dictionary.xml", "static"),
            ("SoundPointIPLocalization/French_France/SoundPointIP-dictionary.xml", "static"),
        ):
            rule = self.rule(path, None)
            assert rule, path
            self.assertEqual((rule.source, rule.secret, rule.name), (source, False, path), path)

    def test_the_master_file_has_two_names(self) -> None:
        """A phone that was told a folder asks for `<mac>.cfg` before the one for all, and is known at once."""
        rule = self.rule("0004F2AABBCC.cfg", None)
        assert rule
        self.assertEqual(
            (rule.source, rule.name, rule.template), ("common", "0004f2aabbcc.cfg", "master.tpl")
        )
        self.assertIsNone(self.rule("0004f2aabbcd.cfg"))

    def test_a_phone_writes_its_own_logs_and_changes(self) -> None:
        """Into its own names and no other's; the list of its calls is nobody's business."""
        for end in ("boot.log", "app.log", "now-app.log", "phone.cfg", "web.cfg", "directory.xml"):
            rule = self.rule(f"0004F2AABBCC-{end}", method="PUT")
            assert rule, end
            self.assertEqual(
                (rule.source, rule.secret, rule.name), ("upload", True, f"0004f2aabbcc-{end}"), end
            )
            self.assertIsNone(self.rule(f"0004f2aabbcd-{end}", method="PUT"), end)
        for path in (
            *("0004f2aabbcc-calls.xml", "0004f2aabbcc.cfg", "0004f2aabbcc-user.cfg", "common.cfg"),
            *("000000000000-directory.xml", "logs/0004f2aabbcc-app.log", "0004f2aabbcc-x-app.log"),
        ):
            self.assertIsNone(self.rule(path, method="PUT"), path)
