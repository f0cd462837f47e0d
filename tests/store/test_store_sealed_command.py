"""provd-store with a key file: from the first key to the last, by what an administrator types."""

import json
import stat
from pathlib import Path

from twisted.internet.task import Clock

from provserver.model import Config
from provserver.store.disk import Disk
from provserver.store.journal import JournalStore
from provserver.store.sealing import Seal, name_of, read_key
from tests.store.contract_case import json_of, putting
from tests.store.test_store_command import CommandCase
from tests.store.threads import at_once


class SealedCase(CommandCase):
    def setUp(self) -> None:
        super().setUp()
        self.key, self.other = self.state / "a.key", self.state / "b.key"
        for path in (self.key, self.other):
            self.done("new-key", path)

    def command(self, *argv: object, key: Path | None = None) -> str:
        return self.done("--key-file", key or self.key, *argv)

    def texts(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted((self.state / "store").glob("*.jsonl")))


class SwitchingTests(SealedCase):
    def test_on_and_to_another_key_and_off_again(self) -> None:
        """Each is one command that says what it has done; meanwhile only the right key opens anything."""
        self.close(self.filled())
        self.assertIn(b"s3cret", self.texts())
        self.assertIn("secrets in 2 lines are sealed", self.command("compact"))
        self.assertNotIn(b"s3cret", self.texts())
        self.assertIn("secrets in 2 lines are sealed", self.command("check"))
        for argv in (("check",), ("compact",), ("backup", self.state / "copy"), ("export", "--clear-text")):
            self.assertIn(
                f"sealed with key {name_of(read_key(self.key))}, and none is given", self.refused(*argv)
            )
            told = self.refused("--key-file", self.other, *argv)
            self.assertIn(f"none of those given: {name_of(read_key(self.other))}", told)
        self.command("compact", "--new-key-file", self.other)
        self.refused("--key-file", self.key, "check")
        self.assertNotIn(b"s3cret", self.texts())
        self.command("check", key=self.other)
        self.assertIn(
            "secrets in 0 lines are sealed", self.command("compact", "--clear-text", key=self.other)
        )
        self.assertIn(b"s3cret", self.texts())
        self.done("check")

    def test_what_makes_no_sense_is_refused(self) -> None:
        """With what to do instead."""
        self.close(self.filled())
        both = ("--key-file", self.key, "compact", "--clear-text", "--new-key-file", self.other)
        self.assertIn("either --new-key-file or --clear-text", self.refused(*both))
        self.assertIn(
            "--key-file must name the key until now", self.refused("compact", "--new-key-file", self.other)
        )
        self.assertIn("--key-file must name the key until now", self.refused("compact", "--clear-text"))
        self.assertIn("No such file", self.refused("--key-file", self.state / "none", "check"))
        self.assertIn("holds no key", self.refused("--key-file", self.empty(), "check"))
        self.key.chmod(0o644)
        self.assertIn("others may read", self.refused("--key-file", self.key, "check"))

    def empty(self) -> Path:
        path = self.state / "empty.key"
        path.touch(mode=0o600)
        return path

    def test_a_key_is_made_once(self) -> None:
        """A second one over the first would be the loss of every password."""
        text = self.key.read_bytes()
        self.assertIn("File exists", self.refused("new-key", self.key))
        self.assertEqual((self.key.read_bytes(), stat.S_IMODE(self.key.stat().st_mode)), (text, 0o600))
        printed = self.done("new-key", self.state / "c.key")
        self.assertIn("Keep a copy", printed)
        self.assertNotIn((self.state / "c.key").read_text().strip(), printed)


class ExportTests(SealedCase):
    def setUp(self) -> None:
        super().setUp()
        self.close(self.filled())

    def test_clear_text_must_be_asked_for(self) -> None:
        """Who sealed the passwords does not want them in a file by accident."""
        self.assertIn("s3cret", self.done("export"))
        self.command("compact")
        self.assertIn("--clear-text", self.refused("--key-file", self.key, "export"))
        self.assertIn("s3cret", self.command("export", "--clear-text"))
        self.assertNotIn("s3cret", self.command("export", "--masked"))

    def test_one_without_secrets_shows_who_changed_what_and_nothing_else(self) -> None:
        """It may lie in git; and nobody can import it, and give all phones three stars for a password."""
        printed = self.done("export", "--masked")
        whole = json.loads(printed)
        self.assertEqual(whole["config"][0]["raw"]["sip_lines"]["1"]["password"], "***")
        self.assertEqual(whole["config"][0]["raw"]["locale"], "fr_FR")
        told = self.refused("import", "-", "--replace", state=self.state, sent=printed.encode())
        self.assertIn("are masked: it cannot be imported", told)

    def test_imported_and_copied_it_is_sealed(self) -> None:
        """Also what was there before, and is kept aside."""
        clear = self.done("export")
        self.command("compact")
        sent = clear.replace("fr_FR", "de_DE").encode()
        self.command_with("import", "-", "--replace", sent=sent)
        self.assertNotIn(b"s3cret", self.texts())
        (kept,) = self.state.glob("store-before-*")
        self.assertNotIn(b"s3cret", b"".join(path.read_bytes() for path in kept.iterdir()))
        self.command("backup", self.state / "copy")
        text = b"".join(path.read_bytes() for path in (self.state / "copy/store").iterdir())
        self.assertNotIn(b"s3cret", text)
        self.assertEqual(
            json.loads(self.command("export", "--clear-text"))["config"][0]["raw"]["locale"], "de_DE"
        )

    def command_with(self, *argv: object, sent: bytes) -> str:
        return self.done("--key-file", self.key, *argv, sent=sent)

    def test_a_provd_with_the_key_goes_on_with_it(self) -> None:
        """What the command wrote is what the server reads."""
        self.command("compact")
        store = JournalStore(Disk(self.state / "store"), Clock(), at_once, seal=Seal(read_key(self.key)))
        store.load()
        self.addCleanup(store.close)
        self.assertIn(b"s3cret", store.get(Config, "c1").raw)
        self.successResultOf(store.commit(putting(Config("c2", raw=json_of({"X_password": "s3cret"})))))
        self.assertNotIn(b"s3cret", self.texts())
        self.assertIn("secrets in 3 lines are sealed", self.command("check"))
