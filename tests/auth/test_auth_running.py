"""A running provd: `provd-token`, and an external server that comes and goes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from provserver.auth.command import main
from tests.auth.auth_program import CUSTOMER
from tests.auth.fake_wazo_auth import MASTER, SERVICE
from tests.e2e.server import FREE_PORTS, ROOT, Provd, fetch, provd_fails

PHONE = ("/0015654aa937.cfg", "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37")
PATIENCE_S = 30


class StateCase(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = self.folder / "var"


class TokenCommandTests(StateCase):
    def command(self, *argv: str) -> tuple[int, str, str]:
        """Return status, and what it wrote to standard output and error."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(["--state", str(self.state), *argv])
        return status, out.getvalue(), err.getvalue()

    def test_a_token_from_its_making_to_its_end(self) -> None:
        """What an administrator types, against the provd that runs."""
        with Provd(self.state, *FREE_PORTS) as provd:
            self.assertEqual(self.command("list")[:2], (0, "there are no tokens but the administrator's\n"))
            acl = ("--acl", "provd.dev_mgr.devices.#", "--acl", "provd.status.read")
            status, token, said = self.command("create", "--name", "Anna", *acl, "--expires", "90d")
            self.assertEqual((status, token.count("\n")), (0, 1))
            url = f"http://127.0.0.1:{provd.listening['rest']}/0.2"
            headers = {"X-Auth-Token": token.strip()}
            self.assertEqual(fetch(f"{url}/dev_mgr/devices", headers)[0], 200)
            self.assertEqual(fetch(f"{url}/tokens", headers)[0], 401)
            status, listed, _ = self.command("list")
            head, row = listed.splitlines()
            self.assertEqual(head.split(), ["ID", "NAME", "TENANT", "EXPIRES", "ACL"])
            token_id, *_ = row.split()
            self.assertIn(token_id, said)
            self.assertNotIn(token.strip(), listed + said)
            self.assertIn("provd.dev_mgr.devices.# provd.status.read", row)
            self.assertEqual(provd.stop(), 0)
        with Provd(self.state, *FREE_PORTS) as provd:
            url = f"http://127.0.0.1:{provd.listening['rest']}/0.2"
            self.assertEqual(fetch(f"{url}/dev_mgr/devices", headers)[0], 200)
            self.assertEqual(self.command("revoke", token_id), (0, "", ""))
            self.assertEqual(fetch(f"{url}/dev_mgr/devices", headers)[0], 401)
            self.assertNotIn(
                token.strip().encode(), b"".join(map(Path.read_bytes, (self.state / "store").iterdir()))
            )

    def test_what_goes_wrong_is_told_in_one_line(self) -> None:
        """With what to do about it; status 1, nothing on standard output."""
        create = ("create", "--name", "x", "--acl")
        self.assertIn("no provd runs", self.command("list")[2])
        self.state.mkdir()
        (self.state / "listening.json").write_text('{"rest": 1}')
        self.assertIn("auth.url", self.command("list")[2])
        (self.state / "admin-token").write_text("token\n")
        self.assertIn("does not answer at 127.0.0.1, port 1", self.command("list")[2])
        shutil.rmtree(self.state)
        with Provd(self.state, *FREE_PORTS):
            for argv, part in (
                (("revoke", "nobody"), "there is no token nobody"),
                (("list", "--tenant", "nobody"), "there is no tenant nobody"),
                ((*create, "a b"), "acl: expected a pattern"),
                ((*create, "#", "--expires", "soon"), "expires_at: expected a time"),
                ((*create, "#", "--expires", "999999w"), "too long"),
                ((*create, "#", "--expires", "2001-01-01T00:00:00Z"), "a time to come"),
            ):
                status, out, err = self.command(*argv)
                self.assertEqual((status, out, err.count("\n")), (1, "", 1), err)
                self.assertIn(part, err)
            (self.state / "admin-token").write_text("another\n")
            self.assertIn("not the one that provd began with", self.command("list")[2])


