"""Changes of documents."""

from attrs import frozen

from provserver.model.documents import Document


@frozen
class Put:
    """Write one document over revision `expected`: 0 = there is none, None = any."""

    document: Document
    expected: int | None
    holds: frozenset[tuple[str, str]] = frozenset()  # unique keys: ("code", "482913"), ("discovered", mac)


@frozen
class Delete:
    kind: type[Document]
    id: str
    expected: int | None = None


@frozen
class Commit:
    """Changes that happen together or not at all; who asked for them, and why, for the history."""

    changes: tuple[Put | Delete, ...]
    who: str  # `token:7f3a (Anna)`, `phone:10.0.0.7`, `provd`
    why: str


@frozen
class Committed:
    seq: int  # the new `rev` of every document in it
    at: float
    commit: Commit
