"""What Yealink phones are known by, beyond the examples of `identify.py`, and which path is which file."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.support import best
from provserver.model import Device, Facts, FileRule, Sighting
from tests.vendors.making import vendor

YEALINK = vendor("yealink")
PLUGIN = next(plugin for plugin in YEALINK.plugins if plugin.id == "yealink-v86")
MAC = "00:15:65:4a:a9:37"
PHONE = Device("d1", mac=MAC, vendor="Yealink", model="T46S")


def identify(user_agent: str = "", path: str = "", mac: str = "", option_60: bytes = b"") -> Facts:
    options = {60: option_60} if option_60 else {}
    sighting = Sighting(
        "http", 0.0, "192.0.2.7", "http://192.0.2.1", path, user_agent=user_agent, mac=mac, options=options
    )
    return Dispatcher([YEALINK]).identify(sighting)[0]


def known(facts: Facts) -> tuple[str | None, ...]:
    return facts.vendor, facts.model, facts.version, facts.mac


class IdentifyTests(SynchronousTestCase):
    def test_a_malformed_mac_costs_neither_model_nor_version(self) -> None:
        """Seen on the wire: a colon in the wrong place."""
        facts = identify("Yealink SIP-T46G 28.83.0.120 00:15:654:a:a9:37")
        self.assertEqual(known(facts)[:3], ("Yealink", "T46G", "28.83.0.120"))
        facts = identify("Yealink SIP-T46G 28.83.0.120")
        self.assertEqual(known(facts), ("Yealink", "T46G", "28.83.0.120", None))

    def test_a_mac_in_the_path_counts_only_with_an_oui_of_yealink(self) -> None:
        """Other vendors' phones ask for `<mac>.cfg` too."""
        self.assertEqual(
            known(identify(path="0015654c4c26.cfg")), ("Yealink", None, None, "00:15:65:4c:4c:26")
        )
        self.assertEqual(known(identify(path="805EC04C4C26-local.cfg"))[3], "80:5e:c0:4c:4c:26")
        for path in (
            "001b44113ab7.cfg",
            "0015654c4c2.cfg",
            "0015654c4c26.txt",
            "x0015654c4c26.cfg",
            "lang/a.cfg",
        ):
            self.assertEqual(known(identify(path=path)), (None,) * 4, path)

    def test_the_common_file_tells_the_model_where_its_platform_is_one(self) -> None:
        """Before any User-Agent is seen, and of a TFTP client for ever."""
        for path, model in (
            ("y000000000066.cfg", "T46S"),
            ("y000000000025.cfg", "W52P"),
            ("y000000000108.cfg", None),
            ("y000000000000.boot", None),
        ):
            self.assertEqual(known(identify(path=path))[:2], ("Yealink", model), path)
        self.assertIsNone(identify(path="y00000000066.cfg").vendor)

    def test_the_user_agent_is_believed_before_the_path(self) -> None:
        """A W56P asks for the file of the W52P."""
        facts = identify("Yealink W56P 25.80.0.15 00:15:65:b8:60:05", "y000000000025.cfg")
        self.assertEqual(known(facts), ("Yealink", "W56P", "25.80.0.15", "00:15:65:b8:60:05"))

    def test_others_are_not_yealinks(self) -> None:
        """Words alone do not make a phone."""
        for user_agent in (
            "",
            "Mozilla/5.0 yealinkish",
            "Fanvil X4 2.10 00:15:65:4a:a9:37",
            "W52P",
            "XW52P 25.30.0.2 00:15:65:44:b3:7c",
        ):
            self.assertIsNone(identify(user_agent).vendor, user_agent)

    def test_leases_say_the_vendor(self) -> None:
        """Option 60 is a setting of the phone, the OUI is not."""
        self.assertEqual(identify(option_60=b"yealink", mac="02:00:00:00:00:01").vendor, "Yealink")
        self.assertEqual(known(identify(mac=MAC)), ("Yealink", None, None, MAC))

    def test_the_release_is_chosen_by_the_version(self) -> None:
        """Exact where both numbers are in the table; else the nearest generation that knows the model, or the newest:
        the vendor's files are better than none."""
        for model, version, plugin, score in (
            ("T46S", "66.86.0.15", "yealink-v86", 600),
            ("T46S", "66.86.0.160", "yealink-v86", 600),
            ("T46S", "66.81.0.25", "yealink-v81", 600),
            ("T46S", "66.80.0.1", "yealink-v81", 598),
            ("T46S", "66.87.0.5", "yealink-v86", 598),
            ("T46S", None, "yealink-v86", 500),
            ("T20P", None, "yealink-v73", 500),
            ("T28P", "2.70.0.140", "yealink-v73", 596),
            ("T38G", "38.70.0.125", "yealink-v73", 396),
            ("W52P", "25.30.0.2", "yealink-v73", 556),
            ("W60B", "77.81.0.35", "yealink-v83", 597),
            ("CP860", "37.72.0.5", "yealink-v80", 591),
            ("W90DM", "130.85.0.15", "yealink-v85", 600),
            ("AX86R", "180.86.0.1", "yealink-v87", 598),
            ("T99X", "201.90.0.1", "yealink-v87", 396),
            (None, None, "yealink-v87", 300),
        ):
            support = best([YEALINK], Facts(vendor="Yealink", model=model, version=version))
            assert support
            self.assertEqual((support.plugin.id, support.score), (plugin, score), (model, version))


class FilesTests(SynchronousTestCase):
    def rule(self, path: str, device: Device | None = PHONE, method: str = "GET") -> FileRule | None:
        return PLUGIN.file_for(path, method, Facts(), device)

    def test_the_boot_file_is_not_there(self) -> None:
        """Without one the phone asks for the common file and its own, which is all that we want."""
        for path in ("0015654aa937.boot", "y000000000000.boot", "0015654aa937-local.cfg", "favicon.ico"):
            self.assertIsNone(self.rule(path), path)
            self.assertIsNone(self.rule(path, None), path)

    def test_the_phones_own_file_is_its_own_alone(self) -> None:
        """Not even a phone that we know gets another one's file by asking for it."""
        self.assertEqual(
            self.rule("0015654AA937.cfg"),
            FileRule("device", "0015654aa937.cfg", "device.tpl", format="key-value", proves_config=True),
        )
        own = self.rule("0015654aa937-own.pem")
        assert own
        self.assertEqual((own.source, own.secret, own.proves_config), ("device", True, False))
        self.assertIsNone(self.rule("0015654aa938-own.pem"))
        self.assertIsNone(self.rule("0015654aa938.cfg"))
        self.assertIsNotNone(self.rule("0015654aa938.cfg", None))
        self.assertIsNone(self.rule("000000000000.cfg"))
        self.assertIsNone(self.rule("0015654aa937.cfg", method="PUT"))

    def test_what_all_phones_share_is_no_secret(self) -> None:
        """They are asked for by phones that are not known yet, and by all of one kind."""
        for path, source in (
            ("y000000000066.cfg", "common"),
            ("directory_setting.xml", "common"),
            ("firmware/T46S(T48S,T42S,T41S)-66.86.0.15.rom", "firmware"),
            ("firmware/$PN-130.85.0.44.rom", "firmware"),
            ("lang/T48S-T57W/004.GUI.French.lang", "static"),
        ):
            rule = self.rule(path, None)
            assert rule, path
            self.assertEqual((rule.source, rule.secret, rule.name), (source, False, path))
