"""Phones over TFTP: a request that the TFTP server took becomes a sighting, and the answer a file."""

from functools import lru_cache

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.address import normal_ip, normal_path, url_host
from provserver.errors import Invalid, ProvdError, TooLarge
from provserver.interfaces import IAnswers, IIncoming, IUploads
from provserver.model import Answer, Sighting
from provserver.tftp.errors import Silence, TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.packet import ACCESS_VIOLATION, DISK_FULL, NOT_FOUND, UNDEFINED

_normal_ip = lru_cache(4_096)(normal_ip)  # the phones of a boot ask again and again


@implementer(ITftpBackend)
class PhoneBackend:
    def __init__(self, provisioner: IAnswers, uploads: IUploads, clock: IReactorTime) -> None:
        self._provisioner = provisioner
        self._uploads = uploads
        self._clock = clock

    def read(self, name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        return self._answer("GET", name, peer, local).addCallback(_content)

    def write(self, name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:
        return Deferred.fromCoroutine(self._write(self._answer("PUT", name, peer, local), size))

    async def _write(self, answering: Deferred[Answer], size: int | None) -> ITftpSink:
        answer = await answering
        if answer.outcome == "busy":
            raise Silence("busy")
        if answer.upload is None:
            raise TftpRefusal(ACCESS_VIOLATION, "access violation")
        try:
            return _Sink(answer.upload.name, await self._uploads.begin(answer.upload, size))
        except ProvdError as problem:
            raise _told(problem, answer.upload.name) from None

    def _answer(self, method: str, name: str, peer: tuple[str, int], local: str) -> Deferred[Answer]:
        try:
            path = normal_path(name)
        except Invalid as problem:
            return fail(TftpRefusal(UNDEFINED, problem.text))
        ip = _normal_ip(peer[0])
        base = f"tftp://{url_host(_normal_ip(local))}"
        answering = self._provisioner.answer(
            Sighting("tftp", self._clock.seconds(), ip, base, path, method=method)
        )
        if answering.called:
            return answering
        # The server cancels what takes too long. A device that is being made must not be cancelled: what the server
        # waits for is another Deferred, which forgets the answer then.
        waited_for: Deferred[Answer] = Deferred()
        answering.chainDeferred(waited_for)
        return waited_for


@implementer(ITftpSink)
class _Sink:
    """An upload, in the words of TFTP."""

    def __init__(self, label: str, incoming: IIncoming) -> None:
        self.label = label
        self._incoming = incoming

    def append(self, data: bytes) -> Deferred[None]:
        return self._incoming.append(data).addErrback(self._refuse)

    def finish(self, whole: bool) -> Deferred[None]:
        return self._incoming.finish(whole).addErrback(self._refuse)

    def _refuse(self, failure: Failure) -> None:
        if isinstance(failure.value, ProvdError):
            raise _told(failure.value, self.label)
        failure.raiseException()  # a bug


def _told(problem: ProvdError, label: str) -> TftpRefusal:
    """Too large and full are one code of TFTP (RFC 1350 section 5)."""
    return TftpRefusal(DISK_FULL, "too large" if isinstance(problem, TooLarge) else "disk full", label)


def _content(answer: Answer) -> Content:
    """Raises: Silence, TftpRefusal. Whatever is not given looks the same from outside."""
    if answer.outcome == "file" and answer.file:
        file = answer.file
        return Content(file.name, file.body, file.place)
    if answer.outcome == "busy":
        raise Silence("busy")
    raise TftpRefusal(NOT_FOUND, "file not found")
