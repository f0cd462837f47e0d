"""The API described, for programs and for people. Nobody needs a token to read what everybody can."""

from collections.abc import Sequence
from functools import partial
from html import escape

from provserver.rest.codec.values import write_json
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.openapi import TITLE, described_path, openapi, parameters, refusals, tag, words
from provserver.rest.swagger import swagger

_JSON = "application/json"
_YAML = "application/yaml"  # each JSON document is one of YAML
_HTML = "text/html; charset=utf-8"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
@media (prefers-color-scheme: dark) { body { background: #161616; color: #e6e6e6; } a { color: #8ab4f8; } }
summary { cursor: pointer; padding: .3rem 0; }
code, b { font-family: ui-monospace, monospace; }
b { display: inline-block; min-width: 4.5rem; }
"""


class _Description:
    """What is served is made when it is first asked for, and once."""

    def __init__(self) -> None:
        self.routes: tuple[Route, ...] = ()
        self._made: dict[str, bytes] = {}

    async def answer(self, media_type: str, _question: Question) -> Reply:
        if media_type not in self._made:
            self._made[media_type] = self._make(media_type)
        return Reply(200, media_type=media_type, body=self._made[media_type])

    def _make(self, media_type: str) -> bytes:
        if media_type == _HTML:
            return _page(self.routes).encode()
        document = openapi(self.routes)
        return write_json(document if media_type == _JSON else swagger(document))


def described(routes: Sequence[Route]) -> tuple[Route, ...]:
    """Return the routes, and with them those that describe all of them, themselves too."""
    description = _Description()
    own = (
        ("/openapi.json", _JSON, "Read this API as OpenAPI 3.1"),
        ("/api/api.yml", _YAML, "Read this API as Swagger 2.0"),
        ("/docs", _HTML, "Read this API as a page"),
    )
    description.routes = (
        *routes,
        *(
            Route("GET", path, "", partial(description.answer, kind), summary=said, media_type=kind)
            for path, kind, said in own
        ),
    )
    return description.routes


def _page(routes: Sequence[Route]) -> str:
    """Return it for people: no program, nothing to be loaded from elsewhere."""
    tags = dict.fromkeys(map(tag, routes))
    parts = (
        f"<h2>{escape(name)}</h2>" + "".join(_of_route(route) for route in routes if tag(route) == name)
        for name in tags
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(TITLE)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(TITLE)}</h1>"
        '<p>The same for programs: <a href="openapi.json">openapi.json</a>. Every route but those that '
        "describe the API asks for <code>X-Auth-Token</code>, whose ACL must hold what is named here.</p>"
        f"{''.join(parts)}</html>"
    )


def _of_route(route: Route) -> str:
    said = [f"<p>ACL <code>{escape(route.acl)}</code></p>" if route.acl else "<p>No token is asked for.</p>"]
    said += [
        f"<p>{query.place} <code>{escape(query.name)}</code> {escape(query.what)}</p>"
        for query in parameters(route)
    ]
    for word, kind in (("takes", route.takes), ("gives", route.gives)):
        fields = getattr(kind, "__struct_fields__", ())
        if fields:
            said.append(f"<p>{word} <code>{{{escape(', '.join(fields))}}}</code></p>")
    statuses = (f"{status} {escape(words(status))}" for status in (route.success, *refusals(route)))
    said.append(f"<p>{'; '.join(statuses)}</p>")
    return (
        f"<details><summary><b>{route.method}</b> <code>{escape(described_path(route))}</code> "
        f"{escape(route.summary)}</summary>{''.join(said)}</details>"
    )
