"""SIP PnP through the whole chain: from the datagram to the URL, and who gets none."""

from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.core.identify import Dispatcher
from provserver.model import Device, Presence, Sighting, Tenant
from provserver.sip.pnp import PnpInterface
from provserver.vendors.loader import bundled, load
from tests.fakes.office import KEY, MAC, Office
from tests.sip.pnp_fakes import Wire
from tests.sip.sip_messages import subscribe

OURS = ("10.0.0.1", 5060)
PHONE = ("10.0.0.7", 5060)


class PnpChainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office, self.wire = Office(), Wire()

    def told(self, data: bytes, source: tuple[str, int] = PHONE, allowed: str = "10.0.0.0/8") -> list[bytes]:
        """Ask as a phone does; return what was sent to it."""
        interface = PnpInterface(
            OURS, self.office.provisioner, Networks([allowed]), self.office.clock, lambda: "t1"
        )
        interface.makeConnection(cast(Any, self.wire))
        interface.datagramReceived(data, source)
        interface.doStop()
        return [sent for sent, _ in self.wire.sent]

    def test_a_known_vendors_phone_becomes_a_device_and_gets_its_url(self) -> None:
        """Plug and play without any DHCP: vendor, model and MAC are known before the first request."""
        _, notify = self.told(subscribe())
        self.assertTrue(notify.startswith(b"NOTIFY "))
        self.assertTrue(notify.endswith(b"\r\n\r\nhttp://10.0.0.1:8667/"))
        (device,) = self.office.devices()
        known = self.office.store.get(Device, device.id)
        self.assertEqual((known.mac, known.vendor, known.model, known.plugin), (MAC, "Acme", "A60", "acme-2"))
        self.assertEqual(self.office.store.get(Presence, device.id).version, "2.1")
        (asked,) = self.office.provisioner.timeline(device.id)
        self.assertEqual((asked.protocol, asked.answer.steps[-1].reason_id), ("sip", "find.url"))
        self.assertEqual(asked.answer.steps[-1].values, ("http://10.0.0.1:8667",))

    def test_a_key_is_for_known_phones_only(self) -> None:
        """As in a phone's own file; the steps, which administrators of other tenants may see, never hold it."""
        self.office.put(Tenant("master", name="master", key=KEY))
        _, notify = self.told(subscribe())
        self.assertTrue(notify.endswith(f"\r\n\r\nhttp://10.0.0.1:8667/{KEY}/".encode()))
        (device,) = self.office.devices()
        self.assertNotIn(KEY, repr(self.office.provisioner.timeline(device.id)))
        self.wire.sent.clear()
        _, notify = self.told(subscribe("sip:224.0.1.75", From="<sip:phone@h>;tag=1"), ("10.0.0.8", 5060))
        self.assertTrue(notify.endswith(b"\r\n\r\nhttp://10.0.0.1:8667/"))

    def test_an_unknown_vendors_phone_gets_no_answer(self) -> None:
        """Another server on this LAN may know it; the device is there for an administrator to see."""
        unknown = subscribe(
            "sip:224.0.1.75", From="<sip:MAC%3a001122334455@h>;tag=1", Event="ua-profile;vendor=X"
        )
        self.assertEqual(self.told(unknown), [])
        self.assertEqual(len(self.office.devices()), 1)

    def test_a_phone_without_mac_is_answered_and_not_learnt(self) -> None:
        """AudioCodes says no MAC: its model is enough for a URL, but not for a device."""
        _, notify = self.told(subscribe("sip:224.0.1.75", From="<sip:phone@h>;tag=1"))
        self.assertTrue(notify.endswith(b"\r\n\r\nhttp://10.0.0.1:8667/"))
        self.assertEqual(self.office.devices(), [])

    def test_beyond_the_allowed_networks_the_chain_refuses_too(self) -> None:
        """Even if the responder let it through."""
        self.assertEqual(self.told(subscribe(), ("203.0.113.9", 5060), "0.0.0.0/0"), [])
        self.assertEqual(self.office.devices(), [])


class PnpNamesTests(SynchronousTestCase):
    def test_yealinks_fingerprints_read_the_words_of_its_event(self) -> None:
        """`<vendor> <model> <version>` is close enough to the User-Agent that the same row serves both."""
        dispatcher = Dispatcher(load([bundled()], None).vendors)
        for words in ("yealink T46S 66.86.0.15", "Yealink SIP-T46S 66.86.0.15"):
            sighting = Sighting("sip", 0.0, "10.0.0.7", "", mac="00:15:65:4a:a9:37", user_agent=words)
            facts, _ = dispatcher.identify(sighting)
            self.assertEqual((facts.vendor, facts.model, facts.version), ("Yealink", "T46S", "66.86.0.15"))
            self.assertEqual(facts.said_by["mac"], "SIP PnP")
