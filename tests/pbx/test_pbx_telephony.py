"""What the settings make of PBXes: who may ask, who is told how, and where a phone is."""

import os
from socket import SOCK_STREAM
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Held, NotResynced
from provserver.model import Commit, Config, Delete, Device, Notify, Presence, Put, Slot
from provserver.pbx.interfaces import Target
from provserver.pbx.settings import PbxSettings
from provserver.ports import bind
from provserver.settings import ServerSettings
from provserver.settings.sections import Listen, Resync
from provserver.tap import telephony as module
from provserver.tap.telephony import Telephony, bind_agi, target_of, telephony
from tests.fakes.office import json_of
from tests.fakes.rest import RestOffice
from tests.fakes.vendors import Acme
from tests.test_claiming import Told


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.plugins.take((Acme(plugins=(Told("acme-2"),)),))
        self.reactor: Any = MemoryReactorClock()
        self.reactor.advance(self.office.clock.seconds())

    def telephony(self, **settings: Any) -> Telephony:
        office = self.office
        return telephony(
            ServerSettings(**settings),
            office.around,
            office.provisioner,
            office.plugins,
            office.associations,
            self.reactor,
        )

    def device(self, **presence: Any) -> Device:
        device = Device("d1", vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master")
        lines = {
            "1": {"username": "anna", "password": "s3cret"},
            "2": {"username": "ben", "auth_username": "ben-auth", "password": "t0p"},
        }
        self.office.put(device, Config("c1", raw=json_of({"sip_lines": lines})), Presence("d1", **presence))
        return self.office.store.get(Device, "d1")


class AskingTests(Case):
    def test_who_may_ask_by_agi(self) -> None:
        """This machine, and what the settings name as an Asterisk: AGI has no password."""
        pbxes = {
            "a": PbxSettings("asterisk", "192.0.2.20"),
            "k": PbxSettings("sip", "192.0.2.30"),
            "lost": PbxSettings("asterisk", "no-such-host.invalid"),
        }
        agi = self.telephony(pbx=pbxes).agi
        for host, may in (
            ("127.0.0.1", True),
            ("192.0.2.20", True),
            ("192.0.2.30", False),
            ("192.0.2.40", False),
        ):
            self.assertEqual(agi.buildProtocol(IPv4Address("TCP", host, 40_000)) is not None, may, host)
        self.assertIn("192.0.2.30", agi.proxies)

    def test_the_port_of_agi(self) -> None:
        """Off, one that the settings name, and the usual one, without which provd starts all the same."""
        self.assertIsNone(bind_agi(ServerSettings(listen=Listen(agi=""))))
        taken = bind("a test", "127.0.0.1", 0, SOCK_STREAM)
        taken.listen(1)
        self.addCleanup(taken.socket.close)
        held = ServerSettings(listen=Listen(agi=f"127.0.0.1:{taken.port}"))
        self.assertIn(f"pid {os.getpid()}", str(self.assertRaises(Held, bind_agi, held)))
        bound = bind_agi(ServerSettings(listen=Listen(agi="127.0.0.1:0")))
        assert bound
        bound.socket.close()
        self.patch(module, "AGI_PORT", taken.port)
        self.assertIsNone(bind_agi(ServerSettings()))
        self.patch(module, "AGI_PORT", 0)
        usual = bind_agi(ServerSettings())
        assert usual
        usual.socket.close()

    def test_of_two_that_start_at_once_one_has_no_agi(self) -> None:
        """Both may bind the usual port while neither listens."""
        first = bind("a test", "127.0.0.1", 0, SOCK_STREAM)
        second = bind("a test", "127.0.0.1", first.port, SOCK_STREAM)
        self.addCleanup(first.socket.close)
        first.listen(1)
        self.patch(module, "bind", lambda *_: second)
        self.assertIsNone(bind_agi(ServerSettings()))

    def test_files_of_the_settings(self) -> None:
        """The secret's line break is none of it."""
        place = self.mktemp()
        with open(place, "w", encoding="utf-8") as file:
            file.write("s3cret\n")
        phoning = self.telephony(pbx={"a": PbxSettings("asterisk", "192.0.2.20", secret_file=place)})
        phoning.start()
        self.assertEqual(self.reactor.tcpClients[0][1], 5038)
        self.successResultOf(phoning.stop())
        self.assertRaises(OSError, self.telephony, pbx={"a": PbxSettings("sip", "h", ca_file="nothing")})


class TargetTests(Case):
    def target(self, **presence: Any) -> Target:
        return target_of(self.office.store, self.office.provisioner, self.device(**presence))

    def test_where_a_phone_is(self) -> None:
        """It is registered by what it last fetched, and takes that password should it ask for one."""
        for presence, expected in (
            ({"ip": "10.0.0.7", "username": "anna"}, Target("anna", "", "10.0.0.7", ("anna", "s3cret"))),
            ({"username": "ben"}, Target("ben", "", "", ("ben-auth", "t0p"))),
            ({"username": "ap0017"}, Target("ap0017", "", "", ("ap0017", "of-the-slot"), single=True)),
            ({"username": "from-before"}, Target("from-before")),
            ({"ip": "10.0.0.7"}, Target("", "", "10.0.0.7")),
        ):
            self.office.put(Slot("ap0017", password="of-the-slot"))
            self.assertEqual(self.target(**presence), expected)

    def test_a_phone_that_was_never_seen(self) -> None:
        """Nothing is known of it."""
        device = Device("d9", tenant="master")
        self.assertEqual(target_of(self.office.store, self.office.provisioner, device), Target())


class ResyncTests(Case):
    def test_from_the_claim_to_the_fetch(self) -> None:
        """By the ways that the settings make; a NOTIFY of provd's own without any PBX."""
        phoning = self.telephony(resync=Resync(fetch_s=10, tries=1))
        told: list[tuple[str, Notify]] = []
        answered: Deferred[str] = Deferred()

        def tell(device: Device, how: Notify, contact: str = "") -> Deferred[str]:
            told.append((device.id, how))
            return answered

        self.patch(phoning.teller, "tell", tell)
        self.device(username="anna")
        done = phoning.resyncs.begin("d1")
        self.reactor.advance(0)
        self.assertEqual(told, [("d1", Notify("check-sync"))])
        answered.callback("answered")
        self.assertNoResult(done)
        self.reactor.advance(10)
        problem = self.failureResultOf(done, NotResynced).value
        self.assertEqual(problem.reason_id, "resync.not-fetched")
        self.successResultOf(phoning.stop())

    def test_a_device_that_is_gone(self) -> None:
        """It was deleted while it waited for its turn."""
        phoning = self.telephony()
        self.device(username="anna")
        done = phoning.resyncs.begin("d1", call="c1")
        self.successResultOf(self.office.provisioner.change(_commit(Delete(Device, "d1"))))
        phoning.claims.hung_up("c1")
        problem = self.failureResultOf(done, NotResynced).value
        self.assertEqual(problem.reason_id, "resync.gone")
        self.successResultOf(phoning.stop())


def _commit(*changes: Put | Delete) -> Commit:
    return Commit(changes, "test", "test")
