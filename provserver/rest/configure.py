"""Parameters of the server (contract section 5). The provisioning key is the tenant's, all others are everybody's."""

from attrs import evolve

from provserver.core.ownership import check_sees_all
from provserver.core.reading import found, parameter
from provserver.core.secrets import restored_text
from provserver.errors import Forbidden, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Parameter, Put, Tenant
from provserver.rest.changing import last_one_wins
from provserver.rest.codec import shapes
from provserver.rest.codec.parameters import KINDS, PROVISIONING_KEY, description, read_value, value_of
from provserver.rest.codec.paths import quoted
from provserver.rest.messages import DONE, ROOT, Question, Reply, Route


class Configure:
    def __init__(self, provisioner: IProvisioner, store: IStore) -> None:
        self._provisioner = provisioner
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        acl = "provd.configure.{tenant_uuid}.{param_id}"
        one = "/configure/<param_id>"
        return (
            Route(
                "GET",
                "/configure",
                "provd.configure.read",
                self.list,
                summary="List the parameters of the server",
                gives=shapes.Parameters,
                secrets=True,
            ),
            Route("GET", one, f"{acl}.read", self.read, summary="Read a parameter", gives=shapes.ParameterValue,
                  secrets=True),
            Route(
                "PUT",
                one,
                f"{acl}.update",
                self.update,
                {Forbidden: 403},
                summary="Set a parameter; null unsets it",
                takes=shapes.ParameterValue,
                secrets=True,
            ),
        )  # fmt: skip

    async def list(self, question: Question) -> Reply:
        locale = parameter(self._store, "locale")
        params = [
            {
                "id": name,
                "description": description(name, locale),
                "value": value_of(name, self._shown(name, question)),
                "links": [{"rel": "srv.configure.param", "href": f"{ROOT}/configure/{quoted(name)}"}],
            }
            for name in KINDS
        ]
        return Reply(200, {"params": params})

    async def read(self, question: Question) -> Reply:
        name = _name(question)
        return Reply(200, {"param": {"value": value_of(name, self._shown(name, question))}})

    async def update(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._update(question))

    async def _update(self, question: Question) -> Reply:
        name = _name(question)
        if name != PROVISIONING_KEY:
            check_sees_all(self._store, question.caller, "this parameter is everybody's")
        kept = self._kept(name, question)

        def read(value: object) -> str | None:
            if isinstance(value, str) and not question.sees_secrets:
                value = restored_text(value, kept, name == PROVISIONING_KEY, "param.value")
            return KINDS[name].read(value)

        value = read_value(question.body, read)
        if value == kept:
            return DONE
        if name == PROVISIONING_KEY:
            tenant = self._tenant(question)
            put = Put(evolve(tenant, key=value), tenant.rev)
        else:
            before = found(self._store, Parameter, name)
            put = Put(Parameter(name, value=value), before.rev if before else 0)
        await self._provisioner.change(question.commit(put))
        return DONE

    def _shown(self, name: str, question: Question) -> str | None:
        if name == PROVISIONING_KEY:
            return question.shown(self._tenant(question)).key
        document = found(self._store, Parameter, name)
        return question.shown(document).value if document else None

    def _kept(self, name: str, question: Question) -> str | None:
        return self._tenant(question).key if name == PROVISIONING_KEY else parameter(self._store, name)

    def _tenant(self, question: Question) -> Tenant:
        return self._store.get(Tenant, question.caller.tenant)


def _name(question: Question) -> str:
    """Raises: NotFound."""
    name = question.segments["param_id"]
    if name not in KINDS:
        raise NotFound(f"No such resource: parameter {name[:60]!r}")
    return name
