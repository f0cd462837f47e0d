"""Explain, timelines and status over REST."""

from urllib.parse import urlencode

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Presence, Tenant
from tests.fakes.office import KEY, json_of, own_config
from tests.fakes.rest import Answered, RestOffice

FILE = "00aced000001.cfg"
MAC = "00:ac:ed:00:00:01"
PHONE = {"ip": "10.0.0.7", "user_agent": f"acme A60 2.1 {MAC}", "path": FILE}


class ExplainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def explains(self, **query: str) -> Answered:
        return self.office.asks("GET", f"/explain?{urlencode(query, errors='surrogateescape')}")

    def test_a_phone_that_is_not_known_yet(self) -> None:
        """All steps are told, nothing is made, and the device that would be made is not called one."""
        before = self.office.memory.seq
        explained = self.explains(**PHONE).json["explain"]
        self.assertEqual((explained["outcome"], explained["device"], explained["file"]), ("file", None, FILE))
        self.assertEqual(
            [step["step"] for step in explained["steps"]],
            ["identify", "match", "access", "learn", "choose", "find", "render"],
        )
        self.assertEqual(explained["steps"][3]["reason_id"], "learn.new")
        self.assertTrue(all(step["text"] for step in explained["steps"]))
        self.assertEqual(self.office.memory.seq, before)

    def test_it_says_what_the_phone_is_told(self) -> None:
        """The same chain: a refusal here is a refusal there."""
        self.office.answer(path=FILE)
        for path in (FILE, "00aced000002.cfg", "none.cfg", "common.cfg", "firmware.rom", "log.txt"):
            answer = self.office.answer(path=path)
            explained = self.explains(**{**PHONE, "path": f"/{path}"}).json["explain"]
            self.assertEqual(
                (explained["outcome"], explained["device"]), (answer.outcome, answer.device), path
            )
            reasons = [step["reason_id"] for step in explained["steps"]]
            self.assertEqual(reasons, [step.reason_id for step in answer.steps])

    def test_a_key_may_be_given_apart(self) -> None:
        """And is in no answer."""
        self.office.put(Tenant("master", key=KEY))
        outside = {**PHONE, "ip": "198.51.100.7"}
        self.assertEqual(self.explains(**outside).json["explain"]["outcome"], "nothing")
        answer = self.explains(**outside, key=KEY)
        self.assertEqual(answer.json["explain"]["outcome"], "file")
        self.assertNotIn(KEY, answer.text)

    def test_a_certificate_may_be_given(self) -> None:
        """An administrator must see what a policy that asks for certificates will do, before phones do."""
        self.office.put(Tenant("master", policy_elsewhere="certificate"))
        outside = {**PHONE, "ip": "198.51.100.7"}
        for names, outcome in (
            ("CN=00:AC:ED:00:00:01, O=Acme", "file"),
            ("CN=00aced000002", "nothing"),
            ("O=Acme", "nothing"),
            ("", "nothing"),
        ):
            answer = self.explains(**outside, certificate=names).json["explain"]
            self.assertEqual(answer["outcome"], outcome, names)

    def test_wrong_questions_are_400_and_name_the_parameter(self) -> None:
        """A typo must not be answered as if it were right."""
        for query, name in (
            ({}, "ip"),
            ({"ip": "10.0.0"}, "ip"),
            ({"ip": "10.0.0.7", "protocol": "ftp"}, "protocol"),
            ({"ip": "10.0.0.7", "user-agent": "x"}, "user-agent"),
        ):
            answer = self.explains(**query)
            self.assertEqual(answer.status, 400)
            self.assertIn(name, answer.text)

    def test_odd_bytes_are_explained_too(self) -> None:
        """Phones send them, and an administrator copies them from a log."""
        answer = self.office.asks("GET", "/explain?ip=10.0.0.7&path=/%ff%C3%A9&user_agent=%fe%00")
        self.assertEqual(answer.status, 200)
        self.assertIn("\\\\udcff", answer.text)

    def test_other_tenants_phones_are_not_explained(self) -> None:
        """As if the device were not there; what is nobody's is explained to all."""
        self.office.put(Tenant("anna", parent="master"), Device("d1", mac=MAC, tenant="master"))
        self.office.use(self.office.tenants)
        path = f"/explain?{urlencode(PHONE)}"
        self.assertEqual(self.office.asks("GET", path, token="anna").status, 404)
        self.assertEqual(self.office.asks("GET", path, token="master").status, 200)
        self.assertEqual(self.office.asks("GET", "/explain?ip=10.0.0.9", token="anna").status, 200)
        self.assertEqual(self.office.tenants.asked[-1][1], "provd.explain.read")


