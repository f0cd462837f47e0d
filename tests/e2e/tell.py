"""
A program that tells one contact by provd's own NOTIFY, through a proxy, as provd does for a PBX of kind `sip`:

    python -m tests.e2e.tell PROXY ACCOUNT CONTACT

It prints `answered`, or the reason_id of what went wrong.
"""

import secrets
import sys
from functools import partial
from typing import Any

from twisted.internet.task import react

from provserver.errors import NotResynced
from provserver.model import Notify
from provserver.pbx.interfaces import Target
from provserver.pbx.notify import SipNotifier
from provserver.pbx.sip_notify import Hop, Registrar


async def tell(reactor: Any, proxy: str, account: str, contact: str) -> None:
    registrar = Registrar(Hop(proxy, 5060, "udp"), proxy)
    notifier = SipNotifier(reactor, registrar, None, frozenset({account}), partial(secrets.token_hex, 8))
    try:
        told: str = await notifier.notify(Target(account, contact), Notify("check-sync"))
    except NotResynced as problem:
        told = problem.reason_id
    sys.stdout.write(f"{told}\n")
    await notifier.stop()


if __name__ == "__main__":
    react(tell, sys.argv[1:])
