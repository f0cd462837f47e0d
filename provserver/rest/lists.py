"""Lists, made in slices so that a phone never waits for a long one."""

from collections.abc import Callable, Iterable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from provserver.interfaces import D, IStore
from provserver.rest.codec.listing import Listing, projected
from provserver.rest.codec.values import write_json

_log = Logger()
_SLICE_S = 0.005


async def page(
    store: IStore,
    kind: type[D],
    listing: Listing,
    view: Callable[[D], Mapping[str, object]],
    document: Callable[[D], Mapping[str, object]],
    clock: IReactorTime,
) -> list[Mapping[str, object]]:
    """Return the documents asked for. `view` has the fields that find and order them, `document` those shown."""
    if listing.unread:
        _log.warn("a list is not narrowed: its {name} cannot be read", name=listing.unread)
    selector = write_json(listing.selector)
    found = await store.select(kind, selector, view, listing.sort, listing.skip, listing.limit)
    return await _in_slices(lambda one: projected(document(one), listing.fields), found, clock)


async def _in_slices(
    make: Callable[[D], Mapping[str, object]], documents: Iterable[D], clock: IReactorTime
) -> list[Mapping[str, object]]:
    made = []
    until = clock.seconds() + _SLICE_S
    for document in documents:
        made.append(make(document))
        if clock.seconds() >= until:
            await deferLater(clock, 0)
            until = clock.seconds() + _SLICE_S
    return made
