"""
What the parts of provd may rely on of each other: read this first.

The values are in `model.py`; the interfaces of TFTP will be in `tftp/`, which knows nothing of phones. A method
that returns a Deferred reports every failure through it, any other method raises.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, TypeVar

from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

from provserver.model import (
    Answer,
    Asked,
    Associated,
    Call,
    Caller,
    Commit,
    Committed,
    Device,
    Document,
    Facts,
    FileRule,
    Fingerprint,
    Json,
    Notify,
    Override,
    Presence,
    Settings,
    Sighting,
    Status,
    Stored,
    Upload,
)

D = TypeVar("D", bound=Document)
Told = Literal["sent", "answered"]  # `sent`: handed on; `answered`: the phone itself says that it heard


class IVendorPlugin(Interface):
    """One firmware generation. It opens nothing and waits for nothing: what it wants done is its answer."""

    id: str = Attribute("`yealink-v86`: what a device's `plugin` names")
    root: str = Attribute("folder of its static files; two plugins never share one")
    info: Json = Attribute("version, description, capabilities by `vendor, model, version`")
    honours: frozenset[str] = Attribute("names of the settings that its files can carry")
    images: frozenset[str] = Attribute("paths of the firmware that its files can tell a phone of")
    aliases: frozenset[str] = Attribute("other ids that clients know it by; `wazo-` and `xivo-` need none")

    def support(facts: Facts) -> int:
        """Say how well it serves such a phone: 0 none, 300 probable (the least to be chosen), 600 exact."""

    def file_for(path: str, method: str, facts: Facts, device: Device | None) -> FileRule | None:
        """Say what a path is; None is "not mine". `device` is None until it is known. A mac in the path must be
        the device's, or one derived from it (DECT): no device is looked up by it."""

    def own_files(device: Device) -> tuple[FileRule, ...]:
        """Return the files that are made for this device alone: with them stands whether its settings can be written.
        Not those whose names nobody knows before they are asked for."""

    def values(
        rule: FileRule, device: Device | None, settings: Settings, today: date
    ) -> Mapping[str, object]:
        """Return what the template may use, in the vendor's words. Raises: Unfit, naming the setting."""

    def resync(device: Device, settings: Settings) -> Notify | Call | None:
        """Say how such a device is told to fetch its files again (None: it cannot be)."""


class IVendor(Interface):
    """One folder of `plugins/`. It has one vote in *identify*, however many plugins it has."""

    id: str = Attribute("the folder's name")
    templates: str = Attribute("folder of its templates")
    fingerprints: tuple[Fingerprint, ...] = Attribute("rows of `identify.py`")
    plugins: tuple[IVendorPlugin, ...] = Attribute("its firmware generations, oldest first")


class IFiles(Interface):
    """Templates and files of plugins and of the administrator. Answers come from an index in memory that is
    brought up to date in a thread: a lookup never touches the disk."""

    def template(plugin_id: str, name: str) -> str | None:
        """Return a template's text: the administrator's for this plugin, else the vendor's own, else None.
        Names are relative: `<file>.tpl`, `dect.tpl`. As `plugin/dect.tpl` it is the vendor's own always."""

    def overridden(plugin_id: str) -> frozenset[str]:
        """Return the names of the templates that are the administrator's."""

    def file(plugin_id: str, name: str) -> Stored | None:
        """Return a static file or firmware: the administrator's for this plugin, else the plugin's own."""


class IOverrides(Interface):
    """The administrator's templates. No upgrade and no uninstall touches them. Names are as `core/override_names.py`
    has them: none leads out of its folder."""

    def listed() -> Deferred[tuple[Override, ...]]:
        """Return all, also those of plugins that are not here, by plugin and name."""

    def read(plugin_id: str, name: str) -> Deferred[tuple[Override, str]]:
        """Return one with its text. Errors: NotFound; Invalid: somebody put one there that is no text."""

    def write(plugin_id: str, name: str, text: str, expected: str | None) -> Deferred[Override]:
        """
        Put a template there, durably; it holds when this fires. `expected` is the ETag that must be there now.

        Errors, after which nothing has happened: BadTemplate: it cannot be compiled; Invalid: the name, or there are
        too many; Conflict: another is there than is expected; StoreFull.
        """

    def delete(plugin_id: str, name: str, expected: str | None) -> Deferred[None]:
        """Errors: NotFound; Conflict; StoreFull."""


