"""The limit: a plain Klein route that returns a constant. `python constant.py PORT`."""

import sys
from typing import Any

from klein import Klein
from twisted.internet import reactor as global_reactor
from twisted.web.server import Request, Site

reactor: Any = global_reactor
app = Klein()


@app.route("/constant")
def constant(request: Request) -> bytes:
    request.setHeader("Content-Type", "application/json")
    return b'{"constant":true}'


class Quiet(Site):
    def log(self, request: Any) -> None:
        """As provd, which writes no line for each request."""


site: Any = Quiet(app.resource())  # type: ignore[no-untyped-call]  # Twisted's
reactor.listenTCP(int(sys.argv[1]), site, interface="127.0.0.1")
print("ready", flush=True)
reactor.run()
