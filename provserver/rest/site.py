"""The REST API as one site: every noun, and what they need."""

from collections.abc import Callable, Iterable

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.web.server import Site

from provserver.core.access.pairing import Windows
from provserver.core.access.policy import DEFAULT, Policy
from provserver.core.metrics import Metric
from provserver.core.reception import Reception
from provserver.interfaces import (
    IAssociations,
    IAuthenticator,
    ICatalogue,
    IPlugins,
    IProvisioner,
    IStore,
)
from provserver.pbx.interfaces import IClaims, IResyncs
from provserver.rest import installing, links, moving, packages, synchronize
from provserver.rest.claims import Claims
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
from provserver.rest.lines import Lines
from provserver.rest.lines_bulk import ManyLines
from provserver.rest.lines_seats import Seats
from provserver.rest.messages import Route
from provserver.rest.metrics import Metrics
from provserver.rest.moving import Moving
from provserver.rest.operations import Operations
from provserver.rest.pairings import Pairings
from provserver.rest.plugins import Plugins
from provserver.rest.security import Security
from provserver.rest.serving import klein_app
from provserver.rest.slots import Slots
from provserver.rest.synchronize import Resyncing, Synchronize
from provserver.rest.templates import TemplateParts, Templates
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
    resyncs: IResyncs
    claims: IClaims
    base: str  # base URL of a lease, and of what *explain* is asked, where no phone says how it reached us
    new_id: Callable[[], str]  # 32 random hex digits, for documents and requests
    new_token: Callable[[], str]  # text of 256 random bits
    clock: IReactorTime
    associations: IAssociations
    draw_code: Callable[[], int]  # a random number from 0 to 999999
    reception: Reception
    metrics: Callable[[], Iterable[Metric]]
    templates: TemplateParts
    auth_elsewhere: bool = False  # tokens and tenants are another server's, and only mirrored here
    policy: Policy = DEFAULT  # of tenants that have none, nor any above them
    pairing_s: int = 3_600  # how long a new phone may fetch its token


def rest_site(
    behind: Behind, authenticator: IAuthenticator, most_body_bytes: int, most_connections: int = 1_000
) -> Site:
    """Return the site to listen with."""
    app = klein_app(all_routes(behind), authenticator, Turns(behind.clock))
    limits = behind.reception.limits
    front = Front(app.resource(), most_body_bytes, behind.new_id, limits)
    return RestSite(front, most_body_bytes, most_connections, limits, behind.clock)


def all_routes(behind: Behind) -> tuple[Route, ...]:
    provisioner, store, clock, new_id = behind.provisioner, behind.store, behind.clock, behind.new_id
    operations = Operations(clock)
    feed = Feed(store, provisioner, clock)
    behind.claims.watch(feed.claimed)
    behind.resyncs.watch(feed.resync_ended)
    resyncing = Resyncing(provisioner, behind.resyncs, feed)
    plugins = Plugins(behind.plugins, store)
    windows = Windows(behind.policy, behind.pairing_s, new_id)
    return described(
        (
            *links.routes(),
            *Devices(provisioner, store, new_id, clock, windows).routes(),
            *Pairings(provisioner, store, windows, clock).routes(),
            *Synchronize(store, resyncing, operations).routes(),
            *Moving(behind.plugins, provisioner, store, resyncing, operations, clock).routes(),
            *DhcpInfo(provisioner, store, behind.base, clock).routes(),
            *Explain(provisioner, store, behind.plugins, behind.base, clock).routes(),
            *Configs(provisioner, store, new_id, clock).routes(),
            *History(store).routes(),
            *Configure(provisioner, store).routes(),
            *Tenants(provisioner, store, new_id, clock, behind.auth_elsewhere).routes(),
            *Tokens(provisioner, store, new_id, behind.new_token, clock, behind.auth_elsewhere).routes(),
            *ManyLines(provisioner, store, new_id, behind.draw_code, clock).routes(),
            *Lines(provisioner, store, new_id, behind.draw_code, clock).routes(),
            *Seats(behind.associations, store).routes(),
            *Claims(behind.claims, store).routes(),
            *Slots(provisioner, store).routes(),
            *plugins.routes(),
            *packages.routes(plugins.serves),
            *Templates(behind.templates, behind.plugins, store).routes(),
            *Installing(behind.plugins, provisioner, store, behind.catalogue, operations).routes(),
            *operations.routes(synchronize.PATH, moving.PATH, *installing.OPERATIONS),
            *Events(feed, new_id()[:8], clock).routes(),
            *Security(behind.reception, provisioner, store, clock, windows).routes(),
            *Metrics(behind.metrics).routes(),
        )
    )