class IIncoming(Interface):
    """An upload under way. Nothing is seen of it before `finish(True)`."""

    def append(data: bytes) -> Deferred[None]:
        """Take the next bytes, in the order of the calls. Errors: TooLarge, StoreFull."""

    def finish(whole: bool) -> Deferred[None]:
        """Put the file under its name in one step, or forget it. The last call. Errors: StoreFull."""


class IUploads(Interface):
    """Keeps what phones write, each device's apart from any other's."""

    def begin(upload: Upload, size: int | None) -> Deferred[IIncoming]:
        """Make ready for an upload; `size` is what the phone announces. Errors: TooLarge, also where the device has
        written too much already; StoreFull."""


class IStore(Interface):
    """
    Keeps documents. All that `commit` acknowledged is durable, and it becomes visible, whole, just before its
    Deferred fires. A caller may not think that it is the only writer.
    """

    seq: int = Attribute("the last commit that can be seen")

    def get(kind: type[D], doc_id: str) -> D:
        """Raises: NotFound."""

    def find(kind: type[D], index: str, value: str) -> tuple[D, ...]:
        """Return all with this value in a declared index, by id; costs what it returns."""

    def count(kind: type[D], index: str, value: str) -> int:
        """Say how many `find` would return, at no cost."""

    def select(
        kind: type[D],
        selector: Json,
        view: Callable[[D], Mapping[str, object]],
        sort: str,
        skip: int,
        limit: int,
    ) -> Deferred[tuple[D, ...]]:
        """Return one page; `view` gives a document as the selector sees it (the names of the wire), `sort` is a
        key, `-key` for descending, or "". `limit` 0 is no limit. Without a fitting index it works in slices of
        at most 5 ms, on the documents of the moment it began. An index only says which documents `view` is made of;
        but for `tenant_uuid` of devices and lines it answers alone, so that guests find what they may see. Errors:
        Invalid names the operator."""

    def commit(commit: Commit) -> Deferred[Committed]:
        """Make the changes durable, then visible, in the order of the calls: behind a large one, which is made ready
        in slices, others wait. Errors, after which nothing has happened: Conflict (a stale revision, another change
        of the document under way, a unique key held by another), Invalid (it cannot be written), StoreFull,
        Closed."""

    def note(presence: Presence, at_once: bool = False) -> None:
        """Show what was seen at once and write it with the next batch (5 s), or now if `at_once`. A crash may
        take it back; a failed write is repeated with the next batch."""

    def history(kind: type[D], doc_id: str, most: int) -> Deferred[tuple[Committed, ...]]:
        """Return the last commits that touched a document, newest first: of each only what it did to this document,
        secrets masked."""

    def watch(since: int, tell: Callable[[Committed], None]) -> None:
        """Tell of every commit after `since`, in order, each once. Raises: Lost, when they are no longer kept."""


class IPlugins(Interface):
    """
    The plugins that are here. One that an `Uninstalled` document in the store names serves nobody; whoever commits
    such a document finds its effect when the commit has fired.
    """

    def here() -> Mapping[str, IVendorPlugin]:
        """Return all that could serve, by id, whether they do or not."""

    def serving() -> Mapping[str, IVendorPlugin]:
        """Return those that serve phones, by id."""

    def canonical(plugin_id: str) -> str:
        """Return the id of the plugin that a client means; what is no alias of any plugin here stays."""

    def reload() -> Deferred[Mapping[str, str]]:
        """Read all vendor folders anew and serve by them. Fires with what is broken, by the vendor's id: of those the
        code from before stays. Errors: OSError."""


