"""Security: what an import reads is files of the folder that it was told, and nothing else."""

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.store.command import main

CONFIG = '{{"id": "{0}", "raw_config": {{}}, "parent_ids": [], "X_note": "{0}"}}'


class LinksInAnImportTests(SynchronousTestCase):
    """The folder of another server came from somewhere, and root imports it."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp()).absolute()
        self.configs = self.state / "wazo/jsondb/configs"
        self.configs.mkdir(parents=True)
        (self.configs / "kept").write_text(CONFIG.format("kept"))

    def imported(self) -> str:
        status = main(["--state", str(self.state), "import", "--from-wazo", str(self.state / "wazo")])
        self.assertEqual(status, 0)
        return "".join(path.read_text() for path in (self.state / "store").glob("*.jsonl"))

    def test_a_link_makes_no_document_of_a_file_elsewhere(self) -> None:
        """Root can read what is nobody's business, and the API would show it."""
        secret = self.state / "elsewhere.json"
        secret.write_text(CONFIG.format("stolen"))
        os.symlink(secret, self.configs / "stolen")
        os.symlink("loop", self.configs / "loop")
        text = self.imported()
        self.assertIn('"kept"', text)
        self.assertNotIn("stolen", text)

    def test_a_pipe_that_nobody_writes_to_does_not_hold_it_up(self) -> None:
        """It would stand there for ever, with the state directory locked."""
        os.mkfifo(self.configs / "pipe")
        (self.configs / "folder").mkdir()
        self.assertIn('"kept"', self.imported())

    def test_what_is_nested_too_deep_is_not_taken(self) -> None:
        """A document that breaks the reader must not keep the others out."""
        (self.configs / "deep").write_text("[" * 100_000)
        self.assertIn('"kept"', self.imported())
