"""
The TFTP server: takes requests, asks its backend, and opens the transfers.

A shell: which packet comes next is for `transfer` to say, which options are in force for `options`.
"""

from collections.abc import Callable
from functools import partial
from socket import socket
from typing import TypeVar

from attrs import evolve
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.defer import TimeoutError as Overdue
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.tftp import netascii
from provserver.tftp.errors import Silence, TftpRefusal
from provserver.tftp.incoming import WriteTransfer
from provserver.tftp.interfaces import Content, INetwork, ITftpBackend, ITftpSink
from provserver.tftp.limits import Limits
from provserver.tftp.listening import Listening
from provserver.tftp.options import PLAIN, Agreed, negotiate
from provserver.tftp.outgoing import ReadTransfer
from provserver.tftp.pace import Pace
from provserver.tftp.packet import (
    DEFAULT_BLKSIZE,
    HEADER,
    UNDEFINED,
    Error,
    Request,
    encode,
)
from provserver.tftp.reading import Body, Disk, RunInThread, Source
from provserver.tftp.report import Counters, Report
from provserver.tftp.session import Key, Link, ReadSession, Record, Session, WriteSession
from provserver.tftp.timers import Timers
from provserver.tftp.transfers import Transfer, Transfers

T = TypeVar("T")

_LASTING = 64  # acknowledgements of a transfer that is worth a port for many packets
_MOST_ACK = 128  # bytes that are heard of a packet to a reader's port: of an ERROR as much as is logged


