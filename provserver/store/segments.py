"""Segments: the files of a store as they are written. All of it blocks, and is run in a thread."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

from twisted.logger import Logger

from provserver.model import Committed
from provserver.store.disk import TEMPORARY, IDisk, IFile, write_whole
from provserver.store.history import History
from provserver.store.lines import document_line, header, line
from provserver.store.reading import JOURNAL, SNAPSHOT, Found, Tail, file_name, files_named
from provserver.store.sealing import CLEAR, Seal
from provserver.store.tables import Copy

Part = tuple[int, bytes]  # the number of a line, and what it says
_CHUNK = 200  # documents: about a millisecond's work
_BREATH_S = 0.0005


class Abandoned(OSError):
    """A snapshot, or the history that it makes of journals, is not wanted any more."""


class Segments:
    """
    One journal that is written, and the snapshot before it. `write` is never called twice at once; `snapshot` may
    be called meanwhile, since it touches only files that `write` has left or is about to leave.
    """

    _log = Logger()

    def __init__(self, disk: IDisk, history: History, seal: Seal = CLEAR) -> None:
        self._disk = disk
        self._seal = seal
        self._history = history
        self._file: IFile | None = None
        self._is_abandoned = False
        self.snapshot_bytes = 0

    def resume(self, found: Found) -> None:
        """Go on where the folder ends; what was read there is on disk afterwards."""
        self.snapshot_bytes = found.snapshot_bytes
        names = self._disk.names()
        self._remove(name for name in names if name.endswith(TEMPORARY))
        self._remove(name for at, name in files_named(SNAPSHOT, names).items() if at < found.snapshot)
        if not found.journals:
            self.begin(found.seq)
            return
        if found.tail:
            self._keep_aside(found.tail)
        file = self._disk.append(found.journals[-1])
        if found.tail:
            file.cut(found.tail.begin)
        file.sync()  # a kill leaves lines that were never synced: they can be seen from now on
        self._file = file

    def begin(self, seq: int) -> None:
        """Leave the journal and begin the one that follows line `seq`."""
        self.close()
        self._file = write_whole(self._disk, file_name(JOURNAL, seq), [header(JOURNAL, seq)])

    def write(self, begin_after: int | None, durable: int, parts: Iterable[Part]) -> int:
        """
        Write lines and return their bytes when they are on disk; if told so, in a new journal.

        Raises:
            OSError: nothing more may be written before `anew`. What a page of that file holds is then not known,
                and a later sync that succeeds would prove nothing.
        """
        if begin_after is not None:
            self.begin(begin_after)
        assert self._file
        good = self._file.size
        try:
            self._file.write(b"".join(line(seq, durable, part) for seq, part in parts))
            self._file.sync()
        except OSError:
            with suppress(OSError):  # these lines are refused: after a restart they should not be there
                self._file.cut(good)
                self._file.sync()
            raise
        return self._file.size - good

    def snapshot(self, seq: int, copy: Copy) -> None:
        """Write all documents as of line `seq`; then what came before is history."""
        self._snapshot(seq, copy)
        self._supersede(seq, seq)

    def anew(self, seq: int, durable: int, copy: Copy) -> None:
        """After a failed write: go on from a snapshot, in a journal that no failed write has touched. Of the journal
        before, what comes after line `durable` was refused."""
        self.close()
        self._snapshot(seq, copy)
        self.begin(seq)
        self._supersede(seq, durable)

    def abandon(self) -> None:
        """Let a snapshot that is under way in another thread end soon, and begin no other."""
        self._is_abandoned = True

    def close(self) -> None:
        file, self._file = self._file, None
        if file:
            file.close()

    def _snapshot(self, seq: int, copy: Copy) -> None:
        name = file_name(SNAPSHOT, seq)
        try:
            file = write_whole(self._disk, name, self._snapshot_chunks(seq, copy))
        except OSError:
            self._remove([f"{name}{TEMPORARY}"])  # a disk that is full gets its space back
            raise
        self.snapshot_bytes = file.size
        file.close()

    def _snapshot_chunks(self, seq: int, copy: Copy) -> Iterator[bytes]:
        self._check_wanted()
        yield header(SNAPSHOT, seq, commit=copy.seq, documents=copy.count())
        chunk = []
        for document, holds in copy:
            chunk.append(document_line(document, holds, self._seal))
            if len(chunk) == _CHUNK:
                self._check_wanted()
                yield b"".join(chunk)
                chunk.clear()
                time.sleep(_BREATH_S)  # else the reactor gets Python's lock only every 5 ms
        yield b"".join(chunk)

    def _wanted(self, commits: Iterable[Committed]) -> Iterator[Committed]:
        for committed in commits:
            self._check_wanted()
            yield committed

    def _check_wanted(self) -> None:
        if self._is_abandoned:
            raise Abandoned

    def _keep_aside(self, tail: Tail) -> None:
        kept = f"cut-{tail.begin}-of-{tail.name}"
        texts = self._disk.lines(tail.name)
        lines = (text for number, text in enumerate(texts, 1) if number >= tail.line)
        write_whole(self._disk, kept, lines).close()
        self._log.warn(
            "{file}: line {line} and all that follows was never acknowledged and is torn; it was cut off, and "
            "kept in {kept}",
            file=self._disk.shown(tail.name),
            line=tail.line,
            kept=self._disk.shown(kept),
        )

    def _supersede(self, seq: int, until: int) -> None:
        """Remove what is older than the snapshot at `seq`, when the lines up to `until` are kept as history."""
        names = self._disk.names()
        self._remove(name for at, name in files_named(SNAPSHOT, names).items() if at < seq)
        journals = [name for at, name in files_named(JOURNAL, names).items() if at < seq]
        try:
            self._history.keep(self._wanted(self._history.commits(journals, until)))
        except Abandoned:
            pass  # the journals stay, and are read again
        except OSError as problem:
            self._log.warn(
                "the history of {journals} could not be written, and they stay until it can: {problem}",
                journals=", ".join(journals),
                problem=problem,
            )
        else:
            self._remove(journals)

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with suppress(OSError):  # the next snapshot or start tries again; until then it only takes space
                self._disk.remove(name)
