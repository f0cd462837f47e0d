"""identify: rows are found by their literal, believed in order, and contradictions are told."""

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from provserver.core.identify import Dispatcher
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Facts, Fingerprint, Sighting, Step, Where

MAC = "00:15:65:4a:a9:37"


@implementer(IVendor)
class Brand:
    templates = ""
    plugins: tuple[IVendorPlugin, ...] = ()

    def __init__(self, vendor_id: str, *fingerprints: Fingerprint) -> None:
        self.id = vendor_id
        self.fingerprints = fingerprints


def row(where: Where, literal: str, pattern: str, weight: int = 0, **gives: str) -> Fingerprint:
    return Fingerprint(where, literal, pattern, gives, weight)


ACME = Brand(
    "acme",
    row(
        "user-agent",
        "acme",
        r"acme (?P<model>\w+) (?P<version>[\d.]+)(?: (?P<mac>[0-9a-f:.]+))?",
        vendor="Acme",
    ),
    row("path", "001565", r"^(?P<mac>001565[0-9a-f]{6})\.cfg$", vendor="Acme"),
    row("query", "mac=", r"mac=(?P<mac>[0-9a-f:]{17})", vendor="Acme"),
    row("option-60", "acme", r"^acme (?P<model>\w+)\x00?$", vendor="Acme"),
    row("oui", "00:15:65", r"", vendor="Acme"),
)
OTHER = Brand(
    "other",
    row("path", ".cfg", r"(?P<mac>[0-9a-f]{12})\.cfg$", vendor="Other"),
    row("user-agent", "phone", r"(?P<model>phone)", vendor="Other"),
)


def seen(
    user_agent: str = "",
    path: str = "",
    query: tuple[tuple[str, str], ...] = (),
    mac: str = "",
    options: Mapping[int, bytes] | None = None,
) -> Sighting:
    return Sighting(
        "http", 0.0, "10.0.0.7", "http://10.0.0.1", path, query=query, user_agent=user_agent, mac=mac,
        options=options or {},
    )  # fmt: skip


def identify(sighting: Sighting, *brands: Brand) -> tuple[Facts, list[str]]:
    facts, steps = Dispatcher(brands or (ACME, OTHER)).identify(sighting)
    return facts, [step.reason_id for step in steps]


