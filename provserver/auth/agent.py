"""How the external server is reached: TLS that verifies it by its name, and connections that stay open."""

import re
from typing import Any

from OpenSSL.crypto import Error as BadCertificate
from twisted.internet.ssl import Certificate, platformTrust, trustRootFromCertificates
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool
from twisted.web.iweb import IPolicyForHTTPS

from provserver.errors import Invalid

_MOST_OPEN = 4
_ONE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def trusting(pem: bytes | None) -> IPolicyForHTTPS:
    """
    Return the policy that takes what the certificates of a PEM file have signed, or what this machine trusts.

    Raises:
        Invalid: there is no certificate in it, or one that cannot be read.
    """
    if pem is None:
        return BrowserLikePolicyForHTTPS(platformTrust())
    try:
        certificates = [Certificate.loadPEM(one) for one in _ONE.findall(pem)]
    except BadCertificate:
        raise Invalid("a certificate that cannot be read") from None
    if not certificates:
        raise Invalid("expected certificates in PEM form")
    return BrowserLikePolicyForHTTPS(trustRootFromCertificates(certificates))


def pooled_agent(reactor: Any, policy: IPolicyForHTTPS, connect_s: float) -> tuple[Agent, HTTPConnectionPool]:
    """Return what asks, and what is to be closed in the end."""
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = _MOST_OPEN
    return Agent(reactor, policy, connectTimeout=connect_s, pool=pool), pool
