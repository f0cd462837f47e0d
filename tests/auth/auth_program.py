"""A FakeWazoAuth as a program: prints its port, and serves until it is ended."""

import sys
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import IListeningPort
from twisted.web.server import Site

from tests.auth.fake_wazo_auth import MASTER, FakeWazoAuth

CUSTOMER = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
TOKENS = {"token-of-master": MASTER, "token-of-customer": CUSTOMER}


def main() -> None:
    reactor: Any = _reactor
    auth = FakeWazoAuth()
    auth.parents[CUSTOMER] = MASTER
    for token, tenant in TOKENS.items():
        auth.issue(token, tenant, ["provd.#"])
    port = int(sys.argv[1]) if sys.argv[1:] else 0
    endpoint = TCP4ServerEndpoint(reactor, port, interface="127.0.0.1")
    endpoint.listen(Site(auth)).addCallback(_say)
    reactor.run()


def _say(listening: IListeningPort) -> None:
    address: Any = listening.getHost()
    sys.stdout.write(f"{address.port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