class ICatalogue(Interface):
    def fetch(server: str, tell: Callable[[int], None]) -> Deferred[None]:
        """Fetch the list of packages of a plugin server; `tell` gets the bytes there are so far. Errors: Unreachable,
        also where the answer is no such list, within 5 s."""


class IResync(Interface):
    def tell(device: Device, how: Notify | Call, contact: str = "") -> Deferred[Told]:
        """
        Tell a phone to fetch its files again. A `contact`, a SIP URI with source address and port, picks one of
        several phones behind one address. Fires when the phone, or a PBX for it, has answered: only the fetch proves
        that it was told. Errors: NotResynced says why it could not be told.
        """


class IAuthenticator(Interface):
    def authorize(token: str, acl: str, tenant: str | None) -> Deferred[Caller]:
        """
        Check a token for one ACL and a tenant, None being the token's own. A `{tenant_uuid}` in the ACL becomes that
        tenant, with `_` for each dot. The tenant must be the token's own or beneath it, and the caller's tenants are
        documents of the store when this fires. The token is as the client sent it, "" where it sent none.

        Errors: Unauthorized, the same for every cause; AuthAway: it cannot be told now (503).
        """


class IAnswers(Interface):
    def answer(sighting: Sighting) -> Deferred[Answer]:
        """Decide, note what was learnt, answer. It has fired already unless a device is being made: that is
        durable first, and all sightings of one new phone wait for one commit; or others come first, or the source
        asks for too much and is made to wait. It does not fail."""


class IProvisioner(IAnswers):
    """The chain of the design; alone writes devices, presences, configs, tenants and tokens."""

    def explain(sighting: Sighting) -> Answer:
        """Decide the same by the same functions; write, count and cache nothing."""

    def timeline(device_id: str) -> tuple[Asked, ...]:
        """Return its last answers, newest first, without bodies; kept in memory only. Raises: NotFound."""

    def status(device: Device) -> Status:
        """Say whether the device's own files can be made now, and what stands against it."""

    def resync(device: Device) -> Notify | Call:
        """Say how the device is told to fetch its files again. Raises: NotResynced."""

    def watch_answers(tell: Callable[[Sighting, Answer], None]) -> None:
        """Tell of every answer, after it was noted; also of those that are about no device."""

    def raw_config(config_id: str) -> Json:
        """Return the merged raw config: base, ancestors, own. Raises: NotFound."""

    def autocreate(who: str, tenant: str = "") -> Deferred[str]:
        """Make a transient config of a tenant ("": the master) from the one with role `autocreate`; fires with its
        id. Errors: Invalid."""

    def change(commit: Commit) -> Deferred[Committed]:
        """
        Check an edit, add what follows from it (a deleted device's presence, a transient config's end, what its lines
        mean for a device and its config), commit.

        Errors: Invalid names the field; NotFound; Forbidden: a config that is not deletable; Conflict: an
        `expected` revision that was asked for is stale, or a document that should be new exists; StoreFull.
        A conflict that no `expected` asked for is tried again.
        """


class IAssociations(Interface):
    """Brings lines to devices and takes them off. Device, config and lines change in one commit or not at all."""

    def associate(
        line_id: str, device_id: str, position: int | None, who: str, spend: bool = False
    ) -> Deferred[Associated]:
        """
        Seat a line on a device, at the first free position where none is asked for; `spend` its code, unless the
        line keeps it. What sits there already stays, and is told again.

        Errors, after which nothing has happened: NotFound: the line or the device; NotAssociated says why it cannot
        sit there (`docs/lines.md` has all reasons); Conflict: others keep changing them; StoreFull.
        """

    def release(line_id: str, device_id: str, who: str) -> Deferred[None]:
        """Take a line off a device; one without lines waits again, in the tenant that it has. Errors: NotFound, also
        where the line does not sit there; Conflict; StoreFull."""

    def reset(device_id: str, who: str) -> Deferred[None]:
        """Take all lines off a device, and whatever other config it has: it waits again, in the tenant that it has.
        Errors: NotFound; Conflict; StoreFull."""
