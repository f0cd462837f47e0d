"""ETag and If-Match on devices and configs (RFC 9110 sections 8.8.3 and 13.1.1)."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Presence
from tests.fakes.office import MAC, own_config
from tests.fakes.rest import Answered, RestOffice

DEVICE, CONFIG = "/dev_mgr/devices/d1", "/cfg_mgr/configs/c1"
DOCUMENTS: dict[str, object] = {
    DEVICE: {"device": {"mac": MAC, "description": "new"}},
    CONFIG: {"config": {"parent_ids": [], "raw_config": {"locale": "fr_FR"}}},
}


class EtagTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.put(Device("d1", mac=MAC, tenant="master"), own_config("c1"))

    def etag(self, path: str) -> str:
        return self.asks("GET", path).headers["etag"]

    def put(self, path: str, match: str | None) -> Answered:
        return self.asks("PUT", path, DOCUMENTS[path], headers={"If-Match": match} if match else {})

    def test_a_write_under_the_right_tag(self) -> None:
        """It answers with the new one, so that a client can go on writing."""
        for path in DOCUMENTS:
            first = self.etag(path)
            self.assertRegex(first, r'^"\d+"$')
            answer = self.put(path, f'"0", {first}')
            self.assertEqual(answer.status, 204)
            self.assertEqual(answer.headers["etag"], self.etag(path))
            self.assertNotEqual(answer.headers["etag"], first)
            self.assertEqual(self.put(path, answer.headers["etag"]).headers["etag"], answer.headers["etag"])

    def test_a_write_under_an_old_tag_is_412(self) -> None:
        """Somebody else has written since; nothing is changed, and the answer names the tag that holds."""
        for path in DOCUMENTS:
            before = self.asks("GET", path)
            for wrong in ('"0"', "0", f"W/{before.headers['etag']}", "x", '"é"', ","):
                answer = self.put(path, wrong)
                self.assertEqual(answer.status, 412, wrong)
                self.assertIn(before.headers["etag"], answer.text)
                self.assertEqual(self.asks("DELETE", path, headers={"If-Match": wrong}).status, 412)
            after = self.asks("GET", path)
            self.assertEqual((after.body, after.headers["etag"]), (before.body, before.headers["etag"]))

    def test_without_a_tag_the_last_one_wins(self) -> None:
        """As clients of the reference expect; `*` asks only that it is there."""
        for path in DOCUMENTS:
            for match in (None, "*"):
                self.assertEqual(self.put(path, match).status, 204)
            self.assertEqual(self.asks("DELETE", path, headers={"If-Match": "*"}).status, 204)
            self.assertEqual(self.put(path, "*").status, 404)

    def test_a_delete_under_the_right_tag(self) -> None:
        """Only what was read is deleted."""
        for path in DOCUMENTS:
            headers = {"If-Match": self.etag(path)}
            self.assertEqual(self.asks("DELETE", path, headers=headers).status, 204)
            self.assertEqual(self.asks("DELETE", path, headers=headers).status, 404)

    def test_a_new_document_has_one(self) -> None:
        """Its first change needs no reading."""
        for path, document in (
            ("/dev_mgr/devices", {"device": {"id": "new"}}),
            ("/cfg_mgr/configs", {"config": {"id": "new", "parent_ids": [], "raw_config": {}}}),
        ):
            made = self.asks("POST", path, document)
            self.assertEqual(made.headers["etag"], self.etag(f"{path}/new"))

    def test_what_is_only_seen_changes_none(self) -> None:
        """A phone that boots while its device is edited must not make the edit fail."""
        self.office.answer(path="common.cfg")  # what it says of itself is filled in once
        before = self.etag(DEVICE)
        self.office.answer(path="common.cfg")
        self.office.memory.note(Presence("d1", ip="10.0.0.77"))
        self.assertEqual(self.etag(DEVICE), before)
        document = {"device": {"mac": MAC, "ip": "10.0.0.8"}}
        self.office.put(Device("d1", mac=MAC, tenant="master"))
        tag = self.etag(DEVICE)
        answer = self.asks("PUT", DEVICE, document, headers={"If-Match": tag})
        self.assertEqual((answer.status, answer.headers["etag"]), (204, tag))

    def test_a_change_that_came_between_is_412_not_409(self) -> None:
        """Between reading and writing: reading anew finds it."""
        tag = self.etag(CONFIG)
        change = self.office.provisioner.change

        def late(commit: object) -> object:
            self.patch(self.office.provisioner, "change", change)
            self.office.put(Config("c1"))
            return change(commit)  # type: ignore[arg-type]  # as it came

        self.patch(self.office.provisioner, "change", late)
        self.assertEqual(self.put(CONFIG, tag).status, 412)
