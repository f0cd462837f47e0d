"""the chain: one decision for every protocol, and explain is the same decision."""

import re

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Answer, Config, Device, Json, Presence, Sighting, Tenant, Upload
from tests.fakes.office import KEY, MAC, OTHER_KEY, Office, own_config

FILE = "00aced000001.cfg"


def reasons(answer: Answer) -> list[str]:
    return [step.reason_id for step in answer.steps]


class NewPhoneTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()

    def test_every_step_of_a_first_boot(self) -> None:
        """Design section 2, arrow by arrow."""
        answer = self.office.answer(path=FILE)
        self.assertEqual(
            reasons(answer),
            [
                "identify.found",
                "match.none",
                "access.all",
                "learn.new",
                "choose.chosen",
                "find.found",
                "render.done",
            ],
        )
        assert answer.file and answer.file.body
        self.assertIn(b"user = waiting", answer.file.body)

    def test_the_device_and_its_config_are_stored_before_the_answer(self) -> None:
        """What the phone was told must be true after a power cut."""
        answer = self.office.answer(path=FILE)
        device = self.office.store.get(Device, answer.device or "")
        self.assertEqual(
            (device.mac, device.vendor, device.model, device.plugin), (MAC, "Acme", "A60", "acme-2")
        )
        self.assertEqual((device.tenant, device.added), ("master", "auto"))
        config = self.office.store.get(Config, device.config or "")
        self.assertEqual((config.parents, config.transient), (("autoprov",), True))
        self.assertTrue(config.id.startswith("autoprov"))
        self.assertEqual(self.office.store.get(Presence, device.id).ip, "10.0.0.7")

    def test_a_second_request_changes_no_revision(self) -> None:
        """A boot storm of known phones must cost no disk write."""
        first = self.office.answer(path=FILE)
        seq = self.office.store.seq
        second = self.office.answer(path=FILE)
        self.assertEqual(second.device, first.device)
        self.assertEqual(self.office.store.seq, seq)
        self.assertEqual(reasons(second)[1:5], ["match.by-mac", "access.all", "learn.known", "choose.kept"])

    def test_explain_says_the_same_and_changes_nothing(self) -> None:
        """Explain that used other code would explain something else."""
        sighting = self.office.sighting(path=FILE)
        explained = self.office.provisioner.explain(sighting)
        self.assertEqual((self.office.store.seq, self.office.store.find(Device, "mac", MAC)), (0, ()))
        answered = self.office.answer(path=FILE)
        self.assertEqual(reasons(explained), reasons(answered))
        assert explained.file and answered.file
        bodies = (answer.file.body or b"" for answer in (explained, answered) if answer.file)
        told, given = (re.sub(rb"Waiting \w{6}", b"", body) for body in bodies)
        self.assertEqual(told, given)  # but for the mark, which is of the device's id

    def test_a_phone_without_identity_gets_common_files_and_becomes_no_device(self) -> None:
        """Otherwise each anonymous request would make one more."""
        answer = self.office.answer(user_agent="acme A60 2.1", path="common.cfg")
        self.assertEqual(answer.outcome, "file")
        self.assertIn("learn.no-identity", reasons(answer))
        self.assertEqual(self.office.devices(), [])

    def test_an_unknown_vendor_is_told_what_came_nearest(self) -> None:
        """The administrator reads this when a phone does not work."""
        answer = self.office.answer(user_agent=f"acme A99 2.1 {MAC}", path=FILE)
        step = answer.steps[-1]
        self.assertEqual(
            (step.reason_id, step.values), ("choose.no-plugin", ("Acme", "A99", "acme-2", "unknown"))
        )
        self.assertEqual(answer.outcome, "nothing")

    def test_the_limit_of_new_devices_is_told_as_busy(self) -> None:
        """Design section 8: a phone beyond it comes again, a known one is served."""
        office = Office(burst=1)
        self.assertEqual(office.answer(path=FILE).outcome, "file")
        late = office.answer(user_agent="acme A60 2.1 00:ac:ed:00:00:02", path="00aced000002.cfg")
        self.assertEqual((late.outcome, reasons(late)[-1]), ("busy", "learn.too-many-new"))
        self.assertGreater(late.retry_s, 0)
        self.assertEqual(office.answer(path=FILE).outcome, "file")

    def test_a_phone_that_a_lease_made_is_completed_by_its_first_request(self) -> None:
        """The lease knows the mac, the User-Agent the model; plugin and file come with the latter."""
        lease = self.office.answer(protocol="dhcp", mac=MAC, user_agent="")
        self.assertEqual((lease.outcome, reasons(lease)[-1]), ("noted", "learn.new"))
        device = self.office.store.get(Device, lease.device or "")
        self.assertEqual((device.model, device.plugin), (None, None))
        answer = self.office.answer(path=FILE)
        self.assertEqual((answer.outcome, answer.device), ("file", lease.device))
        self.assertIn("learn.filled", reasons(answer))
        self.assertEqual(self.office.store.get(Device, device.id).plugin, "acme-2")


class KnownPhoneTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()
        self.device = Device(
            "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"
        )
        self.office.put(self.device, own_config("c1"))

    def test_it_gets_its_own_file_with_its_password(self) -> None:
        """What the product is for."""
        answer = self.office.answer(path=FILE)
        assert answer.file and answer.file.body
        self.assertIn(b"password = s3cret", answer.file.body)
        self.assertIn(b"url = http://10.0.0.1:8667\n", answer.file.body)

    def test_what_it_fetched_is_noted(self) -> None:
        """Resync watches for it; HEAD fetches nothing."""
        self.office.answer(path=FILE, method="HEAD")
        self.assertEqual(self.office.store.get(Presence, "d1").fetched, {})
        answer = self.office.answer(path=FILE)
        presence = self.office.store.get(Presence, "d1")
        assert answer.file
        self.assertEqual(presence.fetched, {FILE: answer.file.etag})
        self.assertEqual((presence.username, presence.version), ("anna", "2.1"))

    def test_no_step_and_no_timeline_holds_the_password(self) -> None:
        """Both are shown to whoever may read a device."""
        self.office.answer(path=FILE)
        self.assertNotIn("s3cret", repr(self.office.provisioner.timeline("d1")))

    def test_another_phones_file_is_not_served(self) -> None:
        """A mac in the path must be the identified device's."""
        answer = self.office.answer(path="00aced000002.cfg")
        self.assertEqual((answer.outcome, reasons(answer)[-1]), ("nothing", "find.no-rule"))
        self.assertIn("identify.contradiction", reasons(answer))

    def test_an_administrators_plugin_is_never_overridden(self) -> None:
        """Also where it is not here, or does not fit the phone at all."""
        self.office.put(evolve(self.device, plugin="acme-1"))
        self.assertIn("choose.kept", reasons(self.office.answer(path=FILE)))
        self.office.put(evolve(self.device, plugin="gone-9"))
        answer = self.office.answer(path=FILE)
        self.assertEqual((answer.outcome, answer.steps[-1].reason_id), ("nothing", "choose.not-loaded"))

    def test_a_config_that_cannot_be_used_is_named(self) -> None:
        """Missing, none, or invalid: the phone gets nothing, the administrator the reason."""
        for config, reason in (
            (None, "render.done"),
            ("missing", "render.config-missing"),
            ("bad", "render.config-invalid"),
        ):
            office = Office()
            office.put(
                evolve(self.device, config=config), Config("bad", raw=Json(b'{"ntp_enabled":"perhaps"}'))
            )
            self.assertEqual(reasons(office.answer(path=FILE))[-1], reason, config)

    def test_a_parent_that_appears_or_changes_is_seen_at_once(self) -> None:
        """Settings are remembered by the revisions of the whole chain, and by what is missing in it."""
        self.office.put(own_config("c1", parents=("later",)))
        first = self.office.answer(path=FILE)
        self.office.put(Config("later", raw=Json(b'{"locale":"fr_FR"}')))
        self.assertEqual(self.office.locale(FILE), "fr_FR")
        self.office.put(Config("later", raw=Json(b'{"locale":"de_DE"}')))
        self.assertEqual(self.office.locale(FILE), "de_DE")
        self.assertEqual(first.outcome, "file")

    def test_a_phone_may_write_what_its_plugin_names_where_that_is_switched_on(self) -> None:
        """Only a known phone, only its own file, only by a protocol whose shell can take it."""
        office = Office(uploads_by=frozenset({"tftp"}))
        answer = office.answer(protocol="tftp", path="log.txt", method="PUT")
        self.assertEqual((answer.outcome, answer.file), ("noted", None))
        self.assertEqual(answer.upload, Upload(answer.device or "", MAC, "log.txt", 0))
        self.assertEqual(reasons(answer)[-1], "find.upload")
        self.assertEqual(reasons(office.answer(path="log.txt", method="PUT"))[-1], "find.no-uploads")
        stranger = office.answer(
            protocol="tftp", path="log.txt", method="PUT", ip="10.0.0.9", user_agent="acme A60 2.1"
        )
        self.assertEqual((reasons(stranger)[-1], stranger.upload), ("find.unknown-device", None))

    def test_an_upload_or_an_unknown_path_is_nothing(self) -> None:
        """Each with its reason inside, all the same outside."""
        for path, reason in (
            ("log.txt", "find.no-uploads"),
            ("firmware.rom", "find.no-upgrades"),
            ("x/y", "find.no-rule"),
            ("", "find.no-rule"),
        ):
            answer = self.office.answer(path=path)
            self.assertEqual((answer.outcome, reasons(answer)[-1]), ("nothing", reason))

    def test_firmware_is_served_from_its_place(self) -> None:
        """Where its plugin may upgrade. Bytes on disk are streamed by the shell, never read here."""
        office = Office(upgrades=frozenset({"acme-2"}))
        self.assertEqual(reasons(office.answer(path="firmware.rom"))[-1], "find.no-file")
        office.files.store("acme-2", "firmware.rom", b"rom")
        answer = office.answer(path="firmware.rom")
        assert answer.file
        self.assertEqual((answer.file.body, answer.file.size), (None, 3))
        self.assertTrue(answer.file.place)

    def test_it_is_known_by_its_address_alone(self) -> None:
        """A first request without any identity, on a network without NAT."""
        self.office.answer(path=FILE)
        answer = self.office.answer(user_agent="", path="common.cfg")
        self.assertEqual((answer.device, reasons(answer)[1]), ("d1", "match.by-ip"))

    def test_an_address_that_two_phones_use_names_none(self) -> None:
        """Behind a NAT the address would hand one phone's file to the other."""
        self.office.answer(path=FILE)
        self.office.answer(user_agent="acme A60 2.1 00:ac:ed:00:00:02", path="00aced000002.cfg")
        answer = self.office.answer(user_agent="", path="common.cfg")
        self.assertIn("match.none", reasons(answer))


