"""start and stop: what a user types, what it prints, and what remains."""

import json
import os
import shutil
import signal
import stat
import tempfile
import unittest
from pathlib import Path

from tests.e2e.server import FREE_PORTS, ROOT, TWISTD, Provd, fetch, provd_fails, run

MAC = "0015654aa937"
USER_AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37"


class StartTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.folder, self.state = folder, folder / "var"

    def test_a_phone_boots_and_everything_is_there_after_a_restart(self) -> None:
        """The whole spine, as its user sees it."""
        with Provd(self.state, *FREE_PORTS) as provd:
            status, body = provd.phone(f"/{MAC}.cfg", USER_AGENT)
            self.assertEqual(status, 200)
            self.assertTrue(body.startswith(b"#!version:1.0.0.1\n"))
            (device,) = provd.rest("dev_mgr/devices")["devices"]
            self.assertEqual((device["plugin"], device["configured"]), ("yealink-v86", True))
            self.assertEqual(provd.stop(), 0)
        with Provd(self.state, "--http-port", str(provd.listening["http"]), *FREE_PORTS[2:]) as provd:
            (again,) = provd.rest("dev_mgr/devices")["devices"]
            self.assertEqual(again["id"], device["id"])
            self.assertEqual(provd.phone(f"/{MAC}.cfg", USER_AGENT), (200, body))

    def test_it_says_what_listens_where_and_what_to_try(self) -> None:
        """The first screen is the manual."""
        with Provd(self.state, *FREE_PORTS) as provd:
            http, rest = provd.listening["http"], provd.listening["rest"]
            for text in (
                f":{http}/",
                f"http://127.0.0.1:{rest}/0.2/",
                "admin-token",
                "provd-phone boot yealink T46S",
            ):
                self.assertIn(text, provd.printed)
            ports = {"http", "https", "https_old", "rest", "rest_https", "tftp", "agi"}
            self.assertEqual(set(provd.listening), {*ports, "lease", "pid"})
            self.assertEqual(provd.listening["pid"], provd.process.pid)
            self.assertNotIn(provd.token, provd.printed)

    def test_nobody_else_can_read_the_state(self) -> None:
        """SIP passwords and the administrator's token lie in it (design section 10). Only the lease socket is open:
        the kernel says who speaks."""
        run = self.state / "run"
        open_to_others = {self.state: 0o711, run: 0o711, run / "lease": 0o666}
        with Provd(self.state, *FREE_PORTS):
            for path in [self.state, *self.state.rglob("*")]:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                allowed = open_to_others.get(path, 0o700 if path.is_dir() else 0o600)
                self.assertEqual(mode & ~allowed, 0, f"{path} {mode:o}")

    def test_sigterm_and_sigint_end_it_with_status_0(self) -> None:
        """systemd calls anything else a failure."""
        for number in (signal.SIGTERM, signal.SIGINT):
            with Provd(self.state, *FREE_PORTS) as provd:
                self.assertEqual(provd.stop(number), 0, provd.printed)
                self.assertFalse((self.state / "listening.json").exists())

    def test_started_twice_the_second_names_the_first(self) -> None:
        """In one line, with the process to look at; the first goes on."""
        with Provd(self.state, *FREE_PORTS) as provd:
            status, text = provd_fails(self.state, *FREE_PORTS)
            self.assertEqual(status, 1)
            self.assertIn(f"pid {provd.process.pid}", text.splitlines()[-1])
            self.assertIn(str(self.state), text.splitlines()[-1])
            other = self.folder / "other"
            status, text = provd_fails(other, *FREE_PORTS[2:], "--http-port", str(provd.listening["http"]))
            self.assertEqual(status, 1)
            self.assertIn(f"port {provd.listening['http']} is held by", text.splitlines()[-1])
            self.assertNotIn("Traceback", text)
            self.assertEqual(provd.phone("/", "")[0], 404)

    def test_all_problems_of_the_settings_are_told_at_once(self) -> None:
        """Who has made three mistakes must not start three times."""
        config = self.folder / "provd.toml"
        config.write_text('[listen]\nhttp_port = 99999\n[network]\nallowed = ["10.0.0.0/33"]\n[wrong]\n')
        status, text = provd_fails(self.state, "--config", str(config))
        self.assertEqual(status, 1)
        for part in ("listen.http_port", "99999", "10.0.0.0/33", "wrong"):
            self.assertIn(part, text)
        self.assertNotIn("Traceback", text)
        self.assertFalse(self.state.exists())
        for options in (
            ("--config", str(self.folder / "missing.toml")),
            ("--http-port", "many"),
            ("--log-format", "x"),
        ):
            status, text = provd_fails(self.state, *options)
            self.assertEqual(status, 1, text)
            self.assertNotIn("Traceback", text)

    def test_a_damaged_journal_refuses_the_start(self) -> None:
        """Nothing that was acknowledged may be dropped silently; the file and what to do are named."""
        with Provd(self.state, *FREE_PORTS) as provd:
            provd.phone(f"/{MAC}.cfg", USER_AGENT)
            provd.stop()
        for journal in (self.state / "store").iterdir():
            content = bytearray(journal.read_bytes())
            content[len(content) // 3] ^= 0x01
            journal.write_bytes(content)
        status, text = provd_fails(self.state, *FREE_PORTS)
        self.assertEqual(status, 1)
        self.assertIn(str(self.state / "store"), text)
        self.assertNotIn("Traceback", text)

    def test_tftp_moves_to_6969_where_69_is_not_permitted(self) -> None:
        """`make run` works for an ordinary user too. Without CAP_NET_BIND_SERVICE root is none here."""
        options = ("--http-port", "0", "--rest-port", "0", "--bind", "127.0.0.1")
        with Provd(self.state, *options, prefix=("setpriv", "--bounding-set=-net_bind_service")) as provd:
            self.assertEqual(provd.listening["tftp"], 6969)

    def test_it_may_open_more_files_than_a_shell_allows(self) -> None:
        """10,000 phones are 10,000 open files, and a login's limit is 1,024."""
        with Provd(self.state, *FREE_PORTS, prefix=("prlimit", "--nofile=1024:4096")) as provd:
            limits = Path(f"/proc/{provd.process.pid}/limits").read_text()
            self.assertRegex(limits, r"Max open files +4096 +4096")

    def test_json_logs(self) -> None:
        """For machines: each line one object."""
        with Provd(self.state, *FREE_PORTS, "--log-format", "json") as provd:
            provd.stop()
            for line in provd.printed.splitlines():
                self.assertIn("text", json.loads(line))


class TwistdTests(unittest.TestCase):
    def test_twistd_lists_provd(self) -> None:
        """The editable install that `make` uses."""
        status, text = run(TWISTD, "--help")
        self.assertEqual(status, 0)
        self.assertRegex(text, r"\bprovd +The phone provisioning server")

    def test_the_tac_works_from_any_folder(self) -> None:
        """It finds its own checkout; state lies where it was started."""
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "provd.toml")
            config.write_text('[listen]\nbind = "127.0.0.1"\nhttp_port = 0\nrest_port = 0\ntftp_port = 0\n')
            command = (TWISTD, "-n", "--pidfile=", "-y", str(ROOT / "provd.tac"))
            with Provd(Path(folder, "var"), command=command, PROVD_CONFIG=str(config)) as provd:
                url = f"http://127.0.0.1:{provd.listening['http']}/y000000000066.cfg"
                self.assertEqual(fetch(url, {"User-Agent": USER_AGENT})[0], 200)
                self.assertEqual(provd.stop(), 0)
