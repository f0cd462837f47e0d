"""Certificates: the phone fetches them from files of their own, in PEM (RFC 7468)."""

import re
from collections.abc import Iterator

from provserver.errors import Unfit
from provserver.vendors.formats import UNSET
from provserver.vendors.table import Draft

from ..parameters import Pair
from .words import Said

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n(?:[A-Za-z0-9+/=]+\n)+-----END \1-----", re.ASCII)
TRUSTED = ("sip_servers_root_and_intermediate_certificates",)
# A TLS server or client sends its own certificate before those that vouch for it (RFC 8446 section 4.4.2).
OWN = ("sip_local_certificate", "sip_local_root_and_intermediate_certificates", "sip_local_key")


def certificates(draft: Draft) -> Iterator[Pair]:
    said = draft.settings.values
    file = draft.rule.name.removesuffix(".cfg")
    trusted, own = (bool(said.get(names[0])) for names in (TRUSTED, OWN))
    yield "static.trusted_certificates.url", f"{draft.settings.base_url}/{file}-ca.pem" if trusted else UNSET
    yield "static.server_certificates.url", f"{draft.settings.base_url}/{file}-own.pem" if own else UNSET
    yield "static.security.dev_cert", 1 if own else UNSET


def lines_of(said: Said, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a PEM file. Raises: Unfit: a setting holds something else."""
    texts = [(name, text) for name in names for text in _texts(said.get(name))]
    return tuple(line for name, text in texts for block in _blocks(name, text) for line in block.split("\n"))


def _texts(value: object) -> tuple[object, ...]:
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def _blocks(name: str, text: object) -> list[str]:
    lines = [line.strip() for line in str(text).splitlines()]
    found = [match[0] for match in _BLOCK.finditer("\n".join(lines))]
    if not found:
        raise Unfit(name, "expected a certificate or a key in PEM")
    return found
