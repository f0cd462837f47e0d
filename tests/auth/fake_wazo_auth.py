"""A server that speaks as much of wazo-auth's API as the contract (section 3.2) has provd use."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from attrs import define
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from provserver.core.acl import allows

SERVICE = ("provd-service", "opensesame")
MASTER = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeee1"


@define
class Issued:
    tenant: str
    acl: tuple[str, ...]
    holder: str = "anna"


@define
class Answering:
    """What it does instead of answering: a status, a body, or nothing at all."""

    status: int = 0
    body: bytes | None = None
    silent: bool = False


class FakeWazoAuth(Resource):
    """`parents` is the tree of tenants; `asked` has what was asked, as `METHOD path [tenant]`."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.parents: dict[str, str] = {MASTER: MASTER}
        self.tokens: dict[str, Issued] = {}
        self.asked: list[str] = []
        self.silent: list[Request] = []
        self.instead: dict[str, Answering] = {}  # by "METHOD /path", or by "" for all
        self.service_tenant = MASTER
        self._made = 0

    def issue(self, token: str, tenant: str, acl: Iterable[str]) -> None:
        self.tokens[token] = Issued(tenant, tuple(acl))

    def render(self, request: Request) -> Any:
        _, _, path = request.path.decode().partition("/0.1")
        tenant = request.requestHeaders.getRawHeaders("wazo-tenant", [""])[0]
        method = request.method.decode()
        self.asked.append(f"{method} {path} {tenant}".rstrip())
        instead = self.instead.get(f"{method} {path}") or self.instead.get("")
        if instead and instead.silent:
            self.silent.append(request)
            return NOT_DONE_YET
        if instead:
            status, body = instead.status, instead.body or b""
        else:
            status, document = self._answer(method, path, tenant, request)
            body = json.dumps(document).encode() if document is not None else b""
        request.setResponseCode(status)
        return b"" if method == "HEAD" else body

    def _answer(self, method: str, path: str, tenant: str, request: Request) -> tuple[int, Any]:
        _, noun, *rest = path.split("/")
        if (method, noun, rest) == ("POST", "token", []):
            return self._log_in(request)
        if noun == "token" and rest:
            return self._token(method, rest[0], request)
        if (method, noun) == ("GET", "tenants"):
            return self._tenants(request.requestHeaders.getRawHeaders("x-auth-token", [""])[0], tenant, rest)
        return 404, None

    def _log_in(self, request: Request) -> tuple[int, Any]:
        assert request.content
        json.loads(request.content.read())
        credentials = base64.b64encode(":".join(SERVICE).encode()).decode()
        if request.requestHeaders.getRawHeaders("authorization") != [f"Basic {credentials}"]:
            return 401, None
        self._made += 1
        token = f"own-{self._made}"
        self.tokens[token] = Issued(self.service_tenant, ("#",), SERVICE[0])
        return 200, self._document(token)

    def _token(self, method: str, token: str, request: Request) -> tuple[int, Any]:
        issued = self.tokens.get(token)
        if issued is None:
            return 404, None
        if method == "GET":
            return 200, self._document(token)
        args = {name.decode(): values[0].decode() for name, values in (request.args or {}).items()}
        if not allows(issued.acl, args["scope"]):
            return 403, None
        return (204 if args.get("tenant", issued.tenant) in self._beneath(issued.tenant) else 403), None

    def _tenants(self, token: str, tenant: str, rest: list[str]) -> tuple[int, Any]:
        if token not in self.tokens:
            return 401, None
        seen = self._beneath(self.tokens[token].tenant)
        if rest:
            return (200, {"uuid": rest[0]}) if rest[0] in seen else (404, None)
        if (tenant or self.tokens[token].tenant) not in seen:
            return 401, None
        items = [
            {"uuid": one, "name": f"name of {one}", "parent_uuid": self.parents[one]}
            for one in sorted(self._beneath(tenant or self.tokens[token].tenant))
        ]
        return 200, {"items": items, "total": len(items), "filtered": len(items)}

    def _beneath(self, tenant: str) -> set[str]:
        found = {tenant} & self.parents.keys()
        while more := {one for one, parent in self.parents.items() if parent in found} - found:
            found |= more
        return found

    def _document(self, token: str) -> Any:
        issued = self.tokens[token]
        return {
            "data": {
                "token": token,
                "auth_id": issued.holder,
                "acl": list(issued.acl),
                "metadata": {"uuid": issued.holder, "tenant_uuid": issued.tenant},
            }
        }
