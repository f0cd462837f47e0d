"""tls.pem: what is in the files, and whether it goes together."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.dsa import generate_private_key as dsa_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.tls.pem import read_certificates, read_pair, validity
from tests.tls.authority import DAY, Authority, rsa_key

ROOT = Authority()
BETWEEN = Authority("Acme Devices", above=ROOT)
SERVER = BETWEEN.server("provd.example.org")
OTHER = ROOT.server("other.example.org")
ENCRYPTED = SERVER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
OF_DSA = dsa_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
BROKEN = SERVER.chain_pem.replace(b"MII", b"XII", 1)

BAD_PAIRS = (
    (b"", SERVER.key_pem, "tls.certificate", "expected a certificate in PEM form"),
    (SERVER.key_pem, SERVER.key_pem, "tls.certificate", "expected a certificate"),
    (b"\xff\x00" * 100, SERVER.key_pem, "tls.certificate", "expected a certificate"),
    (SERVER.chain_pem[:200], SERVER.key_pem, "tls.certificate", "expected a certificate"),
    (BROKEN, SERVER.key_pem, "tls.certificate", "cannot be read"),
    (
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        SERVER.key_pem,
        "tls.certificate",
        "cannot be read",
    ),
    (SERVER.chain_pem, b"", "tls.key", "expected a private key in PEM form"),
    (SERVER.chain_pem, SERVER.chain_pem, "tls.key", "expected a private key"),
    (SERVER.chain_pem, SERVER.key_pem[:100], "tls.key", "expected a private key"),
    (SERVER.chain_pem, ENCRYPTED, "tls.key", "without a passphrase"),
    (SERVER.chain_pem, OF_DSA, "tls.key", "RSA, EC or Ed25519"),
    (SERVER.chain_pem, OTHER.key_pem, "tls.key", "does not belong to the first certificate"),
    (ROOT.pem + SERVER.chain_pem, SERVER.key_pem, "tls.key", "does not belong"),  # the wrong order
)


class PairTests(SynchronousTestCase):
    def test_a_chain_and_its_key_are_read(self) -> None:
        """The server's own first, then what leads to the root: as ACME clients write it."""
        found = read_pair(SERVER.chain_pem, SERVER.key_pem)
        self.assertEqual(found.certificate, SERVER.certificate)
        self.assertEqual(found.key.public_key(), SERVER.key.public_key())
        self.assertEqual(found.above, (BETWEEN.own.certificate,))

    def test_one_file_may_hold_both(self) -> None:
        """In any order, as HAProxy's users have it."""
        for text in (SERVER.chain_pem + SERVER.key_pem, SERVER.key_pem + SERVER.chain_pem):
            self.assertEqual(read_pair(text, text).certificate, SERVER.certificate)

    def test_the_usual_kinds_of_keys_are_taken(self) -> None:
        """Old phones need RSA; it may stand in the file as OpenSSL wrote it in former times."""
        for key in (rsa_key(), Ed25519PrivateKey.generate()):
            issued = ROOT.server("a.example", key=key)
            found = read_pair(issued.chain_pem, issued.key_pem)
            self.assertEqual(found.key.public_key(), key.public_key())
        issued = ROOT.server("a.example", key=(key := rsa_key()))
        old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        self.assertEqual(read_pair(issued.chain_pem, old).key.public_key(), key.public_key())

    def test_what_does_not_go_together_is_refused_by_its_setting(self) -> None:
        """Found at start, not by the first phone."""
        for chain, key, field, text in BAD_PAIRS:
            refused = self.assertRaises(Invalid, read_pair, chain, key)
            self.assertEqual(refused.field, field)
            self.assertIn(text, str(refused))

    def test_texts_around_certificates_do_not_matter(self) -> None:
        """Bundles of authorities have comments, and CRLF."""
        text = b"# Acme\r\n" + (ROOT.pem + b"subject=/CN=x\n" + BETWEEN.pem).replace(b"\n", b"\r\n")
        self.assertEqual(read_certificates(text), (ROOT.own.certificate, BETWEEN.own.certificate))


class ValidityTests(SynchronousTestCase):
    def test_its_time_is_told_before_it_is_over(self) -> None:
        """An administrator hears of it in time, and of nothing where all is well."""
        certificate = ROOT.server("a.example", ends=30 * DAY).certificate
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        self.assertEqual(validity(certificate, begins.timestamp()), "")
        self.assertEqual(validity(certificate, (ends - 14 * DAY).timestamp()), "")
        soon = (ends - 14 * DAY + timedelta(seconds=1)).timestamp()
        self.assertEqual(validity(certificate, soon), f"will expire on {ends:%Y-%m-%d %H:%M} UTC")
        late = (ends + timedelta(seconds=1)).timestamp()
        self.assertEqual(validity(certificate, late), f"has expired on {ends:%Y-%m-%d %H:%M} UTC")
        early = begins.timestamp() - 1
        self.assertEqual(validity(certificate, early), f"is not valid before {begins:%Y-%m-%d %H:%M} UTC")
