"""
What wazo-provd keeps: `jsondb/devices/ID` and `jsondb/configs/ID`, one JSON document a file, and `app.json`.

All that can be read is taken; what does not fit is told.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from attrs import evolve

from provserver.errors import Invalid
from provserver.model import Config, Document, Parameter, Presence, Put, Tenant
from provserver.raw_config import problems_of
from provserver.rest.codec.configs import read_config
from provserver.rest.codec.devices import read_device, read_presence
from provserver.rest.codec.parameters import KINDS as PARAMETERS
from provserver.rest.codec.parameters import PROVISIONING_KEY
from provserver.rest.codec.values import id_of, read_json

_AUTOCREATE = "autocreate"
_REQUIRED: Mapping[str, object] = {
    "parent_ids": [],
    "raw_config": {},
}  # of a config; without them it would be lost
T = TypeVar("T")


class Wazo:
    """Reads a folder once; afterwards `report` has a line for each thing that did not fit."""

    def __init__(self, folder: Path, master: str) -> None:
        """`master`: the id of the tenant that new phones come to."""
        self.report: list[str] = []
        self._folder = folder
        self._master = master
        self._tenants = {master: Tenant(master, name="master")}

    def puts(self) -> tuple[Put, ...]:
        """Raises: Invalid: it is no such folder. OSError."""
        if not (self._folder / "jsondb").is_dir():
            raise Invalid(
                f"{self._folder} has no folder jsondb: it is not wazo-provd's (/var/lib/wazo-provd)"
            )
        configs = list(self._configs())
        devices = list(self._devices())
        parameters = list(self._app())
        if not any(config.role == _AUTOCREATE for config in configs):
            self._tell(f"no config has the role {_AUTOCREATE}: phones without a user will get no account")
        documents: tuple[Document, ...] = (*devices, *configs, *parameters)
        tenants = (Put(tenant, None, _holds(tenant)) for tenant in self._tenants.values())
        return (*tenants, *(Put(document, None) for document in documents))

    def _tell(self, text: str) -> None:
        self.report.append(text)

    # --- documents -----------------------------------------------------------------------------------------

    def _configs(self) -> Iterator[Config]:
        for name, document in self._files("configs"):
            for field, default in _REQUIRED.items():
                if field not in document:
                    self._tell(f"configs/{name}: it has no {field}; taken as {default}")
                    document[field] = default
            config = self._fitting(f"configs/{name}", document, read_config, name)
            for problem in problems_of(msgspec.json.decode(config.raw)):
                self._tell(
                    f"configs/{name}: raw_config.{problem}; kept, but phones get no files until it is right"
                )
            yield config

    def _devices(self) -> Iterator[Document]:
        for name, document in self._files("devices"):
            tenant = document.get("tenant_uuid")
            if not isinstance(tenant, str) or not tenant:
                tenant = self._master
            self._tenant(tenant)
            where = f"devices/{name}"
            device = self._fitting(where, document, read_device, name, tenant)
            yield device
            presence = self._fitting(where, document, read_presence, Presence(name))
            if isinstance(username := document.get("remote_state_sip_username"), str):
                presence = evolve(presence, username=username)
            if presence != Presence(name):
                yield presence

    def _fitting(self, where: str, document: dict[str, Any], read: Callable[..., T], *more: object) -> T:
        """Read a document without the fields that are refused, each of which is told."""
        refused: set[str] = set()
        while True:
            try:
                return read(document, *more)
            except Invalid as problem:
                field = problem.field.partition(".")[0]
                if field in refused:
                    raise
                refused.add(field)
                self._tell(f"{where}: {problem}; left out")
                document[field] = _REQUIRED.get(field)

    def _files(self, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
        path = self._folder / "jsondb" / folder
        for file in sorted(path.iterdir()) if path.is_dir() else ():
            where = f"{folder}/{file.name}"
            try:
                if file.name.startswith("."):
                    raise Invalid("what begins with a dot is a program's temporary file")
                if file.is_symlink() or not file.is_file():  # another's file, or a pipe that nobody writes to
                    raise Invalid("it is no plain file")
                name = id_of({"id": file.name})
                document = read_json(file.read_bytes())
                if not isinstance(document, dict):
                    raise Invalid("it is no JSON object")
            except (Invalid, OSError) as problem:
                self._tell(f"{where}: {problem}; not taken")
                continue
            if document.get("id", name) != name:
                self._tell(f"{where}: it says that its id is {document['id']!r}; the file's name counts")
            yield file.name, {**document, "id": name}

    # --- app.json ------------------------------------------------------------------------------------------

    def _app(self) -> Iterator[Parameter]:
        file = self._folder / "app.json"
        try:
            app = read_json(file.read_bytes())
        except FileNotFoundError:
            self._tell("app.json: it is not there: no parameters and no provisioning keys")
            return
        except Invalid as problem:
            self._tell(f"app.json: {problem}; not taken")
            return
        for name, value in app.items() if isinstance(app, dict) else ():
            if name == "tenants":
                self._keys(value)
            elif name not in PARAMETERS or name == PROVISIONING_KEY:
                self._tell(f"app.json: {name}: provd has no such parameter; not taken")
            elif value is not None:
                yield from self._parameter(name, value)

    def _parameter(self, name: str, value: object) -> Iterator[Parameter]:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # NAT is stored as a number and written as text
        try:
            yield Parameter(name, value=PARAMETERS[name].read(value))
        except Invalid as problem:
            self._tell(f"app.json: {name}: {problem.text}; not taken")

    def _keys(self, tenants: object) -> None:
        taken: set[str] = set()
        for tenant, params in tenants.items() if isinstance(tenants, dict) else ():
            self._tenant(tenant)
            value = params.get(PROVISIONING_KEY) if isinstance(params, dict) else None
            try:
                key = None if value is None else PARAMETERS[PROVISIONING_KEY].read(value)
                if key in taken:
                    raise Invalid("another tenant has the same provisioning key")
            except Invalid as problem:
                self._tell(f"app.json: tenants.{tenant}: {problem.text}; left without a key")
                continue
            if key:
                taken.add(key)
                self._tenants[tenant] = evolve(self._tenants[tenant], key=key)

    def _tenant(self, tenant: str) -> None:
        self._tenants.setdefault(tenant, Tenant(tenant, name=tenant, parent=self._master))


def _holds(tenant: Tenant) -> frozenset[tuple[str, str]]:
    return frozenset((("key", tenant.key),)) if tenant.key else frozenset()
