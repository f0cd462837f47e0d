"""Live changes: what is told, to whom, resuming, and clients that read slowly or not at all."""

import json
from typing import Any

from attrs import evolve, frozen
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Answer, Commit, Config, Delete, Device, Put, Tenant
from provserver.pbx.interfaces import Claimed, Ended
from provserver.rest.feed import Feed
from tests.fakes.office import MAC, own_config
from tests.fakes.rest import TOKEN, Answered, RestOffice

FILE = f"{MAC.replace(':', '')}.cfg"
DEVICE = Device("d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master")


@frozen
class Told:
    id: str
    name: str
    data: dict[str, Any]


class Follower:
    """A client that follows; it sees what it has been sent so far."""

    def __init__(self, office: RestOffice, token: str = TOKEN, last: str = "", method: str = "GET") -> None:
        self._office = office
        self.transport = StringTransport()
        channel = office.site.buildProtocol(None)
        assert channel
        self.channel = channel
        channel.makeConnection(self.transport)
        resumed = f"Last-Event-ID: {last}\r\n" if last else ""
        channel.dataReceived(
            f"{method} /0.2/events HTTP/1.1\r\nHost: provd\r\nX-Auth-Token: {token}\r\n{resumed}\r\n".encode()
        )
        office.clock.advance(0)

    def close(self) -> None:
        """Go away."""
        self.channel.connectionLost(Failure(ConnectionDone()))

    @property
    def received(self) -> str:
        self._office.clock.advance(0)
        received: bytes = self.transport.value()
        return received.decode()

    def body(self) -> str:
        """Return what is in the chunks of the answer."""
        rest = self.received.partition("\r\n\r\n")[2]
        body = ""
        while rest:
            size, _, rest = rest.partition("\r\n")
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        return body

    def told(self) -> list[Told]:
        """Return the events so far."""
        events = []
        for block in self.body().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "event" in fields:
                events.append(Told(fields.get("id", ""), fields["event"], json.loads(fields["data"])))
        return events

    def names(self) -> list[str]:
        return [told.name for told in self.told()]


class EventCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.put(own_config("c1"), Tenant("anna", parent="master"), Tenant("ben", parent="master"))

    def tearDown(self) -> None:
        for call in self.office.clock.getDelayedCalls():
            call.cancel()  # of connections that stay open

    def delete(self, device_id: str) -> None:
        self.office.memory.commit(Commit((Delete(Device, device_id),), "test", "test"))


