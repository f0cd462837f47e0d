"""What one plugin can install and be told for itself (contract section 8.5): nothing yet, and clients ask."""

from collections.abc import Callable, Mapping

from provserver.errors import Invalid, NotFound
from provserver.rest.codec import shapes
from provserver.rest.codec.values import read_id
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.plugins import ACL, ONE

_LINKS = ("install", "uninstall", "installed", "installable", "upgrade")


def routes(serves: Callable[[Mapping[str, str]], bool]) -> tuple[Route, ...]:
    """`serves`: whether the plugin that a path names is there."""
    path, acl, param = f"{ONE}/install", f"{ACL}.install", f"{ONE}/configure/<param_id>"
    param_acl = "provd.configure.{tenant_uuid}.{param_id}"  # contract section 4: without the plugin
    return (
        Route(
            "GET", path, f"{acl}.read", _links, exists=serves,
            summary="Read what there is to install packages of a plugin", gives=shapes.Links,
        ),
        *(
            Route(
                "GET", f"{path}/{name}", f"{acl}.{name}.read", _none, exists=serves,
                summary=f"List the {name} packages of a plugin", gives=shapes.Packages,
            )
            for name in ("installed", "installable")
        ),
        *(
            Route(
                "POST", f"{path}/{name}", f"{acl}.{name}.create", _unknown, exists=serves,
                summary=f"{name.capitalize()} a package of a plugin; there is none yet", takes=shapes.Named,
            )
            for name in ("install", "uninstall", "upgrade")
        ),
        Route(
            "GET", f"{ONE}/configure", f"{ACL}.configure.read", _no_parameters, exists=serves,
            summary="List the parameters of a plugin", gives=shapes.Parameters,
        ),
        Route(
            "GET", param, f"{param_acl}.read", _no_parameter, exists=serves,
            summary="Read a parameter of a plugin; there is none yet", gives=shapes.ParameterValue,
        ),
        Route(
            "PUT", param, f"{param_acl}.update", _no_parameter, exists=serves,
            summary="Set a parameter of a plugin; there is none yet", takes=shapes.ParameterValue,
        ),
    )  # fmt: skip


async def _links(question: Question) -> Reply:
    return Reply(
        200, {"links": [{"rel": f"srv.install.{name}", "href": f"{question.path}/{name}"} for name in _LINKS]}
    )


async def _none(_question: Question) -> Reply:
    return Reply(200, {"pkgs": {}})


async def _unknown(question: Question) -> Reply:
    """Each way of asking has its own words in the reference; its clients show them."""
    wanted = read_id(question.body)
    raise Invalid("package not found" if question.path.endswith("/install") else repr(wanted[:60]))


async def _no_parameters(_question: Question) -> Reply:
    return Reply(200, {"params": []})


async def _no_parameter(question: Question) -> Reply:
    raise NotFound(f"No such resource: parameter {question.segments['param_id'][:60]!r}")
