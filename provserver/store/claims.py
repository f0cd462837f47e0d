"""Claims: which commit may go on. All the rules that end in a Conflict are here."""

from provserver.errors import Conflict
from provserver.model import Commit, Put
from provserver.store.codec import NAMES
from provserver.store.tables import NO_HOLDS, Holds, Ref, Tables, ref_of


class Claims:
    """The documents and the unique keys that the commits under way have claimed, until they are settled."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._refs: set[Ref] = set()
        self._keys: set[tuple[str, str]] = set()

    def is_claimed(self, ref: Ref) -> bool:
        return ref in self._refs

    def claim(self, commit: Commit) -> None:
        """
        Claim what a commit changes; its documents have their new revision already.

        Raises:
            Conflict: a stale revision, another change of the document under way, a unique key that another holds.
        """
        revs: dict[Ref, int] = {}
        holds: dict[Ref, Holds] = {}
        for change in commit.changes:
            ref = ref_of(change)
            name = f"{NAMES[ref[0]]} {ref[1]!r}"
            if ref in self._refs:
                raise Conflict(f"{name} is being changed by somebody else")
            rev = revs.get(ref, self._rev(ref))
            if change.expected not in (None, rev):
                raise Conflict(f"{name} is at revision {rev}, not {change.expected}")
            revs[ref] = change.document.rev if isinstance(change, Put) else 0
            holds[ref] = change.holds if isinstance(change, Put) else NO_HOLDS
        self._check_keys(holds)
        self._refs.update(holds)
        self._keys.update(*holds.values())

    def settle(self, commit: Commit) -> None:
        """Give free what a commit had claimed, whether it succeeded or not."""
        for change in commit.changes:
            self._refs.discard(ref_of(change))
            if isinstance(change, Put):
                self._keys -= change.holds

    def _rev(self, ref: Ref) -> int:
        document = self._tables.look(ref)
        return document.rev if document else 0

    def _check_keys(self, holds: dict[Ref, Holds]) -> None:
        """A key may pass from one document to another in one commit, whatever the order of its changes."""
        taken: dict[tuple[str, str], Ref] = {}
        for ref, keys in holds.items():
            for key in keys:
                holder = self._tables.holder(key)
                if key in self._keys or taken.setdefault(key, ref) != ref:
                    raise Conflict(f"the {key[0]} is being taken by somebody else")
                if holder is not None and holder not in holds:
                    raise Conflict(f"the {key[0]} is held by {NAMES[holder[0]]} {holder[1]!r}")
