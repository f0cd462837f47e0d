"""provd-store import --from-wazo: what wazo-provd kept, and a word on everything that did not fit."""

import json
from pathlib import Path

from provserver.errors import NotFound
from provserver.model import Config, Device, Parameter, Presence, Tenant
from provserver.store.command.wazo import Wazo
from tests.store.test_store_command import CommandCase

MASTER = "47bfdafc-2897-4369-8fb3-153d41fb835d"
OTHER = "f1f5a5f0-8e9f-4d2b-9d9c-3a1d6a1b2c3d"
# As the reference writes them: compact, the id in the document, and as the file's name.
DEVICES = {
    "d1": {
        "id": "d1", "mac": "00:15:65:4a:a9:37", "ip": "10.0.0.7", "version": "66.86.0.15", "vendor": "Yealink",
        "model": "T46S", "plugin": "xivo-yealink-v86", "config": "anna", "configured": True, "is_new": False,
        "tenant_uuid": OTHER, "added": "auto", "options": {"switchboard": True}, "description": None, "X_mine": [1],
        "remote_state_sip_username": "anna",
    },
    "d2": {"id": "d2", "mac": None, "ip": None, "configured": False, "tenant_uuid": None, "is_new": True},
}  # fmt: skip
CONFIGS = {
    "base": {
        "id": "base", "parent_ids": [], "raw_config": {"ntp_enabled": True, "ntp_ip": "10.0.0.1"}, "deletable": False,
    },
    "autoprov": {
        "id": "autoprov", "parent_ids": ["base"], "role": "autocreate", "deletable": False, "X_type": "internal",
        "raw_config": {"sip_lines": {"1": {"username": "ap0123abcd", "password": "s3cret", "proxy_ip": "10.0.0.2"}}},
    },
    "anna": {"id": "anna", "parent_ids": ["base"], "raw_config": {}, "transient": True, "label": "Anna"},
}  # fmt: skip
APP = {
    "NAT": 1, "locale": "fr_FR", "http_proxy": None, "plugin_server": "http://provd.example.org/plugins/2/stable/",
    "tenants": {MASTER: {"provisioning_key": "Four-0f-us"}, OTHER: {"provisioning_key": None}},
}  # fmt: skip


