"""The history of devices and configs over REST."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Presence, Tenant
from tests.fakes.office import own_config
from tests.fakes.rest import Answered, RestOffice

ONE = "/dev_mgr/devices/d1"
CONFIG = "/cfg_mgr/configs/c1"


class HistoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def history(self, path: str, token: str | None = None) -> Answered:
        if token is None:
            return self.office.asks("GET", f"{path}/history")
        return self.office.asks("GET", f"{path}/history", token=token)

    def test_each_change_has_who_when_why_and_what_it_left(self) -> None:
        """It is the audit log: newest first."""
        self.office.asks("POST", "/dev_mgr/devices", {"device": {"id": "d1", "vendor": "Acme", "X": 1}})
        self.office.clock.advance(60)
        self.office.asks("PUT", ONE, {"device": {"vendor": "Acme", "model": "A60"}})
        newest, oldest = self.history(ONE).json["history"]
        self.assertEqual(
            (newest["who"], newest["why"]), ("token:administrator", "PUT /0.2/dev_mgr/devices/d1")
        )
        self.assertEqual(
            (newest["at"], oldest["at"]), ("2027-01-15T08:01:00.000Z", "2027-01-15T08:00:00.000Z")
        )
        self.assertEqual(newest["rev"], self.office.store.get(Device, "d1").rev)
        self.assertGreater(newest["rev"], oldest["rev"])
        self.assertEqual(
            newest["document"],
            {"id": "d1", "vendor": "Acme", "model": "A60", "tenant_uuid": "master", "is_new": True},
        )
        self.assertEqual((oldest["document"]["X"], "model" in oldest["document"]), (1, False))

    def test_no_secret_is_in_it(self) -> None:
        """Whoever may read what changed need not know the passwords."""
        self.office.put(own_config("c1"))
        answer = self.history(CONFIG)
        self.assertNotIn("s3cret", answer.text)
        (change,) = answer.json["history"]
        self.assertEqual(change["document"]["raw_config"]["sip_lines"]["1"]["password"], "***")
        self.assertEqual(change["document"]["raw_config"]["sip_lines"]["1"]["username"], "anna")

    def test_the_last_twenty_are_told(self) -> None:
        """A page for a person."""
        for number in range(25):
            self.office.put(Device("d1", model=f"A{number}", tenant="master"))
        models = [change["document"]["model"] for change in self.history(ONE).json["history"]]
        self.assertEqual(models, [f"A{number}" for number in reversed(range(5, 25))])

    def test_it_outlives_the_document(self) -> None:
        """Who deleted it is what everybody asks."""
        self.office.put(own_config("c1"), Device("d1", tenant="master"))
        for path in (ONE, CONFIG):
            self.assertEqual(self.office.asks("DELETE", path).status, 204)
            newest, oldest = self.history(path).json["history"]
            self.assertEqual((newest["why"], newest["document"]), (f"DELETE /0.2{path}", None))
            self.assertEqual(oldest["document"]["id"], path[-2:])

    def test_what_never_was_is_404(self) -> None:
        """The same as for the document itself."""
        for path in (ONE, CONFIG):
            self.assertEqual(self.history(path).status, 404)
        self.office.put(Presence("d1", ip="10.0.0.7"))
        self.assertEqual(self.history(ONE).status, 404)

    def test_who_does_not_see_the_document_does_not_see_its_history(self) -> None:
        """Nor learns that there is one; also when it is deleted."""
        self.office.put(Tenant("t1", parent="master"), Tenant("t2", parent="master"))
        self.office.put(Device("d1", tenant="t1"), Config("c1", tenant="t1"))
        self.office.use(self.office.tenants)
        for token, status in (("t1", 200), ("t2", 404), ("master", 200)):
            for path in (ONE, CONFIG):
                self.assertEqual(self.history(path, token).status, status, (token, path))
        self.assertEqual(self.office.asks("DELETE", ONE, token="t1").status, 204)
        self.assertEqual([self.history(ONE, token).status for token in ("t1", "t2")], [200, 404])

    def test_what_was_another_tenants_stays_so(self) -> None:
        """A device that came to a tenant brings nothing along of who had it before."""
        self.office.put(Tenant("t1", parent="master"))
        self.office.put(Device("d1", tenant="master", model="before"))
        self.office.put(Device("d1", tenant="t1", model="after"))
        self.office.use(self.office.tenants)
        for token, models in (("t1", ["after"]), ("master", ["after", "before"])):
            shown = self.history(ONE, token).json["history"]
            self.assertEqual([change["document"]["model"] for change in shown], models)


class SelectorTests(SynchronousTestCase):
    def test_a_wrong_selector_is_400_and_names_the_operator(self) -> None:
        """Over REST, for each of the ways to be wrong; the reference answers 500."""
        office = RestOffice()
        office.put(Device("d1", tenant="master", model="A60", vendor="Acme"))
        for path in ("/dev_mgr/devices", "/cfg_mgr/configs"):
            for selector, word in (
                ('{"id":{"$eq":1}}', "$eq"),
                ('{"id":{"$in":"x"}}', "$in"),
                ('{"id":{"$nin":1}}', "$nin"),
                ('{"id":{"$gt":1}}', "$gt"),
                ('{"id":{"$le":null}}', "$le"),
                ('{"id":{"$contains":1}}', "$contains"),
                ('{"id":{"$or":[]}}', "$or"),
                ('{"id":{"$in":["d1"],"$regex":"x"}}', "$regex"),
            ):
                answer = office.asks("GET", f"{path}?q={selector.replace('$', '%24')}")
                self.assertEqual(answer.status, 400, (path, selector))
                self.assertIn(word, answer.text)