class TftpServer:
    """
    Serves what `backend` says on the sockets that it is given.

    `clock` drives the timers, `seconds` tells the time: best one that never jumps. `run_in_thread` is called as
    `deferToThread` is. `random` gives numbers in [0, 1).
    """

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        network: INetwork,
        backend: ITftpBackend,
        limits: Limits,
        run_in_thread: RunInThread,
        seconds: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._clock, self._network, self._backend, self._limits = clock, network, backend, limits
        self._seconds, self._random = seconds, random
        self._disk = Disk(run_in_thread)
        self._timers = Timers(clock, seconds)
        self._report = Report()
        self._listening: list[Listening] = []
        self._transfers = Transfers(limits)
        self._cut_call: IDelayedCall | None = None
        self._stopped: Deferred[None] | None = None

    @property
    def counters(self) -> Counters:
        return self._report.counters

    @property
    def active(self) -> int:
        """How many transfers are under way."""
        return len(self._transfers)

    def serve(self, sock: socket, single_port: bool = False) -> None:
        """Take over a bound UDP socket. With `single_port` everything goes through it, for NAT and firewalls; its
        number is no secret, so whoever forges a request can then forge the acknowledgements too."""
        self._listening.append(
            Listening(self._network, sock, single_port, self.counters, self._requested, self._session)
        )

    def stop(self, within_s: float) -> Deferred[None]:
        """Take no more requests; fire when all transfers have ended, those that take longer cut off."""
        if self._stopped is None:
            self._stopped = Deferred()
            self._cut_call = self._clock.callLater(within_s, self._cut_off)
            for transfer in self._transfers.lingering():
                self._end(transfer, "received")
            self._rest()
        return self._stopped

    # --- requests ------------------------------------------------------------------------------------------

    def _session(self, key: Key) -> Session | None:
        transfer = self._transfers.get(key)
        return transfer.session if transfer else None

    def _requested(self, listening: Listening, request: Request, key: Key) -> None:
        self.counters.requests += 1
        now = self._seconds()
        if not self._limits.admits(key[0][0]):
            self._report.limited(key[0][0], "too many ask at once", now)
            return
        before = self._transfers.get(key)
        if before is not None:
            if before.request == request and before.is_lively(now):
                self.counters.repeated += 1
                if before.session:
                    before.session.asked_again()
                return
            self._end(before, "replaced")  # the phone has restarted, or wants something else
        if self._stopped is not None:
            return
        transfer = Transfer(key, request, listening)
        if self._transfers.add(transfer):
            self._ask(transfer)
        else:
            self._report.limited(key[0][0], "too many transfers", now)

    def _ask(self, transfer: Transfer) -> None:
        request, (peer, local) = transfer.request, transfer.key
        if request.writing:
            transfer.agreed = self._agree(transfer, None)
            size = transfer.agreed.tsize
            sink = maybeDeferred(self._backend.write, request.name, peer[:2], local, size)
            self._wait(sink, transfer).addCallback(self._take, transfer).addErrback(self._refuse, transfer)
        else:
            content = maybeDeferred(self._backend.read, request.name, peer[:2], local)
            self._wait(content, transfer).addCallback(self._give, transfer).addErrback(self._refuse, transfer)

    def _wait(self, asked: Deferred[T], transfer: Transfer) -> Deferred[T]:
        if not asked.called:
            transfer.asked = asked
            asked.addTimeout(self._limits.backend_s, self._clock)
        return asked

    def _refuse(self, failure: Failure, transfer: Transfer) -> None:
        """The one table from error to answer."""
        if transfer.over:
            return
        problem = failure.value
        if isinstance(problem, Silence | Overdue):
            self.counters.silenced += 1
        elif isinstance(problem, TftpRefusal):
            self._answer(transfer, problem)
        else:
            self._log.failure("a TFTP request failed", failure)
            self._answer(transfer, TftpRefusal(UNDEFINED, "the server failed"))
        self._end(transfer, "failed")

    def _answer(self, transfer: Transfer, refusal: TftpRefusal) -> None:
        peer, local = transfer.key
        transfer.listening.port.send_to(peer, local, encode(Error(refusal.code, refusal.text)))
        self._report.refused(peer, transfer.request.writing, refusal, self._seconds())

    # --- transfers -----------------------------------------------------------------------------------------

    def _give(self, content: Content, transfer: Transfer) -> None:
        if content.body is not None:
            body = netascii.encode(content.body) if transfer.request.netascii else content.body
            self._read(Body(body), transfer, content.label)
            return
        opening = Deferred.fromCoroutine(self._disk.open(content, transfer.request.netascii))
        opening.addCallback(self._read, transfer, content.label)
        opening.addErrback(self._refuse, transfer)

    def _read(self, source: Source, transfer: Transfer, label: str) -> None:
        if transfer.over:
            source.close()
            return
        agreed = transfer.agreed = self._agree(transfer, source.size)
        blocks = source.size // agreed.blksize + 1
        pace = Pace(agreed.timeout_s, self._random())
        machine = ReadTransfer(blocks, agreed.window, bool(agreed.answer), pace, self._deadline())
        session = ReadSession(self._link(transfer, label), source, machine)
        self._begin(transfer, session, _MOST_ACK, lasting=blocks > _LASTING * agreed.window)

    def _take(self, sink: ITftpSink, transfer: Transfer) -> None:
        if transfer.over:
            sink.finish(False).addErrback(lambda failure: self._log.failure("a bug in a sink", failure))
            return
        agreed = transfer.agreed
        machine = WriteTransfer(
            agreed.blksize, agreed.window, bool(agreed.answer), agreed.timeout_s, self._deadline()
        )
        session = WriteSession(
            self._link(transfer, sink.label),
            sink,
            machine,
            transfer.request.netascii,
            partial(self._linger, transfer),
        )
        self._begin(transfer, session, agreed.blksize + HEADER + 1)  # one more shows a block that is too long

    def _begin(self, transfer: Transfer, session: Session, most: int, lasting: bool = False) -> None:
        peer, local = transfer.key
        transfer.session = session
        through = transfer.listening.port
        try:
            session.link.port = (
                through.port(peer, local)
                if transfer.listening.shared
                else self._network.port(peer, local, session.heard, most, lasting)
            )
        except OSError as problem:
            self._report.limited(peer[0], f"no socket: {problem.strerror}", self._seconds())
            session.link.port = through.port(peer, local)
            session.end("failed", "no socket")
            return
        session.start()
        self._timers.watch(session)

    def _agree(self, transfer: Transfer, size: int | None) -> Agreed:
        options, caps = transfer.request.options, self._limits.caps
        if not options:
            return PLAIN
        room = max(self._network.most_payload(transfer.key[0]) - HEADER, DEFAULT_BLKSIZE)
        return negotiate(options, evolve(caps, blksize=min(caps.blksize, room)), size)

    def _deadline(self) -> float:
        return self._seconds() + self._limits.deadline_s

    def _link(self, transfer: Transfer, label: str) -> Link:
        request, peer = transfer.request, transfer.key[0]
        record = Record(peer, request.writing, label, transfer.agreed, self._seconds())
        return Link(peer, record, self._seconds, partial(self._ended, transfer))

    def _ended(self, transfer: Transfer, record: Record) -> None:
        self._report.ended(record)
        self._forget(transfer)

    # --- the end -------------------------------------------------------------------------------------------

    def _linger(self, transfer: Transfer) -> None:
        """The file of an upload is in its place, and acknowledged."""
        makes_way = transfer if self._stopped else self._transfers.linger(transfer)
        if makes_way:
            self._end(makes_way, "received")

    def _end(self, transfer: Transfer, outcome: str, detail: str = "", tell: int | None = None) -> None:
        if transfer.session:
            transfer.session.end(outcome, detail, tell)
            return
        self._forget(transfer)
        if transfer.asked:
            transfer.asked.cancel()

    def _forget(self, transfer: Transfer) -> None:
        transfer.over = True
        transfer.session = None  # no cycle is left: thousands a second are more than the collector's share
        self._transfers.remove(transfer)
        self._rest()

    def _cut_off(self) -> None:
        for transfer in self._transfers:
            self._end(transfer, "stopped", "the server stops", UNDEFINED)

    def _rest(self) -> None:
        """When stopping, close what nobody needs any more."""
        if self._stopped is None or self._stopped.called:
            return
        for listening in self._listening:
            if not (listening.shared and self._transfers):
                listening.port.close()
        if not self._transfers:
            assert self._cut_call
            if self._cut_call.active():
                self._cut_call.cancel()
            self._timers.stop()
            self._stopped.callback(None)
