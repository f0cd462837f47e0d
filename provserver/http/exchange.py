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

from provserver.errors import StoreFull, TooLarge
from provserver.http.body import Body
from provserver.http.channel import BODY_TOO_LONG, PhoneChannel
from provserver.http.messages import PhoneRequest, Piece, Reply, busy, nothing, refusal, text_reply
from provserver.http.sender import InThread, Replaced, Sender, open_piece
from provserver.interfaces import IUploads
from provserver.model import Upload

_NO_ROOM = refusal(507, "there is no room for it")
_REPLACED_S = 10  # by then the index knows the new file


@frozen
class Server:
    """Who answers, and how a disk is read."""

    answer: Callable[[PhoneRequest], Awaitable[Reply]]
    in_thread: InThread
    uploads: IUploads | None = None  # None: a body is counted and dropped


class Exchange(Request):
    """
    Twisted's Request without what phones do not need: cookies, forms, a body that is kept.

    Where phones may write, the answer to PUT and POST is decided before their body is read.
    """

    _log = Logger()

    def __init__(self, channel: PhoneChannel, server: Server) -> None:
        super().__init__(channel)
        self._channel = channel
        self._server = server
        self._received = 0
        self._body: Body | None = None
        self._gone = False
        self._sender: Sender | None = None

    # --- what comes in -------------------------------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:
        """Twisted would open a file for a long body, or one of unknown length."""

    def parseCookies(self) -> None:
        """No phone has any."""

    def body_follows(self, command: bytes, target: bytes, length: int | None) -> None:
        """Decide now. `length`: of the body; None: it ends somewhen."""
        self.method, self.uri = command, target
        self._body = Body(self._channel.hold, self._channel.release)
        Deferred.fromCoroutine(self._take(self._body, length)).addErrback(self._bug)

    def handleContentChunk(self, data: bytes) -> None:
        if self._body:
            self._body.append(data)
            return
        self._received += len(data)
        if self._received > self._channel.shared.limits.phone_body_bytes:
            self._channel.refuse(BODY_TOO_LONG)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.method, self.uri, self.clientproto = command, path, version
        if self._body:
            self._body.end(True)
            return
        Deferred.fromCoroutine(self._serve()).addErrback(self._bug)

    def connectionLost(self, reason: Any) -> None:
        self._gone = True
        if self._body:
            self._body.end(False)
        if self._sender:
            self._sender.stopProducing()
        super().connectionLost(reason)

    # --- what a phone writes -------------------------------------------------------------------------------

    async def _take(self, body: Body, length: int | None) -> None:
        reply = await self._server.answer(self._request())
        if reply.upload and self._server.uploads:
            reply = await self._keep(self._server.uploads, reply.upload, body, length) or Reply(204)
        else:
            reply = await self._drop(reply, body, length)
        if body.whole:
            await self._reply(reply)
        elif not self._gone:
            self._channel.refuse(reply)

    async def _drop(self, reply: Reply, body: Body, length: int | None) -> Reply:
        """Return the reply; of a body that is too long no more is read than is needed to know it."""
        most = self._channel.shared.limits.phone_body_bytes
        too_long = reply if reply.status >= 400 else BODY_TOO_LONG
        if length is not None and length > most:
            return too_long
        self._channel.take_body(upload=False)
        while data := await body.next():
            self._received += len(data)
            if self._received > most:
                return too_long
        return reply

    async def _keep(self, uploads: IUploads, upload: Upload, body: Body, length: int | None) -> Reply | None:
        """Return the refusal of what is too large, or finds no room."""
        try:
            incoming = await uploads.begin(upload, length)
            self._channel.take_body(upload=True)
            whole = False
            try:
                while data := await body.next():
                    await incoming.append(data)
                whole = body.whole
            finally:
                await incoming.finish(whole)
        except TooLarge:
            return BODY_TOO_LONG
        except StoreFull:
            return _NO_ROOM
        return None

    # --- what goes out -------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        await self._reply(await self._server.answer(self._request()))

    async def _reply(self, reply: Reply) -> None:
        if reply.refused:
            self._channel.shared.refusals.tell(self._channel.peer, reply.refused, reply.status)
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
            self._channel.certificate,
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
        reply = text_reply(500, "internal error", method=self.method.decode("ascii"))
        if self.startedWriting:
            self._channel.abort()
        elif self._body and not self._body.ended:
            self._channel.refuse(reply)
        else:
            self._send(reply)
