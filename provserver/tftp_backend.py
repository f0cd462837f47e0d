"""Phones over TFTP: a request that the TFTP server took becomes a sighting, and the answer a file."""

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from provserver.address import normal_ip, normal_path, url_host
from provserver.errors import Invalid
from provserver.interfaces import IProvisioner
from provserver.model import Answer, Sighting
from provserver.tftp.errors import Silence, TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.packet import ACCESS_VIOLATION, NOT_FOUND, UNDEFINED


@implementer(ITftpBackend)
class PhoneBackend:
    def __init__(self, provisioner: IProvisioner, clock: IReactorTime) -> None:
        self._provisioner = provisioner
        self._clock = clock

    def read(self, name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        try:
            path = normal_path(name)
        except Invalid as problem:
            return fail(TftpRefusal(UNDEFINED, problem.text))
        sighting = Sighting(
            "tftp", self._clock.seconds(), normal_ip(peer[0]), f"tftp://{url_host(normal_ip(local))}", path
        )
        # The server cancels what takes too long. A device that is being made must not be cancelled: what the server
        # waits for is another Deferred, which forgets the answer then.
        waited_for: Deferred[Answer] = Deferred()
        self._provisioner.answer(sighting).chainDeferred(waited_for)
        return waited_for.addCallback(_content)

    def write(self, name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:  # noqa: ARG002
        return fail(TftpRefusal(ACCESS_VIOLATION, "nothing may be written"))


def _content(answer: Answer) -> Content:
    """Raises: Silence, TftpRefusal. Whatever is not given looks the same from outside."""
    if answer.outcome == "file" and answer.file:
        file = answer.file
        return Content(file.name, file.body, file.place)
    if answer.outcome == "busy":
        raise Silence("busy")
    raise TftpRefusal(NOT_FOUND, "file not found")
