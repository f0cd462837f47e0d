"""The command `provd-token`: makes, lists and revokes tokens for the REST API of the provd that runs here."""

import argparse
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from provserver.errors import Invalid, NotFound, ProvdError, Unreachable

_PATIENCE_S = 30
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_EXAMPLE = "provd-token create --name monitoring --acl 'provd.dev_mgr.devices.*.status.read' --expires 90d"


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 1 where it could not be done (argparse's own is 2)."""
    options = _parser().parse_args(argv)
    try:
        rest = Rest(options.state, options.host)
        sys.stdout.write(_COMMANDS[options.command](rest, options))
    except (ProvdError, OSError) as problem:
        sys.stderr.write(f"provd-token: {problem}\n")
        return 1
    return 0


# --- what can be done ------------------------------------------------------------------------------------------


def _create(rest: "Rest", options: argparse.Namespace) -> str:
    """Only the token goes to standard output, so that a script can take it."""
    wanted = {"name": options.name, "acl": options.acl, "expires_at": _expiry(options.expires, time.time())}
    made = rest.ask("POST", "/tokens", {"token": wanted}, options.tenant)
    sys.stderr.write(f"made token {made['id']}; it is shown this once:\n")
    return f"{made['token']}\n"


def _list(rest: "Rest", options: argparse.Namespace) -> str:
    tokens = rest.ask("GET", "/tokens?recurse=true&sort=name", None, options.tenant)["tokens"]
    if not tokens:
        return "there are no tokens but the administrator's\n"
    rows = [("ID", "NAME", "TENANT", "EXPIRES", "ACL")]
    rows += [
        (token["id"], token["name"], token["tenant_uuid"], _ends(token), " ".join(token["acl"]))
        for token in tokens
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _revoke(rest: "Rest", options: argparse.Namespace) -> str:
    try:
        rest.ask("DELETE", f"/tokens/{quote(options.id, safe='')}", None, None)
    except NotFound:
        raise NotFound(f"there is no token {options.id}; `provd-token list` shows all") from None
    return ""


_COMMANDS = {"create": _create, "list": _list, "revoke": _revoke}


def _ends(token: Mapping[str, Any]) -> str:
    return "expired" if token["expired"] else token["expires_at"] or "never"


def _expiry(text: str | None, now: float) -> str | None:
    """Read `90d`, `12h`, or a time as REST takes it."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,6})([mhdw])", text)
    if match is None:
        return text
    try:
        ends = datetime.fromtimestamp(now + int(match[1]) * _UNITS_S[match[2]], UTC)
    except (OverflowError, ValueError):
        raise Invalid(f"--expires {text}: that is too long") from None
    return ends.isoformat(timespec="seconds")


# --- the server ------------------------------------------------------------------------------------------------


class Rest:
    """The REST API of the provd that keeps its state in a folder."""

    def __init__(self, state: Path, host: str) -> None:
        """Raises: NotFound, OSError."""
        self._host = host
        try:
            self._port = json.loads((state / "listening.json").read_text())["rest"]
        except FileNotFoundError:
            raise NotFound(
                f"no provd runs with its state in {state} (--state names another folder)"
            ) from None
        try:
            self._token = (state / "admin-token").read_text().strip()
        except FileNotFoundError:
            raise NotFound(
                f"{state / 'admin-token'} is not there: the setting auth.url sends to others"
            ) from None
        except PermissionError:
            raise NotFound(f"{state / 'admin-token'} may not be read: run this as provd's user") from None

    def ask(self, method: str, path: str, body: object, tenant: str | None) -> Any:
        """Return the document that is answered. Raises: Unreachable, NotFound, Invalid."""
        headers = {
            "X-Auth-Token": self._token,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        if tenant is not None:
            headers["Wazo-Tenant"] = tenant
        data = json.dumps(body).encode() if body is not None else None
        connection = HTTPConnection(self._host, self._port, timeout=_PATIENCE_S)
        try:
            connection.request(method, f"/0.2{path}", data, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, HTTPException) as problem:
            raise Unreachable(
                f"provd does not answer at {self._host}, port {self._port}: {problem or type(problem).__name__}"
            ) from None
        finally:
            connection.close()
        return self._read(status, text, tenant)

    def _read(self, status: int, text: bytes, tenant: str | None) -> Any:
        document = json.loads(text) if text else None
        if status < 300:
            return document
        if status == 401:
            of = f", or there is no tenant {tenant}" if tenant is not None else ""
            raise Invalid(f"the token in DIR/admin-token is not the one that provd began with{of}")
        message = document["message"] if document else f"status {status}"
        raise NotFound(message) if status == 404 else Invalid(message)


# --- the command line ------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provd-token", description=__doc__, epilog=f"Example: {_EXAMPLE}")
    parser.add_argument(
        "--state", type=Path, default=Path("var"), metavar="DIR", help="provd's (%(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="where REST listens (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    create = commands.add_parser("create", help="make a token and print it")
    create.add_argument("--name", required=True, help="who shall have it")
    create.add_argument(
        "--acl",
        required=True,
        action="append",
        metavar="PATTERN",
        help="what it may do, like provd.dev_mgr.devices.#; may be given several times",
    )
    create.add_argument("--expires", metavar="WHEN", help="90d, 12h, or like 2027-01-31T12:00:00Z (never)")
    revoke = commands.add_parser("revoke", help="make a token useless")
    revoke.add_argument("id")
    for command in (create, commands.add_parser("list", help="show all tokens, but not what opens the API")):
        command.add_argument("--tenant", metavar="ID", help="the master tenant, if not given")
    return parser
