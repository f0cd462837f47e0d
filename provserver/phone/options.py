"""The command line of `provd-phone`: what it accepts, and what it says of itself."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from provserver.address import normal_ip, normal_mac
from provserver.errors import Invalid
from provserver.phone.fetching import origin, resolve
from provserver.phone.profiles import PROFILES

T = TypeVar("T")

_MOST_PHONES = 100_000
_LAST_PORT = 65_535

_ABOUT = """\
A simulated phone: it asks a provisioning server for what a real phone of that model would ask for when it
starts, in the same order and with the same words, and shows what the phone would then display. It can also look
for that server as phones do, and play the DHCP server that tells of a phone."""

_EXAMPLES = """\
examples:
  provd-phone list yealink
  provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37
  provd-phone boot --help"""

_BOOT_ABOUT = """\
Start a phone. Each line is one request, with the server's answer; then comes what the phone would display:
its accounts, its keys, its language and time zone. Passwords are never shown, only that they are set."""

_BOOT_EXAMPLES = """\
examples:
  a phone of your office starts, against the provd that `make run` started here:
    provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37

  the same from an address of its own (Linux has all of 127.0.0.0/8), and restarted at once:
    provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37 --source 127.0.0.5 --again

  the power comes back in a building with 50 phones, 127.0.1.1 to 127.0.1.50:
    provd-phone boot yealink T31G --mac 00:15:65:00:00:01 --source 127.0.1.1 --count 50

  a phone that fetches by TFTP:
    provd-phone boot cisco_sip 8945 --mac 00:1b:54:12:34:56 --server tftp://127.0.0.1:6969

exit status: 0 the phone got its configuration, 1 it did not, 2 the command was wrong"""

_LIVE_ABOUT = """\
Start a phone and leave it on. It registers each account that its file gives it (SIP over UDP), dials a code, and when
its PBX tells it by NOTIFY to restart, it does, and shows what it has become."""

_LIVE_EXAMPLES = """\
examples:
  a phone waits for its user, who dials the code 482913, and becomes the user's phone:
    provd-phone live yealink T46S --mac 00:15:65:4a:a9:37 --source 127.0.0.5 --dial 482913 --restarts 1

  and is given back by another code after that, which is dialled after the next start:
    provd-phone live yealink T46S --mac 00:15:65:4a:a9:37 --dial 482913 --dial '*48378' --restarts 2

  three phones behind one address, each at a port of its own:
    provd-phone live yealink T46S --mac 00:15:65:4a:a9:37 --sip-port 5071

exit status: 0 it got its configuration, registered, and restarted as often as --restarts says, 1 it did not, 2 the
command was wrong"""

_PNP_ABOUT = """\
Look for a server as a phone does in a network whose DHCP server says nothing: ask the multicast group of SIP PnP,
for 5 seconds. provd answers where SIP PnP is turned on, and knows the phone."""

_PNP_EXAMPLES = """\
examples:
  ask on the interface with this address, and boot from what is told:
    provd-phone pnp yealink T46S --mac 00:15:65:4a:a9:37 --source 192.168.7.31 --boot

exit status: 0 a URL was told (and with --boot the phone got its configuration), 1 not, 2 the command was wrong"""

_LEASE_ABOUT = """\
Tell provd what a DHCP server would when it gives a phone its address. Some phones say only there what they are."""

_LEASE_EXAMPLES = """\
examples:
  an 8945 gets an address, told over the lease socket of the provd that `make run` started here:
    provd-phone lease cisco_sip 8945 --mac 00:1b:54:12:34:56 --ip 127.0.0.9

  the same over REST:
    provd-phone lease cisco_sip 8945 --mac 00:1b:54:12:34:56 --ip 127.0.0.9 --rest http://127.0.0.1:8666

exit status: 0 it was sent (over REST: and taken), 1 not, 2 the command was wrong"""

_HOW_ABOUT = """\
Say what to type on the screen or the web page of a real phone, so that it comes onto this server, and how to reset
it to its factory settings first: what its vendor's README.md says."""

_HOW_EXAMPLES = """\
examples:
  provd-phone how T46S
  provd-phone how yealink T46S --server https://provd.example.org --key K3y-of-anna"""

_LIST_ABOUT = (
    "List the vendors and models that can be played, and the firmware each runs unless told otherwise."
)