class FeedTests(EventCase):
    def test_what_happens_to_a_device(self) -> None:
        """Each thing once, in order, with what a page needs to show it."""
        follower = Follower(self.office)
        self.assertIn("content-type: text/event-stream", follower.received.lower())
        self.assertIn("cache-control: no-store", follower.received.lower())
        self.assertTrue(follower.body().startswith("retry: "))
        self.office.put(DEVICE)
        self.office.put(evolve(DEVICE, model="A20"))
        self.office.put(evolve(DEVICE, model="A60"), Config("c9"))
        self.office.answer(path=FILE)
        self.office.answer(path="none.cfg")
        self.office.asks("POST", "/dev_mgr/synchronize", {"id": "d1"})  # its plugin knows no way
        self.delete("d1")
        self.assertEqual(
            follower.names(),
            [
                "device-added",
                "device-updated",
                "device-updated",
                "device-fetched",
                "device-refused",
                "device-deleted",
            ],
        )
        added, fetched, refused = (follower.told()[at].data for at in (0, 3, 4))
        at = "2027-01-15T08:00:00.000Z"
        self.assertEqual(added, {"at": at, "device": "d1", "tenant_uuid": "master"})
        self.assertEqual(fetched, {**added, "protocol": "http", "ip": "10.0.0.7", "file": FILE})
        self.assertEqual(
            refused, {**added, "protocol": "http", "ip": "10.0.0.7", "reason_id": "find.no-rule"}
        )

    def test_a_phone_that_was_told(self) -> None:
        """Only when it was: one that cannot be told is no event."""
        told: list[str] = []
        feed = Feed(self.office.memory, self.office.provisioner, self.office.clock)
        feed.listen(lambda: told.append(feed.event(feed.next - 1).name))
        feed.resynced(DEVICE)
        self.assertEqual(told, ["device-resynced"])

    def test_claims_and_how_resyncs_end(self) -> None:
        """A page shows at once that a user has a phone, and whether the phone came along. Of a claim that was refused
        nobody hears: whose it is cannot be told."""
        follower = Follower(self.office)
        self.office.put(DEVICE)
        feed = Feed(self.office.memory, self.office.provisioner, self.office.clock)
        for ended in (
            Ended("claim", Claimed("d1", "resync.by-hand", "l1")),
            Ended("claim", None, "code.unknown"),
            Ended("reset", Claimed("d1")),
            Ended("claim", Claimed("gone", "started", "l1")),
        ):
            feed.claimed(ended)
        told = [feed.event(number) for number in range(feed.first, feed.next)]
        self.assertEqual([event.name for event in told], ["device-claimed", "device-reset"])
        self.assertEqual(told[0].more, {"line": "l1", "resync": "resync.by-hand"})
        self.office.resyncs.end("d1")
        self.office.resyncs.end("d1", "resync.not-fetched")
        fetched, stopped = follower.told()[-2:]
        self.assertEqual((fetched.name, fetched.data["outcome"]), ("device-resync-ended", "fetched"))
        self.assertEqual(
            (stopped.data["outcome"], stopped.data["reason_id"]), ("stopped", "resync.not-fetched")
        )

    def test_an_answer_about_a_device_that_is_gone(self) -> None:
        """Nobody's any more: nobody hears of it."""
        feed = Feed(self.office.memory, self.office.provisioner, self.office.clock)
        self.office.memory.commit(Commit((Put(DEVICE, 0), Put(Config("c8"), 0)), "test", "test"))
        self.delete("d1")
        before = feed.next
        feed.answered(self.office.sighting(), Answer("nothing", (), "d1"))
        self.assertEqual(feed.next, before)

    def test_a_phone_that_is_new(self) -> None:
        """It becomes a device, and fetches."""
        follower = Follower(self.office)
        self.office.answer(path=FILE)
        self.assertEqual(follower.names(), ["device-added", "device-fetched"])

    def test_a_lease_and_a_phone_nobody_knows_are_no_events(self) -> None:
        """They say nothing of a device; explaining is no event either."""
        follower = Follower(self.office)
        self.office.answer(path="common.cfg", user_agent="browser")
        self.office.asks("GET", f"/explain?ip=10.0.0.7&path={FILE}")
        self.assertEqual(follower.names(), [])

    def test_no_secret_is_told(self) -> None:
        """A key in a path, right or wrong, stays out of the events."""
        follower = Follower(self.office)
        self.office.put(DEVICE)
        self.office.answer(path=f"Wrong-key-of-somebody/{FILE}")
        self.assertNotIn("Wrong-key", follower.body())


class TenantTests(EventCase):
    def test_each_hears_of_its_own(self) -> None:
        """Of its tenant and those beneath it; a deleted device's tenant is still known."""
        self.office.put(evolve(DEVICE, id="before", tenant="anna"))
        self.office.use(self.office.tenants)
        master, anna, ben = (Follower(self.office, token) for token in ("master", "anna", "ben"))
        self.office.put(evolve(DEVICE, id="annas", tenant="anna"))
        self.office.put(evolve(DEVICE, id="bens", tenant="ben"))
        self.delete("before")
        self.assertEqual([told.data["device"] for told in master.told()], ["annas", "bens", "before"])
        self.assertEqual([told.data["device"] for told in anna.told()], ["annas", "before"])
        self.assertEqual([told.data["device"] for told in ben.told()], ["bens"])

    def test_a_device_that_moves(self) -> None:
        """To whom it leaves it is gone, to whom it comes it is new."""
        self.office.put(DEVICE)
        self.office.use(self.office.tenants)
        master, anna = (Follower(self.office, token) for token in ("master", "anna"))
        self.office.put(evolve(DEVICE, tenant="anna"))
        self.assertEqual(master.names(), ["device-deleted", "device-added"])
        self.assertEqual(anna.names(), ["device-added"])

    def test_a_token_is_asked_for(self) -> None:
        """And its ACL, once."""
        self.office.use(self.office.tenants)
        self.assertIn(" 401 ", Follower(self.office, "wrong").received)
        Follower(self.office, "anna")
        self.assertEqual(self.office.tenants.asked[-1], ("anna", "provd.events.read", None))


