"""
Polycom's files: XML whose attributes are what is said (*Administrators' Guide*, "Configuration Files").

The master file names the application and the files of parameters. An attribute that stands twice in one element makes
a file ill-formed, and the phone takes nothing of it.
"""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, ParseError, XMLParser

from attrs import frozen

from provserver.errors import Invalid

_MOST_FILES = 20
_UC_ROOT = "polycomConfig"
_OLD_ROOTS = ("config", "phone1", "sip")  # ours, and those of the vendor's own defaults
_FLASH, _FLASH_ON, _SET = "device.", "device.set", ".set"


@frozen
class Master:
    application: str  # the file of the firmware; "" leaves it alone
    configuration: tuple[str, ...]  # with `[PHONE_MAC_ADDRESS]`
    bootblock: str


def read_master(body: bytes, model: str) -> Master:
    """
    Read a master file; what it says for a model alone counts more.

    Raises:
        Invalid: the phone would take nothing of it.
    """
    root = _read(body)
    if root.tag != "APPLICATION":
        raise Invalid(f"the root is <{root.tag[:40]}>, expected <APPLICATION>")
    own = root.find(f"APPLICATION_{model}")

    def said(name: str) -> str:
        special = own.get(f"{name}_{model}") if own is not None else None
        return (special or root.get(name) or "").strip()

    names = [name.strip() for name in said("CONFIG_FILES").split(",") if name.strip()]
    if len(names) > _MOST_FILES:
        raise Invalid(f"{len(names)} files in CONFIG_FILES, the most is {_MOST_FILES}")
    return Master(said("APP_FILE_PATH"), tuple(names), said("BOOTBLOCK_FILE_PATH"))


def read_parameters(body: bytes, uc: bool) -> dict[str, str]:
    """
    Read a file of parameters, in whichever of its elements they stand.

    Raises:
        Invalid: the phone would take nothing of it.
    """
    root = _read(body)
    roots = (_UC_ROOT,) if uc else _OLD_ROOTS
    if root.tag not in roots:
        raise Invalid(f"the root is <{root.tag[:40]}>, expected <{roots[0]}>")
    return _first([each.attrib for each in root.iter()])


def merged(
    files: Iterable[Mapping[str, str]], before: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a phone's settings after its files, of which the first counts most, and what of them it does not take.
    Of `before` stays what is in its flash."""
    said = _first(files)
    flash = {name for name in said if name.startswith(_FLASH) and not name.endswith(_SET)}
    taken = {name for name in flash if said.get(_FLASH_ON) == said.get(f"{name}{_SET}") == "1"}
    kept = {name: value for name, value in before.items() if name.startswith(_FLASH)}
    settings = {name: value for name, value in said.items() if not name.startswith(_FLASH) or name in taken}
    lost = tuple(f"{name}: not taken without {_FLASH_ON} and {name}{_SET}" for name in sorted(flash - taken))
    return {**kept, **settings}, lost


def _first(files: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for parameters in files:
        found = {**parameters, **found}
    return found


def _read(body: bytes) -> Element:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Invalid(f"not UTF-8 at byte {problem.start}") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Invalid("a document type, which could blow the file up")
    try:
        parser = XMLParser()  # noqa: S314 - without a document type there are no entities
        parser.feed(text)
        root: Element = parser.close()
    except ParseError as problem:
        raise Invalid(f"not XML: {problem}") from None
    return root