def make_parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "provd-phone", description=_ABOUT, epilog=_EXAMPLES, formatter_class=layout
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="what can be played", description=_LIST_ABOUT)
    listing.add_argument("vendor", nargs="?", choices=PROFILES, metavar="VENDOR", help="only this one")

    how = commands.add_parser(
        "how", help="how a real phone comes onto this server", description=_HOW_ABOUT, epilog=_HOW_EXAMPLES,
        formatter_class=layout,
    )  # fmt: skip
    how.add_argument("vendor", nargs="?", metavar="VENDOR", help="where several have the model")
    how.add_argument("model", metavar="MODEL", help="a model of `provd-phone list`, or a vendor of it")
    how.add_argument("--server", type=_checked(_url), help="put its URL into the text")
    how.add_argument("--key", default="", help="and the provisioning key of the phone's tenant")

    add = _command(commands, "boot", "start a phone, or many", _BOOT_ABOUT, _BOOT_EXAMPLES)
    _add_server(add)
    add("--count", default=1, type=_checked(_count), help="so many phones, with consecutive macs and sources")
    add("--again", action="store_true", help="restart at once: what has not changed is answered by 304")
    add("--json", action="store_true", help="one JSON object a boot instead of tables")

    add = _command(commands, "live", "start a phone and leave it on", _LIVE_ABOUT, _LIVE_EXAMPLES)
    _add_server(add)
    add("--dial", action="append", default=[], type=_checked(_number), metavar="CODE",
        help="dial it when registered; the second one after the next start, and so on")  # fmt: skip
    add("--line", default=1, type=_checked(_count), help="the account that dials; default: %(default)s")
    add("--sip-port", default=5060, type=_checked(_port), help="its own; 0: any; default: %(default)s")
    add("--stay", default=3600, type=_checked(_count), metavar="S",
        help="wait so many seconds to be told to restart, each time; default: %(default)s")  # fmt: skip
    add("--restarts", type=_checked(_count), metavar="N", help="end after so many restarts")
    add("--strict-notify", action="store_true", help="ask who tells it to restart for the account's password")
    add("--unregister-all", action="store_true", help="when it restarts, take all phones of its accounts off")

    add = _command(commands, "pnp", "look for a server by SIP PnP", _PNP_ABOUT, _PNP_EXAMPLES)
    add("--boot", action="store_true", help="then start from it")
    add("--group", default="224.0.1.75:5060", type=_checked(_group), help="whom to ask; default: %(default)s")

    add = _command(commands, "lease", "tell of a DHCP lease", _LEASE_ABOUT, _LEASE_EXAMPLES)
    add("--ip", required=True, type=_checked(normal_ip), help="the phone's address")
    add("--op", default="commit", choices=("commit", "release", "expiry"), help="default: %(default)s")
    add("--vendor-class", help='another option 60 than the model\'s; "" for none')
    add(
        "--socket",
        default=Path("var/run/lease"),
        type=Path,
        help="provd's lease socket; default: %(default)s",
    )
    add("--rest", type=_checked(_rest), metavar="URL", help="tell it over REST instead")
    add("--token-file", default=Path("var/admin-token"), type=Path, help="for REST; default: %(default)s")
    return parser


def _command(
    commands: Any, name: str, text: str, about: str, examples: str
) -> Callable[..., argparse.Action]:
    """Add a command about one phone; return what adds options of its own."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("vendor", choices=PROFILES, metavar="VENDOR", help=f"one of: {', '.join(PROFILES)}")
    add("model", metavar="MODEL", help="a model of `provd-phone list`")
    add("--mac", required=True, type=_checked(normal_mac), help="of the phone, or of the first of many")
    add("--source", type=_checked(normal_ip), help="address of this machine to ask from")
    add("--version", type=_checked(_version), help="firmware that the phone says it runs")
    return add


def _add_server(add: Callable[..., argparse.Action]) -> None:
    add("--server", type=_checked(_server), help="default: where `make run` listens on this machine")
    add("--key", default="", help="provisioning key of a tenant: the first element of every path")
    add("--user", help="of HTTP digest, where the server asks for it")
    add("--password", help="the password that goes with it")


def _checked(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse show the text of an Invalid."""

    def checked(text: str) -> T:
        try:
            return read(text)
        except Invalid as problem:
            raise argparse.ArgumentTypeError(problem.text) from None

    return checked


def _server(text: str) -> str:
    url = resolve("", text)
    if "?" in url or "#" in url:
        raise Invalid(f"{origin(url)}: no ? and no # in the URL of a server")
    return url if url.endswith("/") else f"{url}/"


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Invalid(f"{text!r}, expected a URL like http://192.0.2.1:8667")
    return text.rstrip("/")


def _rest(text: str) -> str:
    url = _server(text)
    if not url.startswith("http:"):
        raise Invalid(f"{origin(url)}: REST is http://")
    return url


def _group(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= _LAST_PORT or ":" in normal_ip(host):
        raise Invalid(f"{text!r}, expected an IPv4 address with a port: 224.0.1.75:5060")
    return host, int(port)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > _LAST_PORT:
        raise Invalid(f"{text!r}, expected 0 to {_LAST_PORT}")
    return int(text)


def _number(text: str) -> str:
    if not re.fullmatch(r"[0-9*#+]{1,32}", text):
        raise Invalid(f"{text!r}, expected what can be dialled: digits, * and #")
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]*", text):
        raise Invalid(f"{text!r}, expected letters, digits, dots and dashes: 66.86.0.15")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:7]) <= _MOST_PHONES:
        raise Invalid(f"{text!r}, expected 1 to {_MOST_PHONES:,}")
    return int(text)
