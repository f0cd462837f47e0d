"""A provd whose secrets are sealed: started, given one, stopped, and started without its key."""

import json
import urllib.request
from pathlib import Path

from twisted.trial.unittest import TestCase

from provserver.store.sealing import new_key
from tests.e2e.server import FREE_PORTS, TWISTD, Provd, run

SECRET = "s3cret-of-anna"


class SealedTests(TestCase):
    def setUp(self) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        self.state, self.key, self.config = folder / "state", folder / "store.key", folder / "provd.toml"
        new_key(self.key)
        self.config.write_text(f'[store]\nkey_file = "{self.key}"\n[phones]\nrandom_passwords = true\n')
        self.options = (*FREE_PORTS, "--config", str(self.config))

    def on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted((self.state / "store").glob("*.jsonl")))

    def refused(self) -> tuple[int, str]:
        return run(TWISTD, "-n", "--pidfile=", "provd", "--state", str(self.state), *self.options)

    def put(self, provd: Provd, path: str, body: object) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{provd.listening['rest']}/0.2/{path}",
            data=json.dumps(body).encode(),
            headers={"X-Auth-Token": provd.token, "Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            self.assertEqual(answer.status, 201)

    def test_its_passwords_are_on_no_disk_and_without_the_key_it_does_not_start(self) -> None:
        """From the setting to the last byte."""
        with Provd(self.state, *self.options) as provd:
            raw = {"sip_lines": {"1": {"username": "anna", "password": SECRET}}}
            self.put(provd, "cfg_mgr/configs", {"config": {"id": "c1", "parent_ids": [], "raw_config": raw}})
            agent = "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37"
            status, file = provd.phone("/0015654aa937.cfg", agent)
            self.assertEqual(status, 200)
            (device,) = provd.rest("dev_mgr/devices")["devices"]
            own = device["generated_passwords"]
            self.assertEqual(sorted(own), ["admin_password", "user_password"])
            for password in own.values():
                self.assertIn(password.encode(), file)
                self.assertNotIn(password.encode(), self.on_disk())
        self.assertNotIn(SECRET.encode(), self.on_disk())
        self.assertNotIn(SECRET, provd.printed)
        with Provd(self.state, *self.options) as provd:
            self.assertIn(SECRET, str(provd.rest("cfg_mgr/configs/c1")))
            self.assertEqual(provd.rest("dev_mgr/devices")["devices"][0]["generated_passwords"], own)
        before = self.on_disk()
        for settings, told in (
            ("", "and none is given"),
            (f'[store]\nkey_file = "{self.key}x"', "No such file or directory"),
        ):
            self.config.write_text(settings)
            status, printed = self.refused()
            self.assertEqual(status, 1)
            self.assertIn(told, printed.splitlines()[-1])
        self.key.chmod(0o644)
        self.config.write_text(f'[store]\nkey_file = "{self.key}"')
        status, printed = self.refused()
        self.assertIn("others may read", printed.splitlines()[-1])
        self.assertEqual((status, self.on_disk()), (1, before))
