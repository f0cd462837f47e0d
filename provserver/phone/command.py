"""The command `provd-phone`. It alone names the reactor, through `react`."""

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
from provserver.phone.fetching import origin
from provserver.phone.http_client import HttpClient
from provserver.phone.options import Order, make_parser, read_order
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Exchange, Memory, Phone, Report

AT_ONCE = 200  # phones that boot at one time: each has a connection, and 1,024 open files is a usual limit


def main(argv: Sequence[str] | None = None) -> None:
    parser = make_parser()
    options = parser.parse_args(argv)
    if options.command == "list":
        chosen = {options.vendor: PROFILES[options.vendor]} if options.vendor else PROFILES
        print("\n".join(show.catalogue(chosen)))
        return
    try:
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
    """Carry out an order; return whether every phone got its configuration each time. `say` and `complain` take
    lines for people."""
    if len(order.phones) == 1 and not order.as_json:
        return await _run_one(reactor, order, say, complain)
    return await _run_many(reactor, order, say)


async def _run_one(
    reactor: IReactorTime, order: Order, say: Callable[[str], None], complain: Callable[[str], None]
) -> bool:
    """Show every request as it is answered, and then the display."""
    (phone,) = order.phones
    memory, good = Memory(), True
    for turn in range(order.boots):
        if turn:
            say("")
        title = "\n".join(show.title(phone, order.profile.vendor, origin(order.server)))
        report = await _boot(reactor, order, phone, memory, _live(title, say))
        if report.booted is None:
            complain(f"provd-phone: {report.problem}")
            return False
        say("\n".join(show.screen(report, order.profile.user_agent(phone))))
        memory, good = report.booted.memory, good and report.provisioned
    return good


async def _run_many(reactor: IReactorTime, order: Order, say: Callable[[str], None]) -> bool:
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
    reactor: IReactorTime, order: Order, phone: Phone, memory: Memory, tell: Callable[[Exchange], None]
) -> Report:
    script = order.profile.boot(phone, order.server, memory)
    return await boot(phone, script, HttpClient(reactor, phone.source).fetch, reactor, tell)


def _live(title: str, say: Callable[[str], None]) -> Callable[[Exchange], None]:
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
