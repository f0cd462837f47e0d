"""The REST API as one site: every noun, and what they need."""

from collections.abc import Callable

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.web.server import Site

from provserver.interfaces import IAuthenticator, ICatalogue, IPlugins, IProvisioner, IResync, IStore
from provserver.rest import installing, links, moving, packages, synchronize
from provserver.rest.configs import Configs
from provserver.rest.configure import Configure
from provserver.rest.devices import Devices
from provserver.rest.dhcpinfo import DhcpInfo
from provserver.rest.documentation import described
from provserver.rest.events import Events
from provserver.rest.explain import Explain
from provserver.rest.feed import Feed
from provserver.rest.front import Front, RestSite
from provserver.rest.history import History
from provserver.rest.installing import Installing
from provserver.rest.messages import Route
from provserver.rest.moving import Moving
from provserver.rest.operations import Operations
from provserver.rest.plugins import Plugins
from provserver.rest.serving import klein_app
from provserver.rest.synchronize import Resyncing, Synchronize
from provserver.rest.tenants import Tenants
from provserver.rest.tokens import Tokens
from provserver.rest.turns import Turns


@frozen
class Behind:
    """What stands behind the API."""

    provisioner: IProvisioner
    store: IStore
    plugins: IPlugins
    catalogue: ICatalogue
    resync: IResync
    base: str  # base URL of a lease, and of what *explain* is asked, where no phone says how it reached us
    new_id: Callable[[], str]  # 32 random hex digits, for documents and requests
    new_token: Callable[[], str]  # text of 256 random bits
    clock: IReactorTime
    auth_elsewhere: bool = False  # tokens and tenants are another server's, and only mirrored here


def rest_site(behind: Behind, authenticator: IAuthenticator, most_body_bytes: int) -> Site:
    """Return the site to listen with."""
    app = klein_app(all_routes(behind), authenticator, Turns(behind.clock))
    front = Front(app.resource(), most_body_bytes, behind.new_id)
    return RestSite(front, most_body_bytes, behind.clock)


def all_routes(behind: Behind) -> tuple[Route, ...]:
    provisioner, store, clock, new_id = behind.provisioner, behind.store, behind.clock, behind.new_id
    operations = Operations(clock)
    feed = Feed(store, provisioner, clock)
    resyncing = Resyncing(provisioner, behind.resync, feed)
    plugins = Plugins(behind.plugins, store)
    return described(
        (
            *links.routes(),
            *Devices(provisioner, store, new_id, clock).routes(),
            *Synchronize(store, resyncing, operations).routes(),
            *Moving(behind.plugins, provisioner, store, resyncing, operations, clock).routes(),
            *DhcpInfo(provisioner, behind.base, clock).routes(),
            *Explain(provisioner, store, behind.plugins, behind.base, clock).routes(),
            *Configs(provisioner, store, new_id, clock).routes(),
            *History(store).routes(),
            *Configure(provisioner, store).routes(),
            *Tenants(provisioner, store, new_id, clock, behind.auth_elsewhere).routes(),
            *Tokens(provisioner, store, new_id, behind.new_token, clock, behind.auth_elsewhere).routes(),
            *plugins.routes(),
            *packages.routes(plugins.serves),
            *Installing(behind.plugins, provisioner, store, behind.catalogue, operations).routes(),
            *operations.routes(synchronize.PATH, moving.PATH, *installing.OPERATIONS),
            *Events(feed, new_id()[:8], clock).routes(),
        )
    )
