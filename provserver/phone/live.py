"""The life of a phone that is on: it boots, registers, dials, is told to restart, and begins again."""

import secrets
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from provserver.errors import Invalid
from provserver.phone import show
from provserver.phone.fetching import host_and_port
from provserver.phone.orders import LiveOrder
from provserver.phone.sip.agent import Agent
from provserver.phone.sip.line import Identity, Tell, identity
from provserver.phone.values import Booted, Memory, Profile, Report, Unreachable

Boot = Callable[[Memory], Awaitable[Report]]


async def live(
    reactor: Any, order: LiveOrder, boot: Boot, say: Callable[[str], None], complain: Callable[[str], None]
) -> bool:
    """
    Play a phone until it has restarted as often as it should, or was not told to for too long. `boot` boots and
    shows it. Return whether it got its configuration and registered, and restarted as often as wanted.

    Raises:
        Unreachable: no registrar has that name, or the port cannot be had.
    """
    began = reactor.seconds()

    def tell(text: str) -> None:
        say(show.event(reactor.seconds() - began, text))

    memory, codes, restarts = Memory(), iter(order.codes), 0
    source = order.boot.phones[0].source or await _own_address(reactor, order.boot.server)
    while True:
        report = await boot(memory)
        if report.booted is None:
            complain(f"provd-phone: {report.problem}")
            return False
        say("")
        agent = Agent(reactor, order.manners, partial(secrets.token_hex, 8), tell)
        try:
            wanted = _identities(order.boot.profile, report.booted, tell)
            registered = await agent.start(wanted, source, order.sip_port)
            is_last = restarts == order.restarts
            told = not is_last and await _awaited(agent, order, next(codes, ""), complain)
        finally:
            await agent.stop()
        if not told:
            return report.provisioned and registered and (is_last or order.restarts is None)
        memory, restarts = report.booted.memory, restarts + 1
        say("")


async def _awaited(agent: Agent, order: LiveOrder, code: str, complain: Callable[[str], None]) -> bool:
    """Dial, and wait to be told to restart; a call under way is not cut off."""
    if code:
        line = next((each for each in agent.lines if each.identity.number == order.line), None)
        if line:
            await line.dial(code)
        else:
            complain(f"provd-phone: no account {order.line} to dial {code} with")
    told = await agent.told(order.stay_s)
    if not told and order.restarts is not None:
        complain(f"provd-phone: not told to restart within {order.stay_s:.0f} s")
    return told


def _identities(profile: Profile, booted: Booted, tell: Tell) -> list[Identity]:
    """Return the accounts that can register; what hinders another one is told."""
    assert profile.credentials
    found = []
    for account in booted.display.accounts:
        if account.enabled:
            try:
                found.append(identity(account, profile.credentials(booted.memory.settings, account.number)))
            except Invalid as problem:
                tell(f"account {account.number} ({account.user_name}): {problem}")
    return found


async def _own_address(reactor: Any, server: str) -> str:
    """Return the address by which the server is reached; nothing is sent."""
    host, port = host_and_port(server)
    try:
        ip = str(await reactor.resolve(host))
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((ip, port))
            return str(probe.getsockname()[0])
    except OSError as problem:  # Twisted's DNSLookupError is one
        raise Unreachable(f"no way to {host}: {problem}") from None
