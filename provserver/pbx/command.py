"""The command `provd-pbx`: prints the PBX's whole side, and the list of slots that provd reads."""

import argparse
import os
import secrets
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from provserver.errors import Invalid
from provserver.pbx.config.asterisk import asterisk
from provserver.pbx.config.freeswitch import freeswitch
from provserver.pbx.config.kamailio import kamailio
from provserver.pbx.config.plan import (
    Files,
    Plan,
    Pool,
    folder,
    host,
    pool,
    pool_json,
    port,
    read_pool,
    reset_code,
    shared_pool,
    url,
)

_KINDS: Mapping[str, Callable[[Plan], Files]] = {
    "asterisk": asterisk,
    "kamailio": kamailio,
    "freeswitch": freeswitch,
}
_SECRET_LENGTH = 20  # letters and digits: 119 bits
_EXAMPLE = (
    "provd-pbx asterisk --slots 200 --provd 192.0.2.10 --pbx 192.0.2.20 --keep slots.json --out asterisk/"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 1 where something is wrong with what was asked (argparse's own is 2)."""
    options = _parser().parse_args(argv)
    try:
        plan = plan_of(options, new_secret)
        if options.keep:
            write_private(Path(options.keep), pool_json(plan))
        if options.json:
            sys.stdout.write(pool_json(plan))
        else:
            _give(_KINDS[options.kind](plan), options.out)
    except (Invalid, OSError, UnicodeDecodeError) as problem:
        sys.stderr.write(f"provd-pbx: {problem}\n")
        return 1
    return 0


def plan_of(options: argparse.Namespace, new_secret: Callable[[], str]) -> Plan:
    """Raises: Invalid, OSError, UnicodeDecodeError."""
    provd = host(options.provd, "--provd")
    return Plan(
        pool=_pool(options, new_secret),
        shared=options.shared,
        provd=provd,
        agi_port=port(options.agi_port, "--agi-port"),
        rest_url=url(options.rest or f"http://{provd}:8666", "--rest"),
        pbx=host(options.pbx, "--pbx"),
        sip_port=port(options.sip_port, "--sip-port"),
        reset_code=reset_code(options.reset_code),
        folder=folder(options.folder),
        kept=options.keep,
    )


def new_secret() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_SECRET_LENGTH))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    new.replace(path)


def _pool(options: argparse.Namespace, new_secret: Callable[[], str]) -> Pool:
    kept = None
    if options.keep and Path(options.keep).exists():
        kept = read_pool(Path(options.keep).read_text("utf-8"))
    if options.shared:
        return shared_pool(new_secret, kept)
    return pool(options.slots, options.prefix, new_secret, kept)


def _give(files: Files, out: str) -> None:
    for place, text in files.items():
        if out:
            path = Path(out, place)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, text)
        else:
            sys.stdout.write(f"==> {place} <==\n{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provd-pbx", description=__doc__, epilog=f"Example: {_EXAMPLE}")
    parser.add_argument("kind", choices=tuple(_KINDS), metavar="KIND", help=", ".join(_KINDS))
    parser.add_argument(
        "--slots", type=int, default=100, metavar="N", help="waiting phones at one time (100)"
    )
    parser.add_argument("--shared", action="store_true", help="one account for all: up to about 20 phones")
    parser.add_argument("--provd", required=True, metavar="HOST", help="provd as the PBX reaches it")
    parser.add_argument("--pbx", required=True, metavar="HOST", help="the PBX as phones and provd reach it")
    parser.add_argument("--sip-port", type=int, default=5060, metavar="PORT", help="of the PBX (5060)")
    parser.add_argument("--agi-port", type=int, default=4573, metavar="PORT", help="of provd (4573)")
    parser.add_argument("--rest", default="", metavar="URL", help="provd's REST (http://HOST:8666)")
    parser.add_argument("--reset-code", default="*48378", metavar="CODE", help="brings a phone back (*48378)")
    parser.add_argument(
        "--folder", default="/etc/kamailio", metavar="PATH", help="Kamailio's files (%(default)s)"
    )
    parser.add_argument("--prefix", default="ap", metavar="LETTERS", help="of the slots' names (ap)")
    parser.add_argument(
        "--keep", default="", metavar="FILE", help="list of slots: secrets in it stay, new ones go in"
    )
    parser.add_argument(
        "--out", default="", metavar="FOLDER", help="write the files there, do not print them"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the list of slots for provd, and nothing else"
    )
    return parser