class ExternalTests(StateCase):
    def setUp(self) -> None:
        super().setUp()
        key = self.folder / "auth-key"
        key.write_text("service_id: {}\nservice_key: {}\n".format(*SERVICE))
        self.port = self.started(0)
        self.config = self.folder / "provd.toml"
        url = f"http://127.0.0.1:{self.port}"
        self.config.write_text(f'[auth]\nurl = "{url}"\nkey_file = "{key}"\ncache_s = 0\ntimeout_s = 2\n')

    def started(self, port: int) -> int:
        """Start the external server; return its port."""
        self.auth = subprocess.Popen(
            (sys.executable, "-m", "tests.auth.auth_program", str(port)),
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.addCleanup(self.ended, self.auth)
        assert self.auth.stdout
        return int(self.auth.stdout.readline())

    def ended(self, auth: "subprocess.Popen[str]") -> None:
        auth.kill()
        auth.wait()
        assert auth.stdout
        auth.stdout.close()

    def asks(self, provd: Provd, path: str, token: str) -> int:
        url = f"http://127.0.0.1:{provd.listening['rest']}/0.2/{path}"
        return fetch(url, {"X-Auth-Token": token})[0]

    def test_it_comes_and_goes_and_phones_never_notice(self) -> None:
        """Tokens are good while it is there; without it 503, and again when it is back. Nobody restarts anything."""
        with Provd(self.state, "--config", str(self.config), *FREE_PORTS) as provd:
            self.assertEqual(self.asks(provd, "dev_mgr/devices", "token-of-master"), 200)
            self.assertEqual(self.asks(provd, "dev_mgr/devices", "wrong"), 401)
            url = f"http://127.0.0.1:{provd.listening['rest']}/0.2/tenants"
            _, body = fetch(url, {"X-Auth-Token": "token-of-master"})
            tenants = {tenant["id"]: tenant["parent_id"] for tenant in json.loads(body)["tenants"]}
            self.assertEqual(tenants, {MASTER: None, CUSTOMER: MASTER})
            self.ended(self.auth)
            self.assertEqual(self.asks(provd, "dev_mgr/devices", "token-of-master"), 503)
            self.assertEqual(self.asks(provd, "openapi.json", ""), 200)
            self.assertEqual(provd.phone(*PHONE)[0], 200)
            self.started(self.port)
            self.assertEqual(self._patiently(provd), 200)
            self.assertEqual(provd.stop(), 0)
        self.assertFalse((self.state / "admin-token").exists())
        self.assertIn(f"tokens of http://127.0.0.1:{self.port}", provd.printed)
        self.assertNotIn(SERVICE[1], provd.printed)
        self.assertNotIn("token-of-master", provd.printed)

    def test_it_is_away_at_start(self) -> None:
        """REST opens all the same, for what needs no token; a phone that booted then is the master's in the end."""
        self.ended(self.auth)
        with Provd(self.state, "--config", str(self.config), *FREE_PORTS) as provd:
            self.assertEqual(provd.phone(*PHONE)[0], 200)
            self.assertEqual(self.asks(provd, "openapi.json", ""), 200)
            self.assertEqual(self.asks(provd, "status", "token-of-master"), 503)
            self.started(self.port)
            self.assertEqual(self._patiently(provd), 200)
            url = f"http://127.0.0.1:{provd.listening['rest']}/0.2/dev_mgr/devices"
            (device,) = json.loads(fetch(url, {"X-Auth-Token": "token-of-master"})[1])["devices"]
            self.assertEqual((device["tenant_uuid"], device["is_new"]), (MASTER, True))
            self.assertEqual(provd.stop(), 0)

    def test_a_ca_file_that_is_none_ends_the_start(self) -> None:
        """One line, with the setting's name."""
        for text, part in (("", "auth.ca_file: expected certificates"), (None, "No such file")):
            path = self.folder / "ca.pem"
            if text is not None:
                path.write_text(text)
            else:
                path.unlink()
            config = self.config.read_text() + f'ca_file = "{path}"\n'
            other = self.folder / "other.toml"
            other.write_text(config)
            status, printed = provd_fails(self.state, "--config", str(other), *FREE_PORTS)
            self.assertEqual(status, 1)
            self.assertIn(part, printed.splitlines()[-1])
            self.assertNotIn("Traceback", printed)

    def _patiently(self, provd: Provd) -> int:
        """Return the status once it is no longer 503."""
        until = time.monotonic() + PATIENCE_S
        while (status := self.asks(provd, "status", "token-of-master")) == 503 and time.monotonic() < until:
            time.sleep(0.2)
        return status
