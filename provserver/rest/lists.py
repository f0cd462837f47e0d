"""Lists, made in slices so that a phone never waits for a long one."""

from collections.abc import Callable, Iterable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from provserver.interfaces import D, IStore
from provserver.rest.codec.listing import Listing, projected
from provserver.rest.codec.values import write_json
from provserver.rest.messages import Query

_log = Logger()
_SLICE_S = 0.005
LISTING = (
    Query("q", "a selector, as JSON"),
    Query("q64", "a selector, as JSON in Base64; wins over `q`"),
    Query("fields", "the fields to show, with commas between; the id is always there"),
    Query("sort", "a field to sort by"),
    Query("sort_ord", "`ASC` or `DESC`"),
    Query("skip", "how many to pass over", int),
    Query("limit", "how many to show at most", int),
)
_SHOWN = "$shown"  # in the view of a document


async def page(
    store: IStore,
    kind: type[D],
    listing: Listing,
    view: Callable[[D], Mapping[str, object]],
    document: Callable[[D], Mapping[str, object]],
    clock: IReactorTime,
    is_shown: Callable[[D], bool] | None = None,
) -> list[Mapping[str, object]]:
    """Return the documents asked for. `view` has the fields that find and order them, `document` those shown; of
    others than `is_shown` nobody hears."""
    if listing.unread:
        _log.warn("a list is not narrowed: its {name} cannot be read", name=listing.unread)
    selector = listing.selector
    if is_shown:
        selector, view = _restricted(selector, view, is_shown)
    found = await store.select(kind, write_json(selector), view, listing.sort, listing.skip, listing.limit)
    return await _in_slices(lambda one: projected(document(one), listing.fields), found, clock)


def _restricted(
    selector: Mapping[str, object], view: Callable[[D], Mapping[str, object]], is_shown: Callable[[D], bool]
) -> tuple[Mapping[str, object], Callable[[D], Mapping[str, object]]]:
    """What is not shown is asked about first, and then nothing more: that a comparison is refused would tell what
    kind of value there is."""
    others = {name: value for name, value in selector.items() if name != _SHOWN}
    return {_SHOWN: True, **others}, lambda one: {**view(one), _SHOWN: True} if is_shown(one) else {}


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
