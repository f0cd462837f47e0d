"""Key files: what the secrets on the disk are sealed with."""

import os
import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.store.sealing import KEY_BYTES, new_key, read_key


class KeyFileTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def test_a_new_one_is_read_back_and_nobody_else_reads_it(self) -> None:
        """The key is worth all passwords together."""
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        key = new_key(self.path)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        self.assertEqual((read_key(self.path), len(key)), (key, KEY_BYTES))
        self.assertRaises(FileExistsError, new_key, self.path)
        self.assertEqual(read_key(self.path), key)
        self.path.chmod(0o400)
        self.assertEqual(read_key(self.path), key)

    def test_one_that_others_may_read_is_refused(self) -> None:
        """It would protect from nobody on the same machine."""
        new_key(self.path)
        for mode in (0o644, 0o640, 0o604, 0o620, 0o601):
            self.path.chmod(mode)
            with self.assertRaises(Invalid) as caught:
                read_key(self.path)
            self.assertIn(f"(mode {mode:04o})", str(caught.exception))

    def test_what_is_no_key_is_refused(self) -> None:
        """And what was in the file is not repeated: it may be another secret."""
        for text in (b"", b"hush", b"aHVzaA==", b"\xff\xfe", b"A" * 44, b"A" * 43 + b"=" + b"A" * 2000):
            self.path.write_bytes(text)
            self.path.chmod(0o600)
            with self.assertRaises(Invalid) as caught:
                read_key(self.path)
            self.assertNotIn("hush", str(caught.exception))
            self.assertIn("new-key", str(caught.exception))
