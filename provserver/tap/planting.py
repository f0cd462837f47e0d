"""What a start writes before anybody is answered: the first documents, the key of the marks, the pool of slots."""

import json
import secrets
from itertools import islice
from pathlib import Path
from typing import Any

from provserver.core.mark import KEY
from provserver.core.pool import BATCH, pool_changes, read_pool
from provserver.core.reading import parameter
from provserver.core.seeds import seeds
from provserver.errors import Invalid
from provserver.interfaces import IStore
from provserver.model import Commit, Delete, Parameter, Put
from provserver.tap import parts


def plant(store: IStore, random_passwords: bool) -> None:
    """Make the documents of a first start."""
    documents = seeds(parts.new_id, parts.new_secret, with_passwords=not random_passwords)
    changes = tuple(Put(document, 0) for document in documents)
    _commit(store, changes, "first start")


def mark_key(store: IStore) -> bytes:
    """Return the key of the marks, which the first start with them makes."""
    key = parameter(store, KEY)
    if key is None:
        key = secrets.token_hex(16)
        _commit(store, (Put(Parameter(KEY, value=key), 0),), "first start")
    return bytes.fromhex(key)


def fill_pool(store: IStore, path: Path) -> None:
    """
    Make the slots those of the file.

    Raises:
        OSError, UnicodeDecodeError, Invalid: the file.
    """
    try:
        pool = read_pool(json.loads(path.read_text(encoding="utf-8")))
    except Invalid as problem:
        raise Invalid(str(problem), str(path)) from None
    except (ValueError, RecursionError):
        raise Invalid("expected JSON, as provd-pbx writes it", str(path)) from None
    changes = pool_changes(pool, store)
    while batch := tuple(islice(changes, BATCH)):
        _commit(store, batch, "slots")


def _commit(store: IStore, changes: tuple[Put | Delete, ...], why: str) -> None:
    """The reactor does not run yet: when this returns they are on disk."""
    problems: list[Any] = []
    store.commit(Commit(changes, "provd", why)).addErrback(problems.append)
    for problem in problems:
        problem.raiseException()
