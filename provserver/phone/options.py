"""The command line of `provd-phone`: options in, an order out."""

import argparse
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from attrs import field, frozen

from provserver.address import normal_ip, normal_mac
from provserver.errors import Invalid
from provserver.phone.fetching import origin, resolve
from provserver.phone.fleet import fleet
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Phone, Profile

T = TypeVar("T")

_MOST_PHONES = 100_000

_ABOUT = """\
A simulated phone: it asks a provisioning server for what a real phone of that model would ask for when it
starts, in the same order and with the same words, and shows what the phone would then display."""

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

exit status: 0 the phone got its configuration, 1 it did not, 2 the command was wrong"""

_LIST_ABOUT = (
    "List the vendors and models that can be played, and the firmware each runs unless told otherwise."
)


@frozen
class Order:
    """What is to be done: these phones, so many boots one after the other."""

    profile: Profile
    phones: tuple[Phone, ...]
    server: str = field(repr=False)  # ends in `/`; holds the key
    boots: int
    as_json: bool


def read_order(options: argparse.Namespace) -> Order:
    """Return what the options of `boot` ask for. Raises: Invalid."""
    profile = PROFILES[options.vendor]
    names = {name.lower(): name for name in profile.models}
    model = names.get(options.model.lower())
    if model is None:
        raise Invalid(f"no {profile.vendor} {options.model}; it can play {', '.join(profile.models)}")
    version = options.version or profile.models[model]
    first = Phone(options.vendor, model, options.mac, version, options.source or "")
    return Order(
        profile,
        fleet(first, options.count),
        options.server + (f"{quote(options.key, safe='')}/" if options.key else ""),
        boots=2 if options.again else 1,
        as_json=options.json,
    )


def make_parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "provd-phone", description=_ABOUT, epilog=_EXAMPLES, formatter_class=layout
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="what can be played", description=_LIST_ABOUT)
    listing.add_argument("vendor", nargs="?", choices=PROFILES, metavar="VENDOR", help="only this one")

    booting = commands.add_parser(
        "boot",
        help="start a phone, or many",
        description=_BOOT_ABOUT,
        epilog=_BOOT_EXAMPLES,
        formatter_class=layout,
    )
    add = booting.add_argument
    add("vendor", choices=PROFILES, metavar="VENDOR", help=f"one of: {', '.join(PROFILES)}")
    add("model", metavar="MODEL", help="a model of `provd-phone list`")
    add("--mac", required=True, type=_checked(normal_mac), help="of the phone, or of the first of many")
    add("--server", default="http://127.0.0.1:8667/", type=_checked(_server), help="default: %(default)s")
    add("--key", default="", help="provisioning key of a tenant: the first element of every path")
    add("--source", type=_checked(normal_ip), help="address of this machine to ask from")
    add("--version", type=_checked(_version), help="firmware that the phone says it runs")
    add("--count", default=1, type=_checked(_count), help="so many phones, with consecutive macs and sources")
    add("--again", action="store_true", help="restart at once: what has not changed is answered by 304")
    add("--json", action="store_true", help="one JSON object a boot instead of tables")
    return parser


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


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)+", text):
        raise Invalid(f"{text!r}, expected numbers with dots: 66.86.0.15")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:7]) <= _MOST_PHONES:
        raise Invalid(f"{text!r}, expected 1 to {_MOST_PHONES:,}")
    return int(text)
