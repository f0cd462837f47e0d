"""
How Polycom phones boot (firmware 3, UC software 4 to 6; Polycom's administrators' guides).

An updater starts first (with firmware 3 a BootROM), and then the application. Each says a version of its own
and fetches the master file, which names the others; of the configuration files that it names the first counts most.
Each writes its log. Not played: the files of its user's changes that the phone writes.
"""

import re
from collections.abc import Generator

from provserver.errors import Invalid
from provserver.phone.fetching import Files
from provserver.phone.profiles.polycom.credentials import credentials
from provserver.phone.profiles.polycom.files import Master, merged, read_master, read_parameters
from provserver.phone.profiles.polycom.models import MODELS, part_name, updater_version
from provserver.phone.profiles.polycom.screen import out_of_place, screen
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone, Profile, Script

_FOR_ALL = "000000000000"
_OVERRIDES = ("-phone.cfg", "-web.cfg", "-license.cfg")
_ENTERPRISE = b"\0\0\x36\x3d"  # 13885, Polycom (RFC 3925)

Fetching = Generator[Fetch, Fetched, None]


def boot(phone: Phone, server: str, memory: Memory) -> Script:
    updater = Files(server, _user_agent(phone, updater_version(phone), "Updater"), memory.files)
    master = yield from _master(updater, phone)
    yield from _firmware(updater, phone, master)
    yield from updater.put(f"{_digits(phone)}-boot.log", _log(phone, updater_version(phone)))
    application = Files(server, user_agent(phone), updater.kept)
    master = yield from _master(application, phone)
    read, own = yield from _configuration(application, phone, master)
    settings, lost = merged(read, memory.settings) if own else (dict(memory.settings), ())
    yield from _others(application, phone, settings)
    yield from application.put(f"{_digits(phone)}-app.log", _log(phone, phone.version))
    problems = (*updater.problems, *application.problems, *lost, *out_of_place(phone.model, settings))
    kept = Memory(application.kept, settings)
    return Booted(own, screen(MODELS[phone.model], settings), tuple(dict.fromkeys(problems)), kept)


def user_agent(phone: Phone) -> str:
    return _user_agent(phone, phone.version, "Application")


def _user_agent(phone: Phone, version: str, who: str) -> str:
    said = f"FileTransport Polycom{part_name(phone.model)}-UA/{version}"
    return f"{said} Type/{who}" if _has_uc(phone) else said


def _has_uc(phone: Phone) -> bool:
    """Whether it runs UC software, which begins with 4.0."""
    return not re.match(r"[1-3]\.", phone.version)


# --- the files in their order ------------------------------------------------------------------------------


def _master(files: Files, phone: Phone) -> Generator[Fetch, Fetched, Master]:
    """Without one the phone takes the names that it was made with."""
    for name in (_digits(phone), _FOR_ALL):
        body = yield from files.get(f"{name}.cfg")
        if body is not None:
            try:
                return read_master(body, phone.model)
            except Invalid as problem:
                files.complain(f"{name}.cfg", problem.text)
    return Master("", (), "")


def _firmware(files: Files, phone: Phone, master: Master) -> Fetching:
    """The file for this part alone comes first; where there is none the phone keeps what it has."""
    part = MODELS[phone.model].part_number
    if not _has_uc(phone):
        yield from files.get(f"{part}.bootrom.ld")
    if master.application:
        found = yield from files.get(f"{part}.{master.application}")
        if found is None:
            yield from files.get(master.application)
    if master.bootblock:
        yield from files.get(master.bootblock)


def _configuration(
    files: Files, phone: Phone, master: Master
) -> Generator[Fetch, Fetched, tuple[list[dict[str, str]], bool]]:
    """Return what was read, file by file, and whether something of this very phone was."""
    read, own = [], False
    for template in master.configuration:
        name = template.replace("[PHONE_MAC_ADDRESS]", _digits(phone)).replace("[PHONE_MODEL]", phone.model)
        body = yield from files.get(name)
        if body is None:
            continue
        try:
            read.append(read_parameters(body, _has_uc(phone)))
        except Invalid as problem:
            files.complain(name, problem.text)
        else:
            own = own or _digits(phone) in name
    return read, own


def _others(files: Files, phone: Phone, settings: dict[str, str]) -> Fetching:
    """What the user changed, licences, contacts, and the words of another language than English."""
    digits = _digits(phone)
    for end in _OVERRIDES:
        yield from files.get(f"{digits}{end}")
    yield from files.get(f"{_FOR_ALL}-license.cfg")
    if (yield from files.get(f"{digits}-directory.xml")) is None:
        yield from files.get(f"{_FOR_ALL}-directory.xml")
    if language := settings.get("lcl.ml.lang"):
        series = "VVX" if phone.model.startswith("VVX") else "SoundPointIP"
        yield from files.get(f"{series}Localization/{language}/{series}-dictionary.xml")


def _log(phone: Phone, version: str) -> bytes:
    return f"0101000000|so   |4|00|Platform: {part_name(phone.model)}, Version {version}\n".encode()


def _digits(phone: Phone) -> str:
    return phone.mac.replace(":", "")


def vendor_class(phone: Phone) -> str:
    """Return the binary option 60: enterprise, a length, and sub-options with a code and a length each."""
    told = (
        *("Polycom", part_name(phone.model), f"{MODELS[phone.model].part_number},1"),
        *(f"SIP/{phone.version}", f"BR/{updater_version(phone)}"),
    )
    options = (
        b"".join(bytes([code, len(text)]) + text.encode() for code, text in enumerate(told, 1)) + b"\xff"
    )
    return (_ENTERPRISE + bytes([len(options)]) + options).decode("latin-1")


PROFILE = Profile(
    "Polycom",
    {name: model.version for name, model in MODELS.items()},
    "http://127.0.0.1:8667/",
    user_agent,
    vendor_class,
    pnp=False,
    boot=boot,
    credentials=credentials,
)
