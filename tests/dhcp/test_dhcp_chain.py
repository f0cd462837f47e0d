"""Leases that are well formed and odd, from the socket as far as the Provisioner."""

from provserver.core.surroundings import compiled
from provserver.model import Device, Fingerprint, Presence
from tests.dhcp.receiver_case import ReceiverCase, commit
from tests.fakes.office import Office
from tests.fakes.vendors import Acme


class ChainTests(ReceiverCase):
    ACME, OTHER = "00:ac:ed:00:00:01", "00:ac:ed:00:00:02"

    def setUp(self) -> None:
        super().setUp()
        self.office = Office()
        self.reactor.advance(self.office.clock.seconds() - self.reactor.seconds())
        self.started(provisioner=self.office.provisioner)

    def presence(self, mac: str) -> tuple[str | None, str | None]:
        (device,) = self.office.store.find(Device, "mac", mac)
        presence = self.office.store.get(Presence, device.id)
        return presence.ip, presence.proven_ip

    def test_a_lease_makes_a_device_and_proves_its_address(self) -> None:
        """Before its first request: what it may fetch then depends on it."""
        self.send(commit("10.0.0.7", self.ACME))
        self.assertEqual(self.presence(self.ACME), ("10.0.0.7", "10.0.0.7"))

    def test_a_renewal_changes_nothing(self) -> None:
        """DHCP servers tell of each renewal; a thousand phones renew all day."""
        self.send(commit("10.0.0.7", self.ACME))
        seq = self.office.store.seq
        self.send(*[commit("10.0.0.7", self.ACME)] * 5)
        self.assertEqual(self.office.store.seq, seq)

    def test_of_two_leases_for_one_address_the_newer_holds(self) -> None:
        """The address was given to somebody else: the phone that had it has none, and proves none."""
        self.send(commit("10.0.0.7", self.ACME), commit("10.0.0.7", self.OTHER))
        self.assertEqual(self.presence(self.OTHER)[1], "10.0.0.7")
        self.assertEqual(self.presence(self.ACME)[1], None)

    def test_of_one_macs_two_addresses_the_newer_holds(self) -> None:
        """A phone that moved to another network; also a clone of it, which DHCP cannot tell from it."""
        self.send(commit("10.0.0.7", self.ACME), commit("10.0.0.8", self.ACME))
        self.assertEqual(self.presence(self.ACME), ("10.0.0.8", "10.0.0.8"))

    def test_a_lease_for_anothers_address_takes_it_from_him(self) -> None:
        """Whom the DHCP server gave the address, his it is, whatever was seen there before."""
        self.office.answer(ip="10.0.0.9", path="common.cfg")  # the phone ACME asks from there
        self.send(commit("10.0.0.9", self.OTHER))
        self.assertEqual(self.presence(self.OTHER)[1], "10.0.0.9")
        self.assertEqual(self.presence(self.ACME)[1], None)

    def test_the_model_comes_from_option_60(self) -> None:
        """A phone that says only there what it is, is known before it asks."""
        row = Fingerprint("option-60", "acme", r"^acme (?P<model>\w+)", {"vendor": "Acme"})
        self.office.provisioner.use(compiled((Acme(fingerprints=(row,)),)))
        self.send(commit("10.0.0.7", "00:11:22:33:44:55", "06061.63.6d.65.20.41.36.30"))
        (device,) = self.office.store.find(Device, "mac", "00:11:22:33:44:55")
        self.assertEqual((device.vendor, device.model, device.plugin), ("Acme", "A60", "acme-2"))
