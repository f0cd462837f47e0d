"""
What Cisco's Enterprise phones have in common, SIP or SCCP: how they ask, and the XML of `SEP<MAC>.cnf.xml`.

They ask by TFTP. First for lists of whom to trust, which only Cisco's own server has; then for their own file, or
the one for all; then for what that file names. They try HTTP on port 6970 before that, which nobody serves who is
no Cisco server: it is not played.
"""

from collections.abc import Generator, Mapping
from xml.etree.ElementTree import Element, ParseError, XMLParser

from provserver.errors import Invalid
from provserver.phone.fetching import Files
from provserver.phone.values import Fetch, Fetched, Phone

_COMMON_FILE = "XMLDefault.cnf.xml"  # firmware for models that nobody has configured: no lines
_KEPT = "device"  # the last file of its own that the phone could read, over restarts

Fetching = Generator[Fetch, Fetched, None]


def name_of(phone: Phone) -> str:
    return f"SEP{phone.mac.replace(':', '').upper()}"


def trust_lists(files: Files, phone: Phone, with_itl: bool) -> Fetching:
    """Ask for the trust lists; firmware from 8.6 on has two kinds."""
    name = name_of(phone)
    yield from files.get(f"CTL{name}.tlv")
    if with_itl:
        yield from files.get(f"ITL{name}.tlv")
        yield from files.get("ITLFile.tlv")


def own_file(
    files: Files, phone: Phone, settings: Mapping[str, str]
) -> Generator[Fetch, Fetched, tuple[Element, bool, dict[str, str]]]:
    """Return the phone's configuration, whether it came now, and the settings to keep. Where none came it is the
    one from before, or empty."""
    name = f"{name_of(phone)}.cnf.xml"
    body = yield from files.get(name)
    if body is None:
        yield from files.get(_COMMON_FILE)
    else:
        try:
            return read_device(body), True, {_KEPT: body.decode()}
        except Invalid as problem:
            files.complain(name, problem.text)
    return kept_device(settings), False, dict(settings)


def kept_device(settings: Mapping[str, str]) -> Element:
    """Return the last configuration that the phone could read; empty where there was none."""
    kept = settings.get(_KEPT)
    return read_device(kept.encode()) if kept else Element("device")


def load_file(files: Files, phone: Phone, device: Element) -> Fetching:
    """Ask for the firmware that the file names, where the phone does not run it."""
    load = text_of(device, "loadInformation")
    if load and load != phone.version and (yield from files.get(f"{load}.loads")) is None:
        files.problems.append(f"{load}.loads: not there, and the phone asks for it at each start")


def tones(files: Files, device: Element, name: str) -> Fetching:
    """Ask for the dial tones of the country. Without them the phone has those of the United States."""
    if locale := text_of(device, "networkLocale"):
        yield from files.get(f"{locale}/{name}")


def language(device: Element) -> str:
    return text_of(device, "userLocale/name").removeprefix("i18n/")


def time_zone(device: Element) -> str:
    return text_of(device, "devicePool/dateTimeSetting/timeZone")


def call_managers(device: Element, port: str, default: str) -> list[str]:
    """Return the servers with their ports, by priority; `port` is the element that holds it."""
    members = device.findall("devicePool/callManagerGroup/members/member")
    members.sort(key=_priority)
    servers = [(text_of(each, "callManager/processNodeName"), each) for each in members]
    return [
        f"{host}:{text_of(member, f'callManager/ports/{port}') or default}"
        for host, member in servers
        if host
    ]


def read_device(body: bytes) -> Element:
    """
    Read a `SEP<MAC>.cnf.xml`.

    Raises:
        Invalid: the phone would take nothing of it.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Invalid(f"not UTF-8 at byte {problem.start}") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Invalid("a document type, which could blow the file up")
    try:
        parser = XMLParser()  # noqa: S314 - without a document type there are no entities
        parser.feed(text)
        device: Element = parser.close()
    except ParseError as problem:
        raise Invalid(f"not XML: {problem}") from None
    if device.tag != "device":
        raise Invalid(f"the root is <{device.tag[:40]}>, expected <device>")
    return device


def text_of(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _priority(member: Element) -> int:
    value = member.get("priority", "")
    return int(value) if value.isdecimal() and len(value) < 4 else 0
