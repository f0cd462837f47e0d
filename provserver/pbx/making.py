"""Makes the connection to a PBX from its settings."""

from collections.abc import Callable
from functools import partial
from typing import Any

from provserver.pbx import ami, esl
from provserver.pbx.interfaces import INotifier
from provserver.pbx.manager import ManagerNotifier
from provserver.pbx.notify import SipNotifier
from provserver.pbx.settings import PbxSettings
from provserver.pbx.sip_notify import Hop, Registrar
from provserver.pbx.tls import Tls, endpoint


def notifier(
    name: str,
    settings: PbxSettings,
    secret: str,
    authorities: str,
    reactor: Any,
    random: Callable[[], float],
    new_token: Callable[[], str],
) -> INotifier:
    """
    `secret` and `authorities` (PEM, "" is those of the system) are what the files of the settings hold; `random` is
    from 0 to 1, `new_token` gives letters and digits that nobody can guess.
    """
    tls = Tls(settings.tls_name or settings.host, authorities) if settings.tls else None
    domain = settings.domain or settings.host
    shared = frozenset(settings.shared)
    if settings.kind == "sip":
        login = (settings.user, secret) if secret else None
        hop = Hop(settings.host, settings.usual_port, settings.transport)
        return SipNotifier(reactor, Registrar(hop, domain, login), tls, shared, new_token)
    connect = endpoint(reactor, settings.host, settings.usual_port, tls)
    if settings.kind == "asterisk":
        dialect = partial(ami.AmiDialect, settings.user, secret)
        fields = partial(ami.notify_fields, shared=shared)
        return ManagerNotifier(name, connect, dialect, fields, reactor, random)
    say = partial(esl.notify_fields, shared=shared, profile=settings.profile, domain=domain)
    return ManagerNotifier(name, connect, partial(esl.EslDialect, secret), say, reactor, random)
