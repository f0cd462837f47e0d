"""Servers on loopback for the phone: one that answers files, and one that answers any bytes at all."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IProtocolFactory, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

CLOCK = cast(IReactorTime, reactor)
TCP: Any = reactor  # what implements so much more than one interface has no type


class Files(Resource):
    """Answers what it holds, with an ETag; keeps who asked for what."""

    isLeaf = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files = files
        self.asked: list[tuple[str, str, str]] = []  # address, path, User-Agent

    def render_GET(self, request: Request) -> bytes:
        path = request.path.decode().lstrip("/")
        self.asked.append((request.getClientAddress().host, path, request.getHeader("user-agent") or ""))
        body = self.files.get(path)
        if body is None:
            request.setResponseCode(404)
            return b""
        return b"" if request.setETag(f'"{hash(body)}"'.encode()) else body


class _Says(Protocol):
    transport: ITCPTransport

    def __init__(self, say: Callable[[ITCPTransport], None]) -> None:
        self._say = say

    def dataReceived(self, data: bytes) -> None:
        self._say(self.transport)


def listen(case: TestCase, factory: IProtocolFactory) -> str:
    """Listen for the time of a test; return the URL."""
    port = TCP.listenTCP(0, factory, interface="127.0.0.1")
    case.addCleanup(port.stopListening)
    return f"http://127.0.0.1:{port.getHost().port}/"


def serve(case: TestCase, files: Mapping[str, bytes]) -> tuple[str, Files]:
    resource = Files(files)
    return listen(case, Site(resource)), resource


def serve_bytes(case: TestCase, say: Callable[[ITCPTransport], None]) -> str:
    """Answer every request by calling `say` with the connection."""
    return listen(case, Factory.forProtocol(lambda: _Says(say)))


async def closed_port() -> str:
    """Return a URL on loopback where nobody listens any more."""
    port = TCP.listenTCP(0, Factory(), interface="127.0.0.1")
    url = f"http://127.0.0.1:{port.getHost().port}/"
    await maybeDeferred(port.stopListening)
    return url
