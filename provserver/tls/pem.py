"""From PEM texts to certificates and keys that go together (RFC 7468)."""

import re
from datetime import UTC, datetime, timedelta

from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificate

from provserver.errors import Invalid

Key = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
_ONE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_SOON = timedelta(days=14)  # who renews by ACME has done it 30 days before


@frozen
class Pair:
    """A certificate, those that lead from it to an authority that others know, and its key."""

    certificate: Certificate
    above: tuple[Certificate, ...]
    key: Key = field(repr=False)


def read_pair(chain: bytes, key: bytes) -> Pair:
    """
    Read a certificate and its key; of the chain the server's own comes first. Either text may hold other things too.

    Raises:
        Invalid: one of them cannot be read, or they do not belong together; `field` is the setting.
    """
    try:
        own, *above = read_certificates(chain)
    except Invalid as problem:
        raise Invalid(problem.text, "tls.certificate") from None
    private = _read_key(key)
    if own.public_key() != private.public_key():
        raise Invalid("does not belong to the first certificate of tls.certificate", "tls.key")
    return Pair(own, tuple(above), private)


def read_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Return all certificates of a text, at least one. Raises: Invalid."""
    found = _ONE.findall(pem)
    if not found:
        raise Invalid("expected a certificate in PEM form")
    try:
        return tuple(map(load_pem_x509_certificate, found))
    except ValueError:
        raise Invalid("a certificate that cannot be read") from None


def _read_key(pem: bytes) -> Key:
    try:
        key = load_pem_private_key(pem, None)
    except TypeError:
        raise Invalid("expected a key without a passphrase: nobody is there to type it", "tls.key") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid("expected a private key in PEM form", "tls.key") from None
    if not isinstance(key, Key):
        raise Invalid(
            f"expected an RSA, EC or Ed25519 key, got {type(key).__name__.removesuffix('PrivateKey')}",
            "tls.key",
        )
    return key


def validity(certificate: Certificate, at: float) -> str:
    """Return what is wrong with the time of a certificate, or will be soon; "" where all is well."""
    now = datetime.fromtimestamp(at, UTC)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return f"is not valid before {begins:%Y-%m-%d %H:%M} UTC"
    if now > ends:
        return f"has expired on {ends:%Y-%m-%d %H:%M} UTC"
    if ends - now < _SOON:
        return f"will expire on {ends:%Y-%m-%d %H:%M} UTC"
    return ""