class TimelineTests(SynchronousTestCase):
    def test_it_tells_what_the_phone_asked_newest_first(self) -> None:
        """The administrator's first question."""
        office = RestOffice()
        device = office.answer(path=FILE).device
        office.clock.advance(5)
        office.answer(path="none\udcff.cfg")
        timeline = office.asks("GET", f"/dev_mgr/devices/{device}/timeline").json["timeline"]
        self.assertEqual(
            [
                (asked["at"], asked["protocol"], asked["ip"], asked["path"], asked["outcome"])
                for asked in timeline
            ],
            [
                ("2027-01-15T08:00:05.000Z", "http", "10.0.0.7", "none\\udcff.cfg", "nothing"),
                ("2027-01-15T08:00:00.000Z", "http", "10.0.0.7", FILE, "file"),
            ],
        )
        self.assertEqual(("file" in timeline[0], timeline[1]["file"]), (False, FILE))
        self.assertEqual(timeline[0]["steps"][-1]["reason_id"], "find.no-rule")
        self.assertEqual(office.asks("GET", "/dev_mgr/devices/nobody/timeline").status, 404)


class StatusTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def status(self, device: str = "d1") -> Answered:
        return self.office.asks("GET", f"/dev_mgr/devices/{device}/status")

    def test_a_device_that_boots_well(self) -> None:
        """What is decided and what was seen, side by side."""
        device = self.office.answer(path=FILE).device or ""
        status = self.status(device).json["status"]
        etag = self.office.memory.get(Presence, device).fetched[FILE]
        self.assertEqual(
            status,
            {
                "configured": True,
                "steps": [],
                "twins": [],
                "ignored_settings": status["ignored_settings"],
                "better_plugin": None,
                "presence": {
                    "ip": "10.0.0.7",
                    "proven_ip": None,
                    "version": "2.1",
                    "seen": "2027-01-15T08:00:00.000Z",
                    "sip_username": "waiting",
                    "fetched": {FILE: etag},
                },
            },
        )

    def test_what_stands_against_a_device(self) -> None:
        """The reason in words, twins, and settings that the phone will not see."""
        device = Device("d1", mac=MAC, plugin="gone", config="c1", tenant="master")
        self.office.put(device, evolve(device, id="d2"), own_config("c1"))
        status = self.status().json["status"]
        self.assertEqual((status["configured"], status["twins"], status["presence"]), (False, ["d2"], None))
        self.assertEqual(status["steps"][0]["text"], "its plugin gone is not installed here")
        self.office.put(evolve(device, plugin="acme-2"), Config("c1", raw=json_of({"exten_dnd": "*25"})))
        status = self.status().json["status"]
        self.assertEqual(status["configured"], True)
        self.assertIn("exten_dnd", [ignored["setting"] for ignored in status["ignored_settings"]])
        self.assertEqual(self.status("nobody").status, 404)

    def test_a_plugin_that_is_made_for_just_this_firmware(self) -> None:
        """Who upgraded a phone learns that its plugin should follow; where both are exact, nothing is better."""
        device = Device(
            "d1", mac=MAC, vendor="Acme", model="A20", plugin="acme-2", config="c1", tenant="master"
        )
        self.office.put(device, own_config("c1"), Presence("d1", version="1.0"))
        self.assertEqual(self.status().json["status"]["better_plugin"], "acme-1")
        self.office.put(evolve(device, plugin="gone"))
        self.assertEqual(self.status().json["status"]["better_plugin"], "acme-1")
        for plugin, version in (
            ("acme-1", "1.0"),
            ("wazo-acme-1", "1.0"),
            ("acme-2", "2.1"),
            ("acme-2", "7.7"),
        ):
            self.office.put(evolve(device, plugin=plugin), Presence("d1", version=version))
            self.assertEqual(self.status().json["status"]["better_plugin"], None, (plugin, version))
