"""tls.clients: which client certificates are believed, and what they name."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.tls import clients
from provserver.tls.clients import Verdict, certificate_names, names
from provserver.tls.contexts import make_contexts
from tests.tls.authority import DAY, SERVER_AUTH, Authority, Issued, rsa_key, temporary
from tests.tls.wire import Client, always, client_context

ROOT = Authority("provd's")
NAME = "provd.example.org"
SERVER = ROOT.server(NAME)
MAKER = Authority("Acme Root")
DEVICES = Authority("Acme Devices", above=MAKER)
MAC = "0015654AA937"
NAMED = (
    x509.DNSName("sep0015654aa937.phone.example"),
    x509.RFC822Name("phone@acme.example"),
    x509.UniformResourceIdentifier("urn:mac:0015654aa937"),
    x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inner")])),
    x509.IPAddress(ip_address("10.0.0.7")),
)
NO_AUTHORITY = Authority("An end", above=MAKER, is_one=False)
ODD_NAMES = (
    b"\x30\x05\x87\x03\x0a\x00\x07",  # an IP address of three bytes
    b"\x30\x09\xa5\x07\xa1\x05\x0c\x03abc",  # an EDI party name
    b"\x30\x04\x82\x02\xff\xfe",  # a DNS name that is no ASCII
)


def told(folder: Path, shown: Issued | None, trusted: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """Return the names that a phone proves which shows a certificate."""
    own = shown.write(folder, "phone") if shown else None
    contexts = make_contexts(SERVER.pair, trusted)
    phone = Client(always(contexts.phones), client_context(ROOT.pem, own)).shake()
    assert phone.ask() == b"HELLO"  # whatever it shows, it is served
    return certificate_names(phone.server)


class CertificateTests(SynchronousTestCase):
    def told(self, shown: Issued | None, *trusted: Authority) -> tuple[str, ...]:
        with temporary() as folder:
            return told(folder, shown, [authority.own.certificate for authority in trusted or (MAKER,)])

    def causes(self, shown: Issued, *trusted: Authority) -> str:
        """Return what the debug log says of a certificate that is not believed."""
        events: list[LogEvent] = []
        keep = cast(ILogObserver, events.append)
        globalLogPublisher.addObserver(keep)
        self.addCleanup(globalLogPublisher.removeObserver, keep)
        self.assertEqual(self.told(shown, *trusted), ())
        (event,) = [event for event in events if event.get("log_namespace") == "provserver.tls.clients"]
        self.assertEqual((event["log_level"], event["ip"]), (LogLevel.debug, "10.0.0.7"))
        return str(event["why"])

    def test_the_makers_certificate_names_the_phone(self) -> None:
        """With what stands between it and the root, which the phone brings."""
        self.assertEqual(self.told(DEVICES.issue(MAC)), (MAC,))
        self.assertEqual(self.told(MAKER.issue(MAC)), (MAC,))

    def test_all_its_names_are_told(self) -> None:
        """Makers write the MAC into different places."""
        expected = (MAC, "PID:A60 SN:1", "sep0015654aa937.phone.example", "phone@acme.example",
                    "urn:mac:0015654aa937", "inner")  # fmt: skip
        self.assertEqual(self.told(MAKER.issue(MAC, NAMED, serial_number="PID:A60 SN:1")), expected)

    def test_a_phone_needs_none(self) -> None:
        """It is asked, and served without."""
        self.assertEqual(self.told(None), ())

    def test_nobody_is_asked_where_there_are_no_authorities(self) -> None:
        """Browsers and some phones ask their user when they are asked for a certificate."""
        with temporary() as folder:
            self.assertEqual(told(folder, DEVICES.issue(MAC), []), ())

    def test_the_purpose_does_not_matter(self) -> None:
        """Phones' certificates are often meant for their own web servers, or for things of the maker's."""
        purposes = (
            SERVER_AUTH,
            ExtendedKeyUsageOID.CODE_SIGNING,
            x509.ObjectIdentifier("1.3.6.1.4.1.9.21.1"),
        )
        for purpose in purposes:
            self.assertEqual(self.told(DEVICES.issue(MAC, purposes=[purpose])), (MAC,))

    def test_an_authority_in_between_may_be_trusted_without_its_root(self) -> None:
        """It is what some makers publish; others of the same root are not trusted by that."""
        self.assertEqual(self.told(DEVICES.issue(MAC), DEVICES), (MAC,))
        self.assertIn("authority", self.causes(MAKER.issue(MAC), DEVICES))

    def test_of_several_makers_each_is_believed(self) -> None:
        """The folder holds all makers of the office's phones."""
        other = Authority("Other Maker")
        for issued in (DEVICES.issue(MAC), other.issue(MAC)):
            self.assertEqual(self.told(issued, MAKER, other), (MAC,))

    def test_what_does_not_verify_is_no_certificate(self) -> None:
        """The connection lives on, and the debug log says why nothing is proved."""
        for shown, cause in (
            (MAKER.issue(MAC, ends=-timedelta(minutes=1)), "it has expired"),
            (Authority("A stranger").issue(MAC), "its authority is none in tls.client_ca"),
            (Authority(MAC).own, "it has signed itself"),
            (MAKER.issue(MAC, key=rsa_key(1024)), "its key is too weak"),
            (NO_AUTHORITY.issue(MAC), "what signed it is no authority"),
            (Authority("Acme Root").issue(MAC), "authority"),  # the name alone makes no authority
        ):
            self.assertIn(cause, self.causes(shown))

    def test_a_chain_is_followed_only_so_far(self) -> None:
        """Each step costs a calculation that a stranger asks for."""
        above = MAKER
        for depth in range(4):
            above = Authority(f"Acme {depth}", above=above)
        self.assertEqual(self.told(above.issue(MAC)), (MAC,))
        self.assertNotEqual(self.causes(Authority("Acme 5", above=above).issue(MAC)), "")

    def test_without_a_complete_check_nothing_is_believed(self) -> None:
        """Whatever let OpenSSL skip the check must not count as a good one."""
        self.assertFalse(Verdict().good)
        self.assertFalse(Verdict(problems=[10], complete=True).good)
        self.assertTrue(Verdict(complete=True).good)
        with temporary() as folder:
            own = DEVICES.issue(MAC).write(folder, "phone")
            contexts = make_contexts(SERVER.pair, [MAKER.own.certificate])
            phone = Client(always(contexts.phones), client_context(ROOT.pem, own)).shake()
            phone.server.getHandle().verdict = Verdict()
            self.assertEqual(certificate_names(phone.server), ())

    def test_alternative_names_that_cannot_be_read_are_none(self) -> None:
        """A maker's odd encoding must not cost its phones what the subject proves."""
        for odd in ODD_NAMES:
            extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.17"), odd)
            self.assertEqual(self.told(signed(extension)), (MAC,), odd.hex())

    def test_what_the_library_cannot_read_is_no_certificate(self) -> None:
        """It costs the phone its proof, and nothing else."""
        self.patch(clients, "names", lambda _: names(cast(x509.Certificate, Unreadable())))
        self.assertIn("cannot be read: version 7", self.causes(DEVICES.issue(MAC)))


class Unreadable:
    """What the library does with a version that it does not know; ours cannot write one."""

    @property
    def subject(self) -> x509.Name:
        raise x509.InvalidVersion("version 7", 7)


def signed(extension: x509.ExtensionType) -> Issued:
    """Return a maker's certificate with an extension that may be anything."""
    authority = MAKER.own.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, MAC)]))
        .issuer_name(authority.subject)
        .public_key(DEVICES.own.key.public_key())
        .serial_number(7)
        .not_valid_before(authority.not_valid_before_utc)
        .not_valid_after(authority.not_valid_before_utc + 2 * DAY)
        .add_extension(extension, False)
    )
    return Issued(builder.sign(MAKER.own.key, SHA256()), DEVICES.own.key)