class ElsewhereTests(SynchronousTestCase):
    """From outside the allowed networks, where the policy is *key*."""

    def setUp(self) -> None:
        self.office = Office()
        self.office.put(
            Tenant("master", name="master", key=KEY),
            Tenant("anna", name="Anna", parent="master", key=OTHER_KEY),
            Device("d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="anna"),
            own_config("c1"),
        )

    def elsewhere(self, path: str, **more: object) -> Answer:
        return self.office.answer(path=path, ip="203.0.113.9", **more)

    def test_without_a_key_it_gets_nothing_and_changes_nothing(self) -> None:
        """Not even a file that is no secret; and a stranger leaves no device behind."""
        seq = self.office.store.seq
        for path in (
            FILE,
            "common.cfg",
            "firmware.rom",
            "00aced000009.cfg",
            f"wrong-key/{FILE}",
            f"{KEY}/{FILE}",
        ):
            answer = self.elsewhere(path, user_agent="acme A60 2.1")
            self.assertEqual(answer.outcome, "nothing", path)
        self.assertEqual(self.office.store.seq, seq)

    def test_with_its_tenants_key_it_gets_its_file_and_the_key_in_its_urls(self) -> None:
        """The second stage is only told to who came with the key."""
        answer = self.elsewhere(f"{OTHER_KEY}/{FILE}")
        assert answer.file and answer.file.body
        self.assertIn(f"url = http://10.0.0.1:8667/{OTHER_KEY}\n".encode(), answer.file.body)
        self.assertEqual(self.office.store.get(Presence, "d1").proven_ip, "203.0.113.9")

    def test_a_new_phone_joins_the_tenant_of_its_key(self) -> None:
        """Zero touch for a provider with many tenants."""
        answer = self.elsewhere(f"{OTHER_KEY}/00aced000009.cfg", user_agent="acme A60 2.1 00:ac:ed:00:00:09")
        self.assertEqual(self.office.store.get(Device, answer.device or "").tenant, "anna")

    def test_a_known_proxy_is_not_told_apart_but_an_unknown_one_is(self) -> None:
        """A forgotten proxy setting must not turn the internet into the office."""
        answer = self.office.answer(path=FILE, unknown_proxy=True)
        self.assertEqual((answer.outcome, reasons(answer)[-1]), ("nothing", "access.refused"))

    def test_on_the_office_network_its_file_carries_its_key(self) -> None:
        """Prepared at the office, then carried home: the phone knows the way. A common file never tells it."""
        own = self.office.answer(path=FILE).file
        common = self.office.answer(path="common.cfg").file
        assert own and own.body and common and common.body
        self.assertIn(OTHER_KEY.encode(), own.body)
        self.assertNotIn(OTHER_KEY.encode(), common.body)

    def test_explain_takes_the_key_apart_from_the_path(self) -> None:
        """`explain?key=` is what an administrator can type."""
        sighting: Sighting = self.office.sighting(path=FILE, ip="203.0.113.9")
        self.assertEqual(self.office.provisioner.explain(evolve(sighting, key=OTHER_KEY)).outcome, "file")
        self.assertEqual(
            self.office.provisioner.explain(evolve(sighting, key="wrong-key")).outcome, "nothing"
        )
