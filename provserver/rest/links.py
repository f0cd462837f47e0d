"""The root and the managers, which link to what there is (contract section 4), and the status of the whole."""

from collections.abc import Mapping
from functools import partial

from provserver.rest.codec import shapes
from provserver.rest.messages import ROOT, Question, Reply, Route

_LINKS: Mapping[str, Mapping[str, str]] = {  # path -> rel -> path below it
    "": {
        "dev": "dev_mgr",
        "cfg": "cfg_mgr",
        "pg": "pg_mgr",
        "status": "status",
        "srv.configure": "configure",
    },
    "/dev_mgr": {
        "dev.synchronize": "synchronize",
        "dev.reconfigure": "reconfigure",
        "dev.dhcpinfo": "dhcpinfo",
        "dev.devices": "devices",
    },
    "/cfg_mgr": {"cfg.configs": "configs", "cfg.autocreate": "autocreate"},
    "/pg_mgr": {"srv.install": "install", "pg.plugins": "plugins", "pg.reload": "reload"},
    "/pg_mgr/install": {
        f"srv.install.{name}": name
        for name in ("install", "uninstall", "installed", "installable", "upgrade", "update")
    },
}


def routes() -> tuple[Route, ...]:
    links = (
        Route(
            "GET",
            path,
            f"provd{path.replace('/', '.')}.read",
            partial(_links, path),
            summary=f"Read what there is below {path or 'the root'}",
            gives=shapes.Links,
        )
        for path in _LINKS
    )
    status = Route(
        "GET",
        "/status",
        "provd.status.read",
        _status,
        summary="Ask whether provd is ready",
        gives=shapes.ServerStatus,
    )
    return (*links, status)


async def _links(path: str, _question: Question) -> Reply:
    links = [{"rel": rel, "href": f"{ROOT}{path}/{below}"} for rel, below in _LINKS[path].items()]
    return Reply(200, {"links": links})


async def _status(_question: Question) -> Reply:
    """There is no bus; clients of the reference wait until it is ok (contract section 5.1)."""
    return Reply(200, {"rest_api": "ok", "bus_consumer": {"status": "ok"}})