class IdentifyTests(SynchronousTestCase):
    def test_each_place_gives_its_facts(self) -> None:
        """A phone may say who it is in any one of five places; each alone is enough."""
        for sighting, model, mac in (
            (seen("Acme T46 66.86.0.15 00:15:65:4A:A9:37"), "T46", MAC),
            (seen(query=(("mac", MAC),)), None, MAC),
            (seen(path="0015654aa937.cfg"), None, MAC),
            (seen(options={60: b"acme T46\0"}), "T46", None),
            (seen(mac=MAC), None, MAC),
        ):
            facts, reasons = identify(sighting)
            self.assertEqual((facts.vendor, facts.model, facts.mac), ("Acme", model, mac), sighting)
            self.assertEqual(reasons[0], "identify.found")

    def test_the_earlier_place_decides_whose_phone_it_is(self) -> None:
        """The path `<mac>.cfg` is used by many vendors; a User-Agent outweighs it, and only its vendor speaks."""
        facts, _ = identify(seen("my phone", "0015654aa937.cfg"))
        self.assertEqual((facts.vendor, facts.mac), ("Other", MAC))
        self.assertEqual(facts.said_by["mac"], "other: path")

    def test_weight_decides_within_one_place_then_the_vendors_id(self) -> None:
        """Never the order in which vendors were loaded."""
        plain, heavy = row("path", "x", "x", vendor="Plain"), row("path", "x", "x", 1, vendor="Heavy")
        for brands in ((Brand("a", plain), Brand("z", heavy)), (Brand("z", heavy), Brand("a", plain))):
            self.assertEqual(identify(seen(path="x"), *brands)[0].vendor, "Heavy")
        equal = (Brand("b", plain), Brand("a", row("path", "x", "x", vendor="First")))
        self.assertEqual(identify(seen(path="x"), *equal)[0].vendor, "First")

    def test_two_macs_are_told_as_a_contradiction(self) -> None:
        """The User-Agent's mac is believed, and the administrator can see that the path had another."""
        dispatcher = Dispatcher((ACME,))
        facts, steps = dispatcher.identify(seen(f"acme T46 1.2 {MAC}", "001565000001.cfg"))
        self.assertEqual(facts.mac, MAC)
        values = ("mac", MAC, "acme: user-agent", "00:15:65:00:00:01", "acme: path")
        self.assertIn(Step("identify", "identify.contradiction", values), steps)

    def test_a_lease_mac_is_believed_before_all_text(self) -> None:
        """The DHCP server saw the mac on the wire."""
        facts, reasons = identify(seen(options={60: b"acme T46"}, mac="00:15:65:00:00:09"))
        self.assertEqual((facts.mac, facts.model), ("00:15:65:00:00:09", "T46"))
        self.assertNotIn("identify.contradiction", reasons)

    def test_a_malformed_mac_does_not_hide_model_and_version(self) -> None:
        """Yealink's hyphen form has a hardware id where others have the mac."""
        facts, reasons = identify(seen("Acme T46 28.71.0.81 28.1.0.128.0.0.0"))
        self.assertEqual((facts.model, facts.version, facts.mac), ("T46", "28.71.0.81", None))
        self.assertIn("identify.malformed", reasons)

    def test_twelve_zeros_are_no_mac(self) -> None:
        """Phones write them for "none"; a device with that mac would be everybody's."""
        facts, _ = identify(seen("acme T46 1.2 00:00:00:00:00:00"))
        self.assertIsNone(facts.mac)

    def test_a_mac_is_read_however_it_is_written(self) -> None:
        """Each vendor has a way of its own."""
        any_mac = Brand("any", row("path", "x", r"^x(?P<mac>.+)$", vendor="Any"))
        for text, mac in (
            ("0015654AA937", MAC),
            ("00:15:65:4A:A9:37", MAC),
            ("00-15-65-4a-a9-37", MAC),
            ("0015.654a.a937", MAC),
            ("0:15:65:4a:a9:37", MAC),
            ("000000000000", None),
            ("00:00:00:00:00:00", None),
            ("0015654aa93", None),
            ("0015654aa93x", None),
            ("\u0661" * 12, None),
        ):
            facts, reasons = identify(seen(path=f"x{text}"), any_mac)
            self.assertEqual((facts.mac, "identify.malformed" in reasons), (mac, mac is None), text)

    def test_odd_text_is_nothing_and_harms_nobody(self) -> None:
        """Anything may stand in a request; none of it is an exception."""
        for text in ("", "\udcff\udcfe", "a" * 10_000, "\x00", "acme", "{0}", "%s", "acme T46"):
            facts, reasons = identify(seen(text, text))
            self.assertIsNone(facts.vendor, text[:20])
            self.assertEqual(reasons, ["identify.nothing"])

    def test_only_rows_whose_literal_occurs_are_tried(self) -> None:
        """The cost must not grow with the number of vendors: a pattern that would match anything stays silent."""
        facts, _ = identify(
            seen("nothing of the sort"), Brand("greedy", row("user-agent", "greedy", ".*", vendor="G"))
        )
        self.assertIsNone(facts.vendor)

    def test_literals_may_overlap_and_begin_alike(self) -> None:
        """Every row whose literal occurs is tried, wherever another one's ends."""
        rows = {
            literal: row("user-agent", literal, f"(?P<{fact}>{literal})", vendor="V")
            for literal, fact in (
                ("yea", "model"),
                ("yealink", "version"),
                ("yeal", "serial"),
                ("link", "uuid"),
                ("nope", "mac"),
            )
        }
        facts, _ = identify(seen("a Yealink"), Brand("v", *rows.values()))
        self.assertEqual(
            (facts.model, facts.serial, facts.version, facts.uuid), ("Yea", "Yeal", "Yealink", "link")
        )
        for one in rows.values():
            alone, _ = identify(seen("a Yealink"), Brand("v", one))
            self.assertEqual(alone.vendor, None if one.literal == "nope" else "V", one.literal)

    def test_literals_are_no_expressions(self) -> None:
        """Paths are full of dots, and option 60 of parentheses."""
        for literal in (".cfg", "a+b", "(x", "[", "a|b", "\\d", "ß"):
            greedy = Brand("g", row("path", literal, "(?P<model>.)", vendor="G"))
            self.assertEqual(identify(seen(path=f"x{literal}y"), greedy)[0].vendor, "G", literal)
            self.assertIsNone(identify(seen(path="acfg aab ax 5 a b"), greedy)[0].vendor, literal)

    def test_long_texts_are_not_remembered(self) -> None:
        """Thousands of headers of 16 KiB would be: they are read each time."""
        dispatcher = Dispatcher((ACME,))
        for text in ("acme A1 1.0", "acme A1 1.0" + "x" * 1000):
            facts, steps = dispatcher.identify(seen(text))
            again, _ = dispatcher.identify(seen(text))
            self.assertEqual((facts.model, facts), ("A1", again))
            self.assertEqual(facts is again, len(text) < 100)
            self.assertEqual(steps[0].reason_id, "identify.found")

    def test_no_vendors_is_no_phone(self) -> None:
        """Whoever uninstalls everything is answered all the same."""
        facts, steps = Dispatcher(()).identify(seen("acme A1 1.0", "x.cfg", mac=MAC))
        self.assertEqual((facts.vendor, facts.mac), (None, MAC))
        self.assertEqual(steps[0].reason_id, "identify.found")