class WazoTests(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.write("devices", **DEVICES)
        self.write("configs", **CONFIGS)
        (self.folder / "app.json").write_text(json.dumps(APP))

    def write(self, folder: str, **documents: object) -> None:
        path = self.folder / "jsondb" / folder
        path.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            text = document if isinstance(document, bytes) else json.dumps(document).encode()
            (path / name).write_bytes(text)

    def report(self) -> list[str]:
        wazo = Wazo(self.folder, MASTER)
        wazo.puts()
        return wazo.report

    def test_everything_that_fits_is_taken(self) -> None:
        """Phones go on without being touched."""
        printed = self.done("import", "--from-wazo", self.folder, "--master", MASTER)
        self.assertNotIn("did not fit", printed)
        store = self.opened()
        device = store.get(Device, "d1")
        self.assertEqual(
            (
                device.mac,
                device.vendor,
                device.model,
                device.plugin,
                device.config,
                device.tenant,
                device.added,
            ),
            ("00:15:65:4a:a9:37", "Yealink", "T46S", "xivo-yealink-v86", "anna", OTHER, "auto"),
        )
        self.assertEqual(
            (json.loads(device.options), json.loads(device.other)["X_mine"]), ({"switchboard": True}, [1])
        )
        presence = store.get(Presence, "d1")
        self.assertEqual(
            (presence.ip, presence.version, presence.username), ("10.0.0.7", "66.86.0.15", "anna")
        )
        self.assertEqual(store.get(Device, "d2").tenant, MASTER)
        self.assertRaises(NotFound, store.get, Presence, "d2")
        self.assertEqual([found.id for found in store.find(Config, "role", "autocreate")], ["autoprov"])
        anna = store.get(Config, "anna")
        self.assertEqual(
            (anna.parents, anna.transient, json.loads(anna.other)), (("base",), True, {"label": "Anna"})
        )
        self.assertEqual([found.id for found in store.find(Tenant, "parent", "")], [MASTER])
        self.assertEqual([found.id for found in store.find(Tenant, "key", "Four-0f-us")], [MASTER])
        self.assertEqual(store.get(Tenant, OTHER).parent, MASTER)
        parameters = {name: store.get(Parameter, name).value for name in ("NAT", "locale", "plugin_server")}
        self.assertEqual(parameters, {name: str(APP[name]) for name in parameters})
        self.assertRaises(NotFound, store.get, Parameter, "http_proxy")

    def test_without_a_master_tenant_one_is_made(self) -> None:
        """An office has only one, and never heard of it."""
        self.done("import", "--from-wazo", self.folder)
        (master,) = self.opened().find(Tenant, "parent", "")
        self.assertNotIn(master.id, (MASTER, OTHER))

    def test_what_does_not_fit_is_told_and_the_rest_is_taken(self) -> None:
        """The reference drops it silently, at every start."""
        self.write(
            "devices",
            d3=b'{"id": "d3", "mac',
            d4=b"[1]",
            d5={"id": "other", "mac": "00-15-65-4A-A9-37", "ip": "10.0.0.300", "vendor": ["Yealink"], "X": 1},
        )
        self.write("devices", **{".hidden": {}, "ü": {}})
        self.write(
            "configs",
            c1={"id": "c1"},
            c2={"parent_ids": [7], "raw_config": {"sip_dtmf_mode": "morse"}, "transient": "maybe"},
        )
        (self.folder / "jsondb/devices/folder").mkdir()
        report = self.report()
        for beginning in (
            "devices/.hidden: what begins with a dot is a program's temporary file; not taken",
            "devices/d3: Invalid JSON document",
            "devices/d4: it is no JSON object; not taken",
            "devices/d5: it says that its id is 'other'; the file's name counts",
            "devices/d5: mac: expected a MAC address like 00:15:65:4a:a9:37, got '00-15-65-4A-A9-37'; left out",
            "devices/d5: ip: not an IP address: '10.0.0.300'; left out",
            "devices/d5: vendor: expected text, got a list; left out",
            "devices/ü: id: expected 1 to 255 printable ASCII characters",
            "devices/folder: it is no plain file; not taken",
            "configs/c1: it has no parent_ids; taken as []",
            "configs/c1: it has no raw_config; taken as {}",
            "configs/c2: parent_ids.0: expected an id, got a number; left out",
            "configs/c2: transient: expected true or false, got text; left out",
            "configs/c2: raw_config.sip_dtmf_mode: ",
        ):
            self.assertTrue(any(line.startswith(beginning) for line in report), (beginning, report))
        self.assertEqual(len(report), 14, report)
        printed = self.done("import", "--from-wazo", self.folder)
        self.assertEqual(printed.count("did not fit: "), 14)
        store = self.opened()
        device = store.get(Device, "d5")
        self.assertEqual((device.mac, device.vendor, json.loads(device.other)["X"]), (None, None, 1))
        self.assertEqual(json.loads(store.get(Config, "c2").raw), {"sip_dtmf_mode": "morse"})

    def test_what_does_not_fit_in_app_json(self) -> None:
        """A key that two tenants share would open the wrong door."""
        for app, beginnings in (
            (b"torn", ["app.json: Invalid JSON"]),
            ([], []),
            ({"weird": 1, "provisioning_key": "x"}, ["app.json: weird: ", "app.json: provisioning_key: "]),
            ({"NAT": True, "locale": 7, "plugin_server": "x"}, ["app.json: NAT", "app.json: loc", "app.json: plu"]),
            ({"tenants": []}, []),
            (
                {"tenants": {"a": {"provisioning_key": "hush"}, "b": 1, "c": {"provisioning_key": "Four-0f-us"},
                             "d": {"provisioning_key": "Four-0f-us"}}},
                ["app.json: tenants.a: ", "app.json: tenants.d: another tenant"],
            ),
        ):  # fmt: skip
            text = app if isinstance(app, bytes) else json.dumps(app).encode()
            (self.folder / "app.json").write_bytes(text)
            report = self.report()
            self.assertEqual(len(report), len(beginnings), report)
            for line, beginning in zip(report, beginnings, strict=True):
                self.assertTrue(line.startswith(beginning), line)
                self.assertNotIn("hush", line)

    def test_what_is_missing_altogether(self) -> None:
        """An empty folder is a mistake, a folder without app.json is an old one."""
        (self.folder / "app.json").unlink()
        (self.folder / "jsondb/configs/autoprov").unlink()
        first, second = self.report()
        self.assertIn("app.json: it is not there", first)
        self.assertIn("no config has the role autocreate", second)
        self.assertIn("has no folder jsondb", self.refused("import", "--from-wazo", self.mktemp()))
