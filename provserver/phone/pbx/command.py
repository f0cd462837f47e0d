"""
A small test PBX: `python -m provserver.phone.pbx.command --slots slots.json --users users.json`.

It plays Asterisk for tests and demos: SIP over UDP, AGI towards provd, a Manager for provd. Nobody can talk by it.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from provserver.phone.pbx.manager import ManagerFactory
from provserver.phone.pbx.switch import Accounts, Switch
from provserver.phone.sip.transactions import Address
from provserver.phone.values import Unreachable

_MANAGER_USER = "provd"


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    react(partial(run, options=options))


def run(reactor: Any, options: argparse.Namespace) -> Deferred[None]:
    """Run until the reactor stops."""
    say = partial(print, "PBX:", flush=True)
    pool = json.loads(options.slots.read_text())
    users = json.loads(options.users.read_text()) if options.users else {}
    slots = {slot["username"]: slot["password"] for slot in pool["slots"]}
    accounts = Accounts(slots, users, pool["shared"])
    switch = Switch(reactor, accounts, options.agi, options.reset_code, partial(secrets.token_hex, 8), say)
    manager = ManagerFactory(switch, _MANAGER_USER, pool["manager_secret"])
    host, port = options.manager
    try:
        sip = switch.listen(*options.sip)
        listening = reactor.listenTCP(port, manager, interface=host).getHost()
    except (Unreachable, error.CannotListenError) as problem:
        sys.exit(f"PBX: {problem}")
    say(f"SIP at {sip[0]}:{sip[1]}, Manager at {listening.host}:{listening.port}, {len(slots)} slots")
    return Deferred()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m provserver.phone.pbx.command", description=__doc__)
    add = parser.add_argument
    add("--slots", type=Path, required=True, help="the list that `provd-pbx --keep` writes")
    add("--users", type=Path, help='users with their passwords, as JSON: {"anna": "s3cret"}')
    add("--sip", type=_place, default=("127.0.0.1", 5060), metavar="IP:PORT", help="default: 127.0.0.1:5060")
    add(
        "--manager",
        type=_place,
        default=("127.0.0.1", 5038),
        metavar="IP:PORT",
        help="default: 127.0.0.1:5038",
    )
    add(
        "--agi",
        type=_place,
        default=("127.0.0.1", 4573),
        metavar="IP:PORT",
        help="of provd; default: 127.0.0.1:4573",
    )
    add("--reset-code", default="*48378", metavar="CODE", help="with the PIN after it; default: %(default)s")
    return parser


def _place(text: str) -> Address:
    ip, _, port = text.rpartition(":")
    return ip, int(port)


if __name__ == "__main__":
    main()
