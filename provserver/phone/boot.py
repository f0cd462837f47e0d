"""Runs the script of a boot: carries out what it yields, and sends back what came."""

from collections.abc import Awaitable, Callable
from functools import partial

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from provserver.phone.values import Exchange, Fetch, Fetched, Phone, Report, Script, Unreachable

Fetcher = Callable[[Fetch], Awaitable[Fetched]]  # raises Unreachable


async def boot(
    phone: Phone, script: Script, fetch: Fetcher, clock: IReactorTime, tell: Callable[[Exchange], object]
) -> Report:
    """Run a script to its end; `tell` hears of every answer as it comes."""
    exchanges: list[Exchange] = []
    advance = partial(next, script)
    while True:
        try:
            wanted = advance()
        except StopIteration as done:
            return Report(phone, tuple(exchanges), done.value)
        except Unreachable as problem:
            return Report(phone, tuple(exchanges), None, str(problem))
        if wanted.after_s:
            await deferLater(clock, wanted.after_s)
        began = clock.seconds()
        try:
            fetched = await fetch(wanted)
        except Unreachable as problem:
            advance = partial(script.throw, problem)
        else:
            exchanges.append(Exchange(wanted, fetched, clock.seconds() - began))
            tell(exchanges[-1])
            advance = partial(script.send, fetched)
