"""The REST API as one site: every noun, and what they need."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.web.server import Site

from provserver.interfaces import IAuthenticator, IProvisioner, IStore
from provserver.rest import links
from provserver.rest.configs import Configs
from provserver.rest.configure import Configure
from provserver.rest.devices import Devices
from provserver.rest.dhcpinfo import DhcpInfo
from provserver.rest.explain import Explain
from provserver.rest.front import Front, RestSite
from provserver.rest.messages import Route
from provserver.rest.serving import klein_app


def rest_site(
    provisioner: IProvisioner,
    store: IStore,
    authenticator: IAuthenticator,
    base: str,
    most_body_bytes: int,
    new_id: Callable[[], str],
    clock: IReactorTime,
) -> Site:
    """
    Return the site to listen with.

    `base`: the base URL of a lease, and of what *explain* is asked, where no phone says how it reached us; `new_id`
    gives 32 random hex digits, for documents and requests.
    """
    routes = all_routes(provisioner, store, base, new_id, clock)
    front = Front(klein_app(routes, authenticator).resource(), most_body_bytes, new_id)
    return RestSite(front, most_body_bytes, clock)


def all_routes(
    provisioner: IProvisioner, store: IStore, base: str, new_id: Callable[[], str], clock: IReactorTime
) -> tuple[Route, ...]:
    return (
        *links.routes(),
        *Devices(provisioner, store, new_id, clock).routes(),
        *Configs(provisioner, store, new_id, clock).routes(),
        *Configure(provisioner, store).routes(),
        *DhcpInfo(provisioner, base, clock).routes(),
        *Explain(provisioner, store, base, clock).routes(),
    )
