"""Security: id as file name, and archive traversal. Nothing that a client or a file says becomes a path of ours."""

import ast
import json
import os
import re
from pathlib import Path

from twisted.internet.defer import maybeDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Commit, Config, Delete, Device, Document, Tenant, Upload
from provserver.store import whole
from provserver.store.command import main
from provserver.store.disk import Disk
from provserver.store.exporting import imported
from provserver.store.journal import JournalStore
from provserver.uploads import LocalUploads
from tests.store.contract_case import putting
from tests.store.threads import at_once

ROOT = Path(__file__).resolve().parent.parent.parent
IDS = (
    "..",
    ".",
    "../../../../tmp/owned",
    "/etc/passwd",
    "..%2f..%2fowned",
    "a/b",
    "a\\..\\b",
    "nul\0byte",
    "line\nbreak",
    "snapshot-99.jsonl",
    "journal-0.jsonl",
    "lock",
    "~root",
    "$(touch owned)",
    "x" * 3000,
    "ü\u202e",
)
OURS = re.compile(r"lock|(snapshot|journal)-[0-9]+\.jsonl|history-[0-9a-f]{2}\.jsonl")


class IdAsFileNameTests(SynchronousTestCase):
    """wazo-provd kept each document in a file that was called like its id."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.state.mkdir()

    def around(self) -> set[str]:
        """Return all that lies beside and above the state directory."""
        return {str(path) for path in self.state.parent.rglob("*") if self.state not in (path, *path.parents)}

    def test_the_store_makes_no_name_of_an_id(self) -> None:
        """Written, changed, deleted, compacted, and read by its history."""
        before = self.around()
        disk = Disk(self.state / "store")
        store = JournalStore(disk, Clock(), at_once, compact_bytes=1)
        store.load()
        for doc_id in IDS:
            documents: tuple[Document, ...] = (Device(doc_id), Config(doc_id), Tenant(doc_id, name=doc_id))
            self.successResultOf(store.commit(putting(*documents)))
            self.assertEqual(store.get(Device, doc_id).id, doc_id)
            self.assertEqual(len(self.successResultOf(store.history(Config, doc_id, 9))), 1)
            self.successResultOf(store.commit(Commit((Delete(Config, doc_id),), doc_id, doc_id)))
        self.successResultOf(store.close())
        self.assertEqual([name for name in disk.names() if not OURS.fullmatch(name)], [])
        self.assertEqual(whole.read(disk).counts()["device"], len(IDS))
        self.assertEqual(self.around(), before)

    def test_uploads_make_no_path_of_an_id_or_a_name(self) -> None:
        """A phone chooses the name of what it writes, and a client its device's id."""
        before = self.around()
        folder = self.state / "uploads"
        uploads = LocalUploads(folder, 1000, 10**6, maybeDeferred)
        for text in IDS:
            name = text if text.strip(".") else "x"  # `normal_path` leaves no dots alone
            for upload in (Upload(text, None, "log.txt", 0), Upload("d1", "00:ac:ed:00:00:01", name, 0)):
                incoming = self.successResultOf(uploads.begin(upload, None))
                self.successResultOf(incoming.append(b"x"))
                self.successResultOf(incoming.finish(True))
        self.assertEqual(self.around(), before)
        for path in folder.rglob("*"):
            self.assertLessEqual(len(path.relative_to(folder).parts), 2, path)
            self.assertRegex(path.relative_to(folder).parts[0], r"^[0-9a-f]*-[0-9a-f]{16}$")

    def test_an_import_makes_no_name_of_what_is_in_it(self) -> None:
        """Somebody else wrote the file."""
        before = self.around()
        source = self.state / "all.json"
        config = [{"id": doc_id, "raw": {}} for doc_id in IDS]
        source.write_text(json.dumps({"provd": 1, "config": config}))
        self.assertEqual(main(["--state", str(self.state), "import", str(source)]), 0)
        self.assertEqual(
            [name for name in Disk(self.state / "store").names() if not OURS.fullmatch(name)], []
        )
        self.assertEqual(len(list(imported(source.read_bytes()))), len(IDS))
        self.assertEqual(self.around(), before)

    def test_files_of_another_server_are_read_where_they_lie(self) -> None:
        """A link in the folder that is imported must not make a document of /etc/shadow."""
        old = self.state / "wazo"
        (old / "jsondb/devices").mkdir(parents=True)
        (old / "jsondb/configs").mkdir()
        secret = self.state / "secret.json"
        secret.write_text('{"id": "stolen", "raw_config": {}, "parent_ids": [], "X_note": "stolen"}')
        os.symlink(secret, old / "jsondb/configs/link")
        status = main(["--state", str(self.state), "import", "--from-wazo", str(old)])
        text = (
            b"".join(path.read_bytes() for path in (self.state / "store").glob("*.jsonl"))
            if status == 0
            else b""
        )
        self.assertNotIn(b"stolen", text)


class ArchiveTraversalTests(SynchronousTestCase):
    def test_no_archive_is_unpacked_by_its_own_names(self) -> None:
        """`extractall` and its relatives follow `..`, absolute paths and links. Nothing here uses them."""
        for path in sorted((ROOT / "provserver").rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node, "attr", getattr(node, "id", None))
                self.assertNotIn(name, ("extractall", "unpack_archive"), f"{path}")
