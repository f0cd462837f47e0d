"""Parameters of the server (contract section 5). There is one for now: the tenant's provisioning key."""

import re

from attrs import evolve

from provserver.errors import Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Put, Tenant
from provserver.rest.changing import last_one_wins
from provserver.rest.codec.paths import quoted
from provserver.rest.codec.values import kind
from provserver.rest.messages import DONE, ROOT, Question, Reply, Route

_KEY = "provisioning_key"
_DESCRIPTION = "The provisioning key. Used to restrict the provisioning of phones to those who know it"
_SHORTEST, _LONGEST = 8, 256


class Configure:
    def __init__(self, provisioner: IProvisioner, store: IStore) -> None:
        self._provisioner = provisioner
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        acl = "provd.configure.{tenant_uuid}.{param_id}"
        return (
            Route("GET", "/configure", "provd.configure.read", self.list),
            Route("GET", "/configure/<param_id>", f"{acl}.read", self.read),
            Route("PUT", "/configure/<param_id>", f"{acl}.update", self.update),
        )

    async def list(self, question: Question) -> Reply:
        link = {"rel": "srv.configure.param", "href": f"{ROOT}/configure/{quoted(_KEY)}"}
        value = self._tenant(question).key
        param = {"id": _KEY, "description": _DESCRIPTION, "value": value, "links": [link]}
        return Reply(200, {"params": [param]})

    async def read(self, question: Question) -> Reply:
        _check_name(question)
        return Reply(200, {"param": {"value": self._tenant(question).key}})

    async def update(self, question: Question) -> Reply:
        _check_name(question)
        return await last_one_wins(lambda: self._update(question))

    async def _update(self, question: Question) -> Reply:
        key = read_key(question.body)
        tenant = self._tenant(question)
        if key != tenant.key:
            await self._provisioner.change(question.commit(Put(evolve(tenant, key=key), tenant.rev)))
        return DONE

    def _tenant(self, question: Question) -> Tenant:
        return self._store.get(Tenant, question.caller.tenant)


def _check_name(question: Question) -> None:
    name = question.segments["param_id"]
    if name != _KEY:
        raise NotFound(f"No such resource: parameter {name[:60]!r}")


def read_key(body: object) -> str | None:
    """
    Return the key in `{"param": {"value": KEY}}`; null or "" is none. No text of an error shows it.

    Raises:
        Invalid: it is no key, or there is none to read.
    """
    param = body.get("param") if isinstance(body, dict) else None
    if not isinstance(param, dict) or "value" not in param:
        raise Invalid("Wrong information in entity", "param.value")
    key: object = param["value"]
    if key is None or key == "":
        return None
    if not isinstance(key, str):
        raise Invalid(f"expected text, got {kind(key)}", "param.value")
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise Invalid(f"expected {_SHORTEST} to {_LONGEST} characters, got {len(key)}", "param.value")
    if not re.fullmatch(r"[A-Za-z0-9\-$~.]*", key):
        raise Invalid("expected letters, digits and - $ ~ . only", "param.value")
    return key
