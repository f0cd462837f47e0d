"""Read a Linphone's file as liblinphone does: sections and entries; an entry without a text is not there."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from urllib.parse import unquote

from tests.contracts.vendor import Read

_SPACE = "{http://www.linphone.org/xsds/lpconfig.xsd}"
_ADDRESS = re.compile(r'(?:"(?P<name>(?:[^"\\]|\\.)*)" )?<sip:(?:(?P<user>[^@]*)@)?(?P<rest>[^<>@]+)>')


def read(body: bytes) -> Read:
    """Addresses are taken apart: `proxy_0/reg_identity/name`, `…/user`, `…/host`."""
    root = ElementTree.fromstring(body.decode())
    assert root.tag == f"{_SPACE}config"
    found: dict[str, tuple[str, ...]] = {}
    for section in root:
        assert section.tag == f"{_SPACE}section"
        for entry in section:
            assert (entry.tag, entry.attrib["overwrite"]) == (f"{_SPACE}entry", "true")
            name, text = f"{section.attrib['name']}/{entry.attrib['name']}", entry.text or ""
            for key, value in _parts(name, text):
                assert key not in found, key
                found[key] = (value,)
    return found


def _parts(name: str, text: str) -> Iterator[tuple[str, str]]:
    if not text or not re.search("/reg_(identity|proxy|route)$", name):
        yield name, text
        return
    match = _ADDRESS.fullmatch(text)
    assert match, text
    shown = re.sub(r"\\(.)", r"\1", match["name"] or "")
    for part, value in (("name", shown), ("user", unquote(match["user"] or "")), ("host", match["rest"])):
        yield f"{name}/{part}", value
