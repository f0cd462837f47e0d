"""The command `provd-phone`. It alone names the reactor, through `react`."""

import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from twisted.internet.defer import DeferredSemaphore, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import react

from provserver.errors import Invalid
from provserver.phone import show
from provserver.phone.boot import boot
from provserver.phone.clients import fetcher
from provserver.phone.fetching import origin
from provserver.phone.how import subjects, told
from provserver.phone.lease import Rest, tell_rest, tell_socket
from provserver.phone.live import live
from provserver.phone.options import make_parser
from provserver.phone.orders import BootOrder, LeaseOrder, LiveOrder, Order, PnpOrder, read_order
from provserver.phone.pnp_client import search
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Exchange, Memory, Phone, Report, Unreachable

AT_ONCE = 200  # phones that boot at one time: each has a connection, and 1,024 open files is a usual limit


def main(argv: Sequence[str] | None = None) -> None:
    parser = make_parser()
    options = parser.parse_args(argv)
    if options.command == "list":
        chosen = {options.vendor: PROFILES[options.vendor]} if options.vendor else PROFILES
        print("\n".join(show.catalogue(chosen)))
        return
    try:
        if options.command == "how":
            meant = subjects(options.vendor, options.model)
            print("\n\n".join(told(each, options.server or "", options.key) for each in meant))
            return
        order = read_order(options)
    except Invalid as problem:
        parser.error(str(problem))

    async def exit_with_status(reactor: IReactorTime) -> None:
        good = await run(reactor, order, partial(print, flush=True), partial(print, file=sys.stderr))
        raise SystemExit(0 if good else 1)

    react(exit_with_status)


async def run(
    reactor: IReactorTime, order: Order, say: Callable[[str], None], complain: Callable[[str], None]
) -> bool:
    """Carry out an order; return whether it was done: every phone got its configuration each time, a URL was told.
    `say` and `complain` take lines for people."""
    try:
        match order:
            case PnpOrder():
                return await _find(reactor, order, say, complain)
            case LeaseOrder():
                return await _tell(reactor, order, say)
            case LiveOrder():
                return await live(
                    reactor, order, partial(_shown_boot, reactor, order.boot, say), say, complain
                )
            case BootOrder(phones=(_,), as_json=False):
                return await _run_one(reactor, order, say, complain)
            case BootOrder():
                return await _run_many(reactor, order, say)
    except Unreachable as problem:
        complain(f"provd-phone: {problem}")
        return False


async def _find(
    reactor: IReactorTime, order: PnpOrder, say: Callable[[str], None], complain: Callable[[str], None]
) -> bool:
    """Show the search for a server, and boot from it where that is wanted."""
    ip, port = order.group
    say("\n".join(show.title(order.phone, order.profile.vendor, f"asks {ip}:{port} for its server")))
    say("")
    token = secrets.token_hex(8)
    url = await search(
        reactor,
        order.phone,
        order.profile.vendor,
        order.group,
        token,
        lambda at, text: say(show.event(at, text)),
    )
    if not order.boot:
        return True
    say("")
    boots = BootOrder(order.profile, (order.phone,), url, boots=1, as_json=False)
    return await _run_one(reactor, boots, say, complain)


async def _tell(reactor: IReactorTime, order: LeaseOrder, say: Callable[[str], None]) -> bool:
    say("\n".join(show.title(order.phone, order.profile.vendor, order.what)))
    if isinstance(order.to, Rest):
        await tell_rest(order.to, order.event, fetcher(reactor, order.phone.source))
        say(f"taken by {origin(order.to.url)}")
    else:
        tell_socket(order.to, order.event)
        say(f"sent to {order.to}")
    return True


async def _run_one(
    reactor: IReactorTime, order: BootOrder, say: Callable[[str], None], complain: Callable[[str], None]
) -> bool:
    """Show every request as it is answered, and then the display."""
    memory, good = Memory(), True
    for turn in range(order.boots):
        if turn:
            say("")
        report = await _shown_boot(reactor, order, say, memory)
        if report.booted is None:
            complain(f"provd-phone: {report.problem}")
            return False
        memory, good = report.booted.memory, good and report.provisioned
    return good


async def _shown_boot(
    reactor: IReactorTime, order: BootOrder, say: Callable[[str], None], memory: Memory
) -> Report:
    (phone,) = order.phones
    doing = f"boots from {origin(order.server)}"
    title = "\n".join([*show.title(phone, order.profile.vendor, doing), "", show.heading()])
    report = await _boot(reactor, order, phone, memory, _rows(title, say))
    if report.booted:
        say("\n".join(show.screen(report, order.profile.user_agent(phone))))
    return report


async def _run_many(reactor: IReactorTime, order: BootOrder, say: Callable[[str], None]) -> bool:
    """Boot all phones together, and show one line for each."""
    memories = dict.fromkeys(order.phones, Memory())
    places, good = DeferredSemaphore(AT_ONCE), True
    for _ in range(order.boots):
        began = reactor.seconds()
        reports = await gatherResults(
            [places.run(_boot, reactor, order, phone, memories[phone], _silent) for phone in order.phones]
        )
        took_s = reactor.seconds() - began
        say("\n".join(map(show.as_json, reports) if order.as_json else show.summary(reports, took_s)))
        memories.update({report.phone: report.booted.memory for report in reports if report.booted})
        good = good and all(report.provisioned for report in reports)
    return good


async def _boot(
    reactor: IReactorTime, order: BootOrder, phone: Phone, memory: Memory, tell: Callable[[Exchange], None]
) -> Report:
    script = order.profile.boot(phone, order.server, memory)
    return await boot(phone, script, fetcher(reactor, phone.source, order.login), reactor, tell)


def _rows(title: str, say: Callable[[str], None]) -> Callable[[Exchange], None]:
    """Return what shows requests as they are answered, under a title that waits for the first."""
    numbers = count(1)

    def tell(exchange: Exchange) -> None:
        number = next(numbers)
        if number == 1:
            say(title)
        say(show.row(number, exchange))

    return tell


def _silent(exchange: Exchange) -> None:
    """Show nothing: of many phones only the end is of interest."""


if __name__ == "__main__":
    main()