class ResumeTests(EventCase):
    def put(self, count: int) -> None:
        for _ in range(count):
            self.office.put(DEVICE)

    def test_who_comes_again_gets_what_it_missed(self) -> None:
        """From the event after the last one it had."""
        follower = Follower(self.office)
        self.put(1)
        last = follower.told()[-1].id
        follower.close()
        self.put(2)
        self.assertEqual(Follower(self.office, last=last).names(), ["device-updated"] * 2)
        self.put(1)
        again = Follower(self.office, last=last)
        self.assertEqual(len(again.told()), 3)
        self.assertEqual(Follower(self.office, last=again.told()[-1].id).names(), [])

    def test_what_is_no_longer_known_is_told(self) -> None:
        """Too long ago, of another run, or nonsense: the client must read its lists anew."""
        follower = Follower(self.office)
        self.put(1)
        epoch = follower.told()[0].id.partition("-")[0]
        follower.close()
        self.put(10_050)
        for last in (f"{epoch}-1", "0000-5", f"{epoch}-x", f"{epoch}-99999", f"{epoch}-{'9' * 50}", "x"):
            again = Follower(self.office, last=last)
            self.office.clock.advance(0)
            self.assertIn("event: lost\ndata: {}\n\n", again.body(), last)
            again.close()
        self.assertNotIn("event: lost", Follower(self.office, last=f"{epoch}-51").body())


class SlowTests(EventCase):
    def producer(self, follower: Follower) -> Any:
        """Return what the transport pauses when the client takes nothing."""
        return follower.transport.producer

    def test_who_does_not_read_is_not_written_to(self) -> None:
        """The events wait in the feed; when it reads again it gets them all."""
        follower = Follower(self.office)
        self.producer(follower).pauseProducing()
        for _ in range(250):
            self.office.put(DEVICE)
        self.office.clock.advance(25)
        self.assertEqual(follower.names(), [])
        self.producer(follower).resumeProducing()
        self.assertEqual(len(follower.names()), 250)

    def test_who_reads_too_slowly_is_cut_off(self) -> None:
        """The feed forgets; the client comes again and is told what it lost."""
        follower = Follower(self.office)
        self.producer(follower).pauseProducing()
        for _ in range(10_002):
            self.office.put(DEVICE)
        self.assertEqual(follower.names(), [])
        self.assertTrue(follower.transport.disconnected or follower.transport.disconnecting)
        follower.close()
        self.office.put(DEVICE)
        self.office.clock.advance(700)

    def test_into_the_quiet_goes_a_comment(self) -> None:
        """So that proxies keep the connection, and a dead one is noticed."""
        follower = Follower(self.office)
        self.office.clock.advance(21)
        self.office.clock.advance(21)
        self.assertEqual(follower.body().count(":\n\n"), 2)

    def test_a_stream_ends_after_ten_minutes(self) -> None:
        """A token that was revoked is not told for ever; one that takes nothing is cut off."""
        reading, stuck = Follower(self.office), Follower(self.office)
        self.producer(stuck).pauseProducing()
        self.office.clock.advance(601)
        self.assertTrue(reading.received.endswith("0\r\n\r\n"))
        self.assertTrue(stuck.transport.disconnected or stuck.transport.disconnecting)
        self.office.put(DEVICE)
        self.assertEqual(reading.names(), [])

    def test_a_client_that_goes_away_leaves_nothing(self) -> None:
        """No timer, and nobody writes to it."""
        calls = len(self.office.clock.getDelayedCalls())
        follower = Follower(self.office)
        follower.close()
        self.office.put(DEVICE)
        self.assertEqual(follower.names(), [])
        self.assertEqual(len(self.office.clock.getDelayedCalls()), calls)

    def test_there_are_never_more_than_a_hundred(self) -> None:
        """The next one is told to come again; when one has gone there is room."""
        followers = [Follower(self.office) for _ in range(100)]
        refused = self.office.asks("GET", "/events")
        self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "10"))
        followers[0].close()
        self.assertIn(" 200 ", Follower(self.office).received)

    def test_head_says_only_what_get_would(self) -> None:
        """No stream begins."""
        answer: Answered = self.office.asks("HEAD", "/events")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/event-stream"))
        self.assertEqual(self.office.asks("GET", "/status").status, 200)
