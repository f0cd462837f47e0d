"""Phones that come over TLS: what the sighting says, and that TLS is no way round the limits."""

import ssl
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.core.metrics import Counts
from provserver.http.phones import phone_site
from provserver.http.proxies import Proxies
from provserver.model import Sighting
from provserver.rest.front import RestSite
from provserver.settings import Limits
from provserver.tls.clients import certificate_names
from provserver.tls.contexts import make_contexts
from tests.http.wire import BODY, GET, ScriptedProvisioner, Threads, request
from tests.tls.authority import Authority, Issued, temporary
from tests.tls.wire import Client, always, client_context

ROOT = Authority("provd's")
MAKER = Authority("Acme Root")
CONTEXTS = make_contexts(ROOT.server("provd.example.org").pair, [MAKER.own.certificate])
MAC = "0015654AA937"
HEADERS = (
    "X-SSL-Client-Verify: SUCCESS",
    "X-SSL-Client-S-DN: CN=0015650000FF",
    "X-Forwarded-For: 198.51.100.7",
)


class PhonesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        self.provisioner = ScriptedProvisioner()
        self.site = self.made(Proxies(Networks([])))

    def made(self, proxies: Proxies, **limits: int) -> Any:
        return phone_site(
            self.provisioner, proxies, Limits(**limits), self.clock, Threads(), certificate_names
        )

    def phone(self, shown: Issued | None = None) -> Client:
        with temporary() as folder:
            own = shown.write(folder, "own") if shown else None
            client = client_context(ROOT.pem, own)
        return Client(always(CONTEXTS.phones), client, factory=self.site, clock=self.clock)

    def asked(self, phone: Client, *requests: bytes) -> list[Sighting]:
        """Return what the Provisioner is asked when a phone sends these."""
        phone.shake()
        for one in requests:
            self.assertIn(BODY, phone.ask(one))
        phone.hang_up()
        return self.provisioner.asked

    def test_a_phone_that_came_by_https_is_sent_on_by_https(self) -> None:
        """To the address and port that it used."""
        (sighting,) = self.asked(self.phone(), GET)
        self.assertEqual((sighting.base, sighting.certificate), ("https://10.0.0.1:443", ()))

    def test_its_certificate_is_in_each_sighting(self) -> None:
        """Also of the second request on a connection."""
        for sighting in self.asked(self.phone(MAKER.issue(MAC)), GET, GET):
            self.assertEqual(sighting.certificate, (MAC,))

    def test_a_certificate_that_does_not_verify_costs_nothing(self) -> None:
        """The phone is one without certificate."""
        (sighting,) = self.asked(self.phone(Authority("A stranger").issue(MAC)), GET)
        self.assertEqual(sighting.certificate, ())

    def test_a_certificate_is_proved_not_told(self) -> None:
        """What a phone writes into the headers of proxies proves nothing, and takes nothing away."""
        (sighting,) = self.asked(self.phone(MAKER.issue(MAC)), request(*HEADERS))
        self.assertEqual((sighting.certificate, sighting.ip), ((MAC,), "10.0.0.7"))

    def test_the_certificate_of_a_proxy_is_not_the_phones(self) -> None:
        """A proxy that itself comes with a certificate says whom it asks for, and with which certificate."""
        for believed, expected in ((True, ("0015650000FF",)), (False, ())):
            self.provisioner.asked.clear()
            self.site = self.made(Proxies(Networks(["10.0.0.7"]), believed))
            (sighting,) = self.asked(self.phone(MAKER.issue(MAC)), request(*HEADERS))
            self.assertEqual((sighting.certificate, sighting.ip), (expected, "198.51.100.7"))

    def test_a_handshake_that_is_never_finished_ends_in_time(self) -> None:
        """Neither silence nor a trickle of a handshake holds a place for longer than an idle connection."""
        for sent in (b"", b"\x16\x03\x01\x02\x00\x01"):
            phone = self.phone()
            for _ in range(29):
                if sent:
                    phone.send_raw(sent[:1])
                    sent = sent[1:]
                self.clock.advance(1)
            self.assertTrue(phone.transport.connected)
            self.clock.advance(5)
            self.clock.advance(0)
            self.assertFalse(phone.transport.connected)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_unfinished_handshakes_are_counted(self) -> None:
        """Who opens many and says nothing makes room for the one that comes."""
        self.site = self.made(Proxies(Networks([])), http_connections=2)
        silent = [self.phone(), self.phone()]
        self.clock.advance(2)
        phone = self.phone().shake()
        self.assertIn(BODY, phone.ask(GET))
        self.assertEqual([one.transport.aborted for one in silent], [True, False])

    def test_a_finished_handshake_without_a_request_ends_in_time_too(self) -> None:
        """It is told so, and cut off if it does not go; a phone that asks is kept."""
        silent, phone = self.phone().shake(), self.phone().shake()
        self.clock.advance(20)
        phone.ask(GET)
        self.clock.advance(13)
        silent.pump()
        self.assertEqual(silent.tls.read(), b"")
        self.assertTrue(silent.transport.connected)
        self.assertIn(BODY, phone.ask(GET))
        self.clock.advance(33)
        silent.pump()
        self.assertFalse(silent.transport.connected)

    def test_the_log_says_why_a_phone_gets_no_tls(self) -> None:
        """An old phone, or one that does not trust us, is the question that administrators ask."""
        told: list[tuple[str, str]] = []
        self.patch(self.site._shared.refusals, "tell", lambda ip, why, *_: told.append((ip, why)))
        old = Client(
            always(CONTEXTS.phones), client_context(ROOT.pem, old=True), factory=self.site, clock=self.clock
        )
        self.assertRaises(ssl.SSLError, old.shake)
        distrustful = Client(
            always(CONTEXTS.phones), client_context(MAKER.pem), factory=self.site, clock=self.clock
        )
        self.assertRaises(ssl.SSLError, distrustful.shake)
        distrustful.pump()
        self.phone().send_raw(GET)
        self.phone().hang_up()
        self.assertEqual([ip for ip, _ in told], ["10.0.0.7"] * 3)
        for (_, why), part in zip(told, ("unsupported protocol", "unknown ca", "http request"), strict=True):
            self.assertIn("no TLS: ", why)
            self.assertIn(part, why)


class RestTests(SynchronousTestCase):
    def test_rest_ends_unfinished_handshakes_as_well(self) -> None:
        """Twisted's own clock of a connection runs from its first moment."""
        clock = Clock()
        site = RestSite(None, 1000, 10, Counts(), clock)  # type: ignore[arg-type]  # no request gets that far
        phone = Client(always(CONTEXTS.rest), client_context(ROOT.pem), factory=site, clock=clock)
        clock.advance(119)
        self.assertTrue(phone.transport.connected)
        clock.advance(2)
        clock.advance(0)
        self.assertFalse(phone.transport.connected)
        self.assertEqual(clock.getDelayedCalls(), [])
