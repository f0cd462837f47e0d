"""The root and the managers, which link to what there is (contract section 4), and the status of the whole."""

from collections.abc import Mapping
from functools import partial

from provserver.rest.messages import ROOT, Question, Reply, Route

_LINKS: Mapping[str, Mapping[str, str]] = {  # path -> rel -> path below it
    "": {"dev": "dev_mgr", "cfg": "cfg_mgr", "status": "status", "srv.configure": "configure"},
    "/dev_mgr": {
        "dev.reconfigure": "reconfigure",
        "dev.dhcpinfo": "dhcpinfo",
        "dev.devices": "devices",
    },
    "/cfg_mgr": {"cfg.configs": "configs", "cfg.autocreate": "autocreate"},
}


def routes() -> tuple[Route, ...]:
    links = (
        Route("GET", path, f"provd{path.replace('/', '.')}.read", partial(_links, path)) for path in _LINKS
    )
    return (*links, Route("GET", "/status", "provd.status.read", _status))


async def _links(path: str, _question: Question) -> Reply:
    links = [{"rel": rel, "href": f"{ROOT}{path}/{below}"} for rel, below in _LINKS[path].items()]
    return Reply(200, {"links": links})


async def _status(_question: Question) -> Reply:
    """There is no bus; clients of the reference wait until it is ok (contract section 5.1)."""
    return Reply(200, {"rest_api": "ok", "bus_consumer": {"status": "ok"}})
