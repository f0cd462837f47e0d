"""What the tables of the SCCP phones alone do not say."""

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Unfit
from provserver.model import Device, Facts, Settings
from provserver.vendors.table import FIRMWARE
from tests.contracts.vendor_settings import HOSTILE
from tests.plugins.cisco_sccp.reading import read
from tests.vendors.making import TODAY, render, settings_of, vendor

PLUGINS = {plugin.id: plugin for plugin in vendor("cisco-sccp").plugins}
MEMBERS = "devicePool/callManagerGroup/members"


def made(raw: Mapping[str, object], model: str | None = "7942G", plugin_id: str = "cisco-sccp-9.4") -> bytes:
    plugin = PLUGINS[plugin_id]
    device = Device("d1", mac="00:11:22:aa:bb:cc", vendor="Cisco", model=model)
    rule = plugin.file_for("SEP001122AABBCC.cnf.xml", "GET", Facts(), device)
    assert rule
    return render(plugin, rule, device, settings_of(raw))


class CallManagersTests(SynchronousTestCase):
    def test_they_stand_in_the_order_of_their_numbers(self) -> None:
        """1 is the highest priority, which is 0 for the phone; a gap in the numbers is none in the priorities."""
        found = read(made({"sccp_call_managers": {"10": {"ip": "c"}, "0": {"ip": "a"}, "2": {"ip": "b"}}}))
        hosts = [found[f"{MEMBERS}/member[{at}]/callManager/processNodeName"] for at in range(3)]
        self.assertEqual(hosts, [("a",), ("b",), ("c",)])
        self.assertFalse([path for path in found if "member[3]" in path])

    def test_without_one_the_list_is_empty(self) -> None:
        """A SIP proxy is no call manager: the phone says that it has none, which is true."""
        for raw in ({}, {"sip_proxy_ip": "192.0.2.10"}):
            self.assertEqual([path for path in read(made(raw)) if path.startswith(MEMBERS)], [MEMBERS], raw)

    def test_hostile_hosts_are_literal_or_refused(self) -> None:
        """The contract's table has no call managers; a text may not become another element."""
        for text in HOSTILE:
            try:
                found = read(made({"sccp_call_managers": {"1": {"ip": text}}}))
            except Unfit as refused:
                self.assertEqual(refused.setting, "sccp_call_managers.1.ip")
                self.assertNotIn(text, str(refused))
            else:
                self.assertEqual(found[f"{MEMBERS}/member[0]/callManager/processNodeName"], (text,))

    def test_settings_without_any_are_taken(self) -> None:
        """Whoever makes Settings by hand may leave the table out."""
        plugin = PLUGINS["cisco-sccp-9.4"]
        rule = plugin.file_for("XMLDefault.cnf.xml", "GET", Facts(), None)
        assert rule
        found = plugin.values(rule, None, Settings("http://192.0.2.1", {}, {}, {}), TODAY)
        self.assertEqual(found["call_managers"], ())


class LoadsTests(SynchronousTestCase):
    def test_a_phone_is_told_its_plugins_load(self) -> None:
        """Where that is here and may be told: a load that is not there makes a phone look for it at every start."""
        for plugin_id, model, load in (
            ("cisco-sccp-9.4", "7942G", "SCCP42.9-4-2SR1-1S"),
            ("cisco-sccp-9.4", "7942g", "SCCP42.9-4-2SR1-1S"),
            ("cisco-sccp-9.4", "7945G", "SCCP45.9-4-2SR3-1S"),
            ("cisco-sccp-9.4", "7975G", ""),  # there is none of this generation
            ("cisco-sccp-9.4", None, ""),
            ("cisco-sccp-8.5.2", "7975G", "SCCP75.8-5-2S"),
            ("cisco-sccp-legacy", "7905G", "CP7905080003SCCP070409A"),
            ("cisco-sccp-legacy", "7937G", ""),  # the reference names the 7940's
            ("cisco-sccp-wireless-1.4.5", "7921G", "CP7921G-1.4.5.3"),
            ("cisco-sccp-cipc-2.1.2", "CIPC", ""),
        ):
            for raw, expected in (({FIRMWARE: tuple(PLUGINS[plugin_id].images)}, load), ({}, "")):
                found = read(made(raw, model, plugin_id))
                self.assertEqual(found["loadInformation"], (expected,), (plugin_id, model))


class LocaleTests(SynchronousTestCase):
    def test_languages_and_tones_are_told_where_there_are_any(self) -> None:
        """Austria speaks German, but a German dial tone would be a guess; Italy has neither in the packages."""
        for locale, language, tones in (
            ("de_DE", "i18n/german_germany", "i18n/germany"),
            ("es_ES", "i18n/spanish_spain", "i18n/spain"),
            ("fr_CA", "i18n/french_france", "i18n/canada"),
            ("en_US", "i18n/english_united_states", "i18n/united_states"),
            ("en_GB", "i18n/english_united_states", None),
            ("de_AT", "i18n/german_germany", None),
            ("it_IT", None, None),
        ):
            found = read(made({"locale": locale}))
            self.assertEqual(found.get("userLocale/name"), (language,) if language else None, locale)
            self.assertEqual(found.get("networkLocale"), (tones,) if tones else None, locale)
