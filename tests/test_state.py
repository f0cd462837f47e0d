"""state: the folder that provd keeps everything in."""

import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.state import StateFolder


class StateFolderTests(SynchronousTestCase):
    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.path = folder / "srv" / "var"
        self.state = StateFolder(self.path)

    def mode(self, path: Path) -> int:
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_folders_that_were_open_are_closed(self) -> None:
        """An administrator who made the folder beforehand made it 0755; only the way to the lease socket is open."""
        (self.path / "store").mkdir(parents=True)
        self.state.make()
        modes = {name: self.mode(self.path / name) for name in ("", "run", "store", "templates", "files")}
        self.assertEqual(modes, {"": 0o711, "run": 0o711, "store": 0o700, "templates": 0o700, "files": 0o700})
        self.state.make()

    def test_the_token_is_made_once_and_kept(self) -> None:
        """Scripts hold it: it must not change with a restart."""
        self.state.make()
        token = self.state.token()
        self.assertGreaterEqual(len(token), 40)
        self.assertEqual(StateFolder(self.path).token(), token)
        self.assertEqual(self.mode(self.state.token_path), 0o600)

    def test_an_empty_token_is_none(self) -> None:
        """A full disk left it so once; a request without a token would fit it."""
        self.state.make()
        self.state.token_path.write_text("\n")
        self.assertTrue(self.state.token())

    def test_what_listens_is_told_whole_and_taken_back(self) -> None:
        """Programs wait for the file and read it at once; half of one that was left over is no obstacle."""
        self.state.make()
        (self.path / ".listening.json.new").write_text('{"http"')
        self.state.says_listening({"http": 8667})
        self.assertEqual(json.loads((self.path / "listening.json").read_text()), {"http": 8667})
        self.assertFalse((self.path / ".listening.json.new").exists())
        self.state.says_stopped()
        self.state.says_stopped()
        self.assertFalse((self.path / "listening.json").exists())
