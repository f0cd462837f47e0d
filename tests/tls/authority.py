"""Authorities and what they sign, made for a test, of the real time: OpenSSL reads the clock itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provserver.tls.pem import Key, Pair

SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
DAY = timedelta(days=1)


@frozen
class Issued:
    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()  # the nearest first, without the root

    @property
    def chain_pem(self) -> bytes:
        return b"".join(one.public_bytes(Encoding.PEM) for one in (self.certificate, *self.above))

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pair(self) -> Pair:
        return Pair(self.certificate, self.above, self.key)

    def write(self, folder: Path, name: str) -> Path:
        """Write `NAME.pem` with chain and key, `NAME.crt` with the chain, `NAME.key`; return the first."""
        (folder / f"{name}.crt").write_bytes(self.chain_pem)
        (folder / f"{name}.key").write_bytes(self.key_pem)
        both = folder / f"{name}.pem"
        both.write_bytes(self.chain_pem + self.key_pem)
        return both


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def subject(common_name: str, serial_number: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme")]
    if serial_number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Authority:
    def __init__(
        self, name: str = "Acme Root", above: "Authority | None" = None, is_one: bool = True
    ) -> None:
        self.own: Issued = _issue(
            subject(name), ec_key(), above.own if above else None, DAY, authority=is_one
        )

    def issue(
        self,
        name: str,
        names: Sequence[x509.GeneralName] = (),
        purposes: Sequence[x509.ObjectIdentifier] = (),
        ends: timedelta = 30 * DAY,
        key: Key | None = None,
        serial_number: str = "",
    ) -> Issued:
        return _issue(subject(name, serial_number), key or ec_key(), self.own, ends, names, purposes)

    def server(self, *names: str, ends: timedelta = 30 * DAY, key: Key | None = None) -> Issued:
        """Sign a server's certificate, for host names and addresses."""
        found = [
            x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
        ]
        return self.issue(names[0], found, (SERVER_AUTH,), ends, key)

    @property
    def pem(self) -> bytes:
        return self.own.certificate.public_bytes(Encoding.PEM)


def _issue(
    name: x509.Name,
    key: Key,
    by: Issued | None,
    ends: timedelta,
    names: Sequence[x509.GeneralName] = (),
    purposes: Sequence[x509.ObjectIdentifier] = (),
    authority: bool = False,
) -> Issued:
    now = datetime.now(UTC)
    begins = now - DAY if ends > timedelta() else now + ends - DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    issuer = (by.key if by else key).public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), False)
    certificate = builder.sign(by.key if by else key, SHA256())
    is_root = by is None or by.certificate.issuer == by.certificate.subject
    return Issued(certificate, key, () if is_root or by is None else (by.certificate, *by.above))


@contextmanager
def temporary() -> Iterator[Path]:
    folder = Path(mkdtemp())
    try:
        yield folder
    finally:
        rmtree(folder)
