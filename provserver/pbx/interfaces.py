# ruff: noqa: N805 - methods of a zope interface have no self
"""What the connections to a PBX ask of the rest of provd, and what the rest may ask of them."""

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import field, frozen
from twisted.internet.defer import Deferred
from zope.interface import Interface

from provserver.interfaces import Told
from provserver.model import Notify


@frozen
class Calling:
    """What a PBX says of a phone that is in a call; each is "" where it does not say."""

    call: str = ""  # names the call until it has ended
    account: str = ""  # the SIP account that authenticated
    slot: str = ""  # the caller's number, which for a waiting phone is its slot
    mark: str = ""
    ip: str = ""  # where its packets come from
    contact: str = ""  # as in `pbx/contacts.py`: the target of a resync, it identifies nobody
    pbx: str = ""  # who asks: the address of the PBX
    tenants: frozenset[str] | None = None  # whose codes it may claim; None is everybody's


@frozen
class Claimed:
    """A claim or a reset that was done. `resync` is `started` or the reason_id why the phone must be restarted
    by hand."""

    device: str
    resync: str = "started"
    line: str = ""  # of a claim


@frozen
class Ended:
    """How a claim or a reset ended: with what was done, or with the reason_id why nothing was."""

    kind: Literal["claim", "reset"]
    done: Claimed | None = None
    reason_id: str = ""


class IClaims(Interface):
    """
    Turns what was dialled into a phone's line. A refusal is a ProvdError whose reason_id can be spoken
    (`code.unknown`, `phone.none`, `phone.several`, …); after it nothing has changed. A Deferred may wait on purpose:
    who guesses codes is made slow.
    """

    def claim(code: str, calling: Calling) -> Deferred[Claimed]:
        """Give the code's line to the one waiting phone that fits; the resync begins when the call has ended."""

    def reset(pin: str, calling: Calling) -> Deferred[Claimed]:
        """Bring the phone that calls back to autoprov. It is named by `account` and `contact`, never by `slot`."""

    def give_back(device_id: str, who: str) -> Deferred[Claimed]:
        """Bring a phone back to autoprov, as `who` asks over REST. Errors: NotFound; Conflict; StoreFull."""

    def hung_up(call: str) -> None:
        """The call is over. It comes once or more often, and also for calls that claimed nothing."""

    def watch(tell: Callable[[Ended], None]) -> None:
        """Tell of every claim and reset, when it has ended."""


@frozen
class Target:
    """A phone to be told; each is "" where it is not known."""

    account: str = ""  # the account by which it is registered
    contact: str = ""  # one binding of it, as in `pbx/contacts.py`
    ip: str = ""
    login: tuple[str, str] = field(
        default=("", ""), repr=False
    )  # user and password, should the phone ask for them
    single: bool = False  # the account is this phone's alone: a slot


class INotifier(Interface):
    """A way by which a NOTIFY gets to phones."""

    def notify(target: Target, notify: Notify) -> Deferred[Told]:
        """Tell one phone. Errors: NotResynced."""

    def start() -> None:
        """Open what is needed. Once, before the first `notify`."""

    def stop() -> Deferred[None]:
        """Close everything; who still waits is told `resync.stopped`."""


class IResyncs(Interface):
    """Resyncs under way, from the first telling to the fetch that proves it."""

    def begin(
        device_id: str, contact: str = "", call: str = "", tell: Callable[[Told], object] | None = None
    ) -> Deferred[None]:
        """
        Begin one, or join the one that is under way. With a `call` it waits until `hung_up`, 5 s at most. `tell` gets
        each state: `sent`, `answered`. Fires when the phone has fetched its file. Errors: NotResynced says where
        it stopped.
        """

    def hung_up(call: str) -> None:
        """Go ahead with what waits for this call."""

    def tally() -> Mapping[str, int]:
        """Count those under way by their state."""

    def watch(tell: Callable[[str, str], None]) -> None:
        """Tell of every resync when it has ended: the device's id, and the reason_id why it stopped, "" where the
        phone has fetched."""
