"""How TLS is spoken on each kind of port."""

from collections.abc import Sequence

from attrs import frozen
from cryptography.x509 import Certificate
from OpenSSL import SSL
from OpenSSL.crypto import X509, X509StoreFlags

from provserver.errors import Invalid
from provserver.tls.clients import note
from provserver.tls.pem import Pair

_MODERN = b"ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all good
# Level 0 lets OpenSSL speak TLS 1.0 and 1.1 at all: their signatures are SHA-1. Null, anonymous, export and RC4
# ciphers stay out.
_OLD = (
    b"ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:RSA+AES:ECDHE+3DES:RSA+3DES:!aNULL:!eNULL@SECLEVEL=0"
)
_MOST_DEPTH = 4  # authorities between a phone's certificate and one in our folder
_MOST_NAMES = 8192  # bytes; a phone keeps the whole message in memory, and OpenSSL ends at 64 KiB
_OPTIONS = (
    SSL.OP_CIPHER_SERVER_PREFERENCE
    | SSL.OP_NO_COMPRESSION
    | SSL.OP_NO_RENEGOTIATION  # one side can make the other calculate by it, and a phone could change its name
    | SSL.OP_NO_TICKET
)


@frozen
class Contexts:
    phones: SSL.Context
    old_phones: SSL.Context
    rest: SSL.Context


def make_contexts(pair: Pair, authorities: Sequence[Certificate]) -> Contexts:
    """
    `authorities` may have signed phones' certificates; without any no phone is asked for one.

    Raises:
        Invalid: OpenSSL does not take the pair, because its key is too short; or there are too many authorities.
    """
    size = sum(len(authority.subject.public_bytes()) for authority in authorities)
    if size > _MOST_NAMES:
        raise Invalid(
            f"the names of {len(authorities)} authorities take {size} bytes of each handshake, the most is"
            f" {_MOST_NAMES}",
            "tls.client_ca",
        )
    phones, old_phones = _context(pair), _context(pair, old=True)
    if authorities:
        for context in (phones, old_phones):
            _ask_for_certificates(context, authorities)
    return Contexts(phones, old_phones, _context(pair))


def _context(pair: Pair, old: bool = False) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION if old else SSL.TLS1_2_VERSION)
    context.set_options(_OPTIONS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # a resumed session would not be checked anew
    context.set_cipher_list(_OLD if old else _MODERN)  # its level says which pairs are good enough
    try:
        context.use_certificate(pair.certificate)
        for certificate in pair.above:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(pair.key)
    except SSL.Error as problem:
        causes = ", ".join(str(part[-1]) for part in problem.args[0])
        raise Invalid(f"OpenSSL does not take it: {causes}", "tls.certificate") from None
    return context


def _ask_for_certificates(context: SSL.Context, authorities: Sequence[Certificate]) -> None:
    store = context.get_cert_store()
    assert store is not None  # it belongs to every context
    for authority in authorities:
        store.add_cert(X509.from_cryptography(authority))
        context.add_client_ca(authority)
    store.set_flags(X509StoreFlags.PARTIAL_CHAIN)  # makers publish the authority in between, and no root
    context.set_verify_depth(_MOST_DEPTH)
    context.set_verify(SSL.VERIFY_PEER, note)
