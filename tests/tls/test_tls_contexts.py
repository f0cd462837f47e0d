"""tls.contexts and tls.listening: what is spoken on which port."""

import ssl
from collections.abc import Sequence

from cryptography.x509 import Certificate
from OpenSSL import SSL
from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.tls.contexts import Contexts, make_contexts
from tests.tls.authority import Authority, rsa_key
from tests.tls.wire import Client, Greeter, always, client_context

ROOT = Authority()
BETWEEN = Authority("Acme Devices", above=ROOT)
NAME = "provd.example.org"
SERVER = BETWEEN.server(NAME)
MODERN = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305")
OF_OLD = ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM")


def contexts(authorities: Sequence[Certificate] = ()) -> Contexts:
    return make_contexts(SERVER.pair, authorities)


def only(cipher: str) -> ssl.SSLContext:
    """Return a client that offers one cipher of TLS 1.2."""
    client = client_context(ROOT.pem)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(cipher)
    return client


class ContextsTests(SynchronousTestCase):
    def test_every_port_speaks_todays_tls_with_the_whole_chain(self) -> None:
        """The client has only the root, so it needs what stands between."""
        found = contexts()
        for context in (found.phones, found.old_phones, found.rest):
            client = Client(always(context), client_context(ROOT.pem)).shake()
            self.assertEqual(client.tls.version(), "TLSv1.3")
            self.assertEqual(client.ask(), b"HELLO")

    def test_old_tls_is_spoken_only_where_it_was_asked_for(self) -> None:
        """A port that takes TLS 1.0 for some phones must not be one that nobody chose."""
        found = contexts()
        for context in (found.phones, found.rest):
            client = Client(always(context), client_context(ROOT.pem, old=True))
            self.assertRaises(ssl.SSLError, client.shake)
            self.assertIn("unsupported protocol", str(client.protocol.lost.value))
        client = Client(lambda: found.old_phones, client_context(ROOT.pem, old=True)).shake()
        self.assertEqual((client.tls.version(), client.ask()), ("TLSv1", b"HELLO"))

    def test_old_ciphers_are_taken_only_there_too(self) -> None:
        """Phones with TLS 1.2 may know nothing but CBC."""
        found = contexts()
        for cipher in MODERN:
            self.assertEqual(Client(lambda: found.phones, only(cipher)).shake().ask(), b"HELLO", cipher)
        for cipher in OF_OLD[:2]:
            self.assertRaises(ssl.SSLError, Client(lambda: found.phones, only(cipher)).shake)
            self.assertEqual(Client(lambda: found.old_phones, only(cipher)).shake().ask(), b"HELLO", cipher)

    def test_what_encrypts_nothing_is_taken_nowhere(self) -> None:
        """Security level 0 opens old TLS, not an open door: no anonymous, no null cipher."""
        for cipher in ("aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0"):
            client = Client(lambda: contexts().old_phones, only(cipher))
            self.assertRaises(ssl.SSLError, client.shake)

    def test_a_new_phone_is_not_talked_down_on_the_old_port(self) -> None:
        """Who knows TLS 1.3 gets it there as well."""
        client = Client(lambda: contexts().old_phones, client_context(ROOT.pem)).shake()
        self.assertEqual(client.tls.version(), "TLSv1.3")

    def test_a_wrong_name_is_the_clients_to_refuse(self) -> None:
        """SNI of another name, or none, breaks nothing on our side: there is one certificate."""
        client = client_context(ROOT.pem)
        self.assertRaises(
            ssl.SSLCertVerificationError, Client(lambda: contexts().phones, client, "x.example").shake
        )
        client.check_hostname = False
        for name in ("x.example", None):
            asked = Client(lambda: contexts().phones, client, name)
            self.assertEqual(asked.shake().ask(), b"HELLO")

    def test_no_session_is_resumed(self) -> None:
        """A resumed one would carry an old verdict on a certificate."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            found = contexts((ROOT.own.certificate,))
            client = client_context(ROOT.pem)
            client.maximum_version = version
            first = Client(always(found.phones), client).shake()
            first.ask()
            again = Client(always(found.phones), client)
            again.tls = client.wrap_bio(
                again.incoming, again.outgoing, server_hostname=NAME, session=first.tls.session
            )
            self.assertEqual(again.shake().ask(), b"HELLO")
            self.assertFalse(again.tls.session_reused)

    def test_a_key_too_short_for_today_is_refused_at_start(self) -> None:
        """Not by each client."""
        weak = ROOT.server(NAME, key=rsa_key(1024))
        refused = self.assertRaises(Invalid, make_contexts, weak.pair, ())
        self.assertEqual((refused.field, "key too small" in refused.text), ("tls.certificate", True))

    def test_too_many_authorities_are_refused_at_start(self) -> None:
        """The folder of all that the system trusts is not meant, and would burst the handshake."""
        refused = self.assertRaises(Invalid, contexts, [ROOT.own.certificate] * 400)
        self.assertIn("tls.client_ca: the names of 400 authorities take ", str(refused))

    def test_bytes_that_are_no_tls_end_the_connection(self) -> None:
        """Plain HTTP on the port, or noise: the protocol behind hears why."""
        for noise in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00" * 100, b"\xff" * 5000):
            client = Client(lambda: contexts().phones, client_context(ROOT.pem))
            client.send_raw(noise)
            self.assertIsInstance(client.protocol.lost.value, SSL.Error)

    def test_each_connection_gets_what_holds_when_it_comes(self) -> None:
        """One that is open stays as it is."""
        other = Authority("Other")
        now = [contexts().phones]
        before = Client(lambda: now[0], client_context(ROOT.pem)).shake()
        now[0] = make_contexts(other.server(NAME).pair, ()).phones
        after = Client(
            lambda: now[0], client_context(other.pem), factory=Factory.forProtocol(Greeter)
        ).shake()
        self.assertEqual((before.ask(), after.ask()), (b"HELLO", b"HELLO"))
