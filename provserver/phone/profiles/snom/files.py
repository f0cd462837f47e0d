"""
Snom's files (Snom's service pages, *XML provisioning*): the root says what a file is, whatever it is called. A
container names files that are read next; a setting is an element, told from others of its name by `idx`.
"""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError, XMLParser

from attrs import frozen

from provserver.errors import Invalid

_LISTS = {"firmware-settings", "gui-languages", "web-languages"}
_MOST_FILES = 20  # that a container may name


@frozen
class Container:
    urls: tuple[str, ...]


@frozen
class Settings:
    """By name, `user_name[1]`, with `fkey[0]@label` beside `fkey[0]`. Who may change one (`perm`) is passed over: the
    user of a simulated phone has changed nothing."""

    values: Mapping[str, str]


@frozen
class Other:
    """A list of images or languages: name of the language -> its URL; element, with the handset that it is for
    (`pp_fwu_sw_version M65`), -> its text."""

    root: str
    values: Mapping[str, str]


File = Container | Settings | Other


def read_file(body: bytes) -> File:
    """
    Read a file.

    Raises:
        Invalid: the phone could not read it, or does not know its root.
    """
    root = _parsed(body)
    match root.tag:
        case "setting-files":
            urls = tuple(file.get("url", "") for file in root.iter("file"))
            if len(urls) > _MOST_FILES:
                raise Invalid(f"{len(urls)} files, expected at most {_MOST_FILES}")
            return Container(urls)
        case "settings":
            return Settings({key: value for group in root for child in group for key, value in _texts(child)})
        case tag if tag in _LISTS:
            return Other(tag, dict(map(_entry, root)))
    raise Invalid(f"the root is <{root.tag[:40]}>, expected <settings>")


def _parsed(body: bytes) -> Element:
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


def _texts(element: Element) -> Iterator[tuple[str, str]]:
    idx = element.get("idx")
    key = element.tag if idx is None else f"{element.tag}[{idx}]"
    action = element.find("action/url")
    yield key, element.text or "" if action is None else f"url {action.get('target', '')}"
    for name in ("label", "context"):
        if value := element.get(name):
            yield f"{key}@{name}", value


def _entry(element: Element) -> tuple[str, str]:
    handset = element.get("type")
    name = element.get("name") or (f"{element.tag} {handset}" if handset else element.tag)
    return name, element.get("url") or element.text or ""


def changed(settings: Mapping[str, str], file: Settings) -> dict[str, str]:
    """Return a phone's settings after a file. What the file does not name stays as it was; a key is one thing."""
    keys = {name for name in file.values if "@" not in name}
    after = {
        name: text for name, text in settings.items() if name.partition("@")[0] not in keys or "@" not in name
    }
    return {**after, **file.values}
