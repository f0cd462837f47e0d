"""One request on a phone's connection, and its reply."""
# What Twisted's HTTP lets us override has no types:
# mypy: disable-error-code="no-untyped-call"

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, BinaryIO

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request

from provserver.http.channel import BODY_TOO_LONG, PhoneChannel
from provserver.http.messages import PhoneRequest, Piece, Reply, busy, nothing, text_reply
from provserver.http.sender import InThread, Replaced, Sender, open_piece

_REPLACED_S = 10  # by then the index knows the new file


@frozen
class Server:
    """Who answers, and how a disk is read."""

    answer: Callable[[PhoneRequest], Awaitable[Reply]]
    in_thread: InThread


class Exchange(Request):
    """
    Twisted's Request without what phones do not need: cookies, forms, a body that is kept.

    The body of a request is counted and dropped; uploads will be the first to read one.
    """

    _log = Logger()

    def __init__(self, channel: PhoneChannel, server: Server) -> None:
        super().__init__(channel)
        self._channel = channel
        self._server = server
        self._received = 0
        self._gone = False
        self._sender: Sender | None = None

    # --- what comes in -------------------------------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:
        """Twisted would open a file for a long body, or one of unknown length."""

    def parseCookies(self) -> None:
        """No phone has any."""

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > self._channel.shared.limits.phone_body_bytes:
            self._channel.refuse(BODY_TOO_LONG)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.method, self.uri, self.clientproto = command, path, version
        Deferred.fromCoroutine(self._serve()).addErrback(self._bug)

    def connectionLost(self, reason: Any) -> None:
        self._gone = True
        if self._sender:
            self._sender.stopProducing()
        super().connectionLost(reason)

    # --- what goes out -------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        reply = await self._server.answer(self._request())
        if reply.refused:
            self._channel.shared.refusals.tell(self._channel.peer, reply.refused)
        if reply.piece:
            await self._send_file(reply, reply.piece)
        else:
            self._send(reply)

    def _request(self) -> PhoneRequest:
        fields = self.requestHeaders.getAllRawHeaders()
        return PhoneRequest(
            self.method.decode("ascii"),
            self.uri,
            self._channel.peer,
            self._channel.base,
            self._channel.shared.clock.seconds(),
            {name.decode("ascii").lower(): b", ".join(lines).decode("latin-1") for name, lines in fields},
        )

    def _send(self, reply: Reply) -> None:
        if not self._gone:
            self._send_head(reply)
            self.write(reply.body)
            self.finish()

    def _send_head(self, reply: Reply) -> None:
        self.responseHeaders = self._channel.header_fields(reply)
        self.setResponseCode(reply.status, HTTPStatus(reply.status).phrase.encode())
        self.write(b"")

    async def _send_file(self, reply: Reply, piece: Piece) -> None:
        try:
            file = await self._server.in_thread(lambda: open_piece(piece))
        except FileNotFoundError:
            self._send(nothing(self.method.decode("ascii")))
            return
        except Replaced:
            self._send(busy(_REPLACED_S))
            return
        try:
            if not self._gone:
                await self._stream(reply, piece, file)
        finally:
            await self._server.in_thread(file.close)

    async def _stream(self, reply: Reply, piece: Piece, file: BinaryIO) -> None:
        sender = self._sender = Sender(self.write, self._server.in_thread)
        self.registerProducer(sender, True)
        self._send_head(reply)
        complete = await sender.send(file, piece.length)
        if sender.stopped:
            return
        self.unregisterProducer()
        if complete:
            self.finish()
        else:
            ip = self._channel.peer
            self._log.warn("{place} became shorter while {ip} fetched it", place=piece.place, ip=ip)
            self._channel.abort()  # what is missing must not look like the end

    def _bug(self, failure: Failure) -> None:
        """The outer edge: whatever it is, other phones are served, and this one learns no traceback."""
        self._log.failure("a request of {ip}: a bug", failure, ip=self._channel.peer)
        if self.startedWriting:
            self._channel.abort()
        else:
            self._send(text_reply(500, "internal error", method=self.method.decode("ascii")))
