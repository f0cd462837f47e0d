"""
How Cisco's SCCP phones of the 7900 series boot (Cisco's administration guides).

Their file names call managers, a language and a time zone; accounts and keys come from the call manager, over SCCP,
which is not played. Old firmware asks for lists of ring tones too.
"""

from xml.etree.ElementTree import Element

from provserver.phone.fetching import Files
from provserver.phone.profiles import cisco_files
from provserver.phone.profiles.cisco_files import (
    Fetching,
    call_managers,
    load_file,
    own_file,
    text_of,
    tones,
    trust_lists,
)
from provserver.phone.profiles.cisco_sccp.models import MODELS, Model
from provserver.phone.values import Booted, Display, Memory, Phone, Profile, Script

_RING_LISTS = ("RINGLIST.XML", "DISTINCTIVERINGLIST.XML")
_NO_SERVER = "no call manager: a phone without one has no line"


def boot(phone: Phone, server: str, memory: Memory) -> Script:
    model = MODELS[phone.model]
    files = Files(server, user_agent(phone), memory.files)
    yield from trust_lists(files, phone, with_itl=not model.legacy)
    device, came, settings = yield from own_file(files, phone, memory.settings)
    display = _screen(device)
    if came:
        if not model.legacy:
            yield from load_file(files, phone, device)
        yield from _language_files(files, model, device)
        if not display.call_managers:
            files.complain(f"{cisco_files.name_of(phone)}.cnf.xml", _NO_SERVER)
    provisioned = came and bool(display.call_managers)
    return Booted(provisioned, display, tuple(files.problems), Memory(files.kept, settings))


def _language_files(files: Files, model: Model, device: Element) -> Fetching:
    locale = text_of(device, "userLocale/name")
    if model.font and locale:
        yield from files.get(f"{locale}/{model.font}")
    yield from tones(files, device, "g3-tones.xml")
    if model.legacy:
        for name in _RING_LISTS:
            yield from files.get(name)


def _screen(device: Element) -> Display:
    return Display(
        language=cisco_files.language(device),
        time_zone=cisco_files.time_zone(device),
        call_managers=tuple(call_managers(device, "ethernetPhonePort", "2000")),
    )


def user_agent(phone: Phone) -> str:  # noqa: ARG001 - the profile's
    return ""


def vendor_class(phone: Phone) -> str:
    return MODELS[phone.model].vendor_class


PROFILE = Profile(
    "Cisco",
    {name: model.version for name, model in MODELS.items()},
    "tftp://127.0.0.1:6969/",
    user_agent,
    vendor_class,
    pnp=False,
    boot=boot,
)
