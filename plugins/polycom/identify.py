"""How a Polycom is recognised. Examples are as seen on the wire, or derived from them."""

import re

from provserver.model import Fingerprint

from .models import MODELS

_SERIES = {"SPIP": "SoundPointIP", "SSIP": "SoundStationIP", "VVX": "VVX"}
_MAC = "(?P<mac>[0-9a-f]{12})"

# The updater (or BootROM) says its own version, which is not the firmware's. From 4.0 on the phone says who speaks.
# Before that only numbers tell: the firmware's begin with 1 to 3, those of a BootROM that runs such firmware with 4.
_FIRMWARE = r"(?=.* Type/Application\b|[1-3]\.(?!.* Type/))(?P<version>[0-9]+(?:\.[0-9]+)+)"
_SERIAL = rf"(?:.*\(SN:{_MAC}\))?"  # with `device.prov.tagSerialNo`
_OTHER_WORD = r"(?![A-Za-z0-9_])"  # follows: else VVX_3000 would be a VVX_300


def _polycom(**facts: str) -> dict[str, str]:
    return {"vendor": "Polycom", **facts}


def _token(model: str) -> str:
    """Return a model as the phone writes it: `VVX_410`."""
    return re.sub(r"(?<=[A-Z])(?=[0-9])", "_", model)


def _part_name(model: str) -> str:
    """Return `VVX-VVX_410`, `SoundPointIP-SPIP_335`."""
    return f"{_SERIES[model.rstrip('0123456789')]}-{_token(model)}"


# --- User-Agents -------------------------------------------------------------------------------------------

_SEEN: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {  # model -> what follows `-UA/`, and its facts
    "SPIP335": (
        ("3.2.1.0078", {"version": "3.2.1.0078"}),
        ("4.2.1.0275", {}),
    ),  # one phone, its BootROM speaks last
    "SPIP450": (("3.2.3.1734", {"version": "3.2.3.1734"}),),
    "SPIP550": (("3.2.3.1734", {"version": "3.2.3.1734"}),),
    "SSIP6000": (
        ("4.0.4.2906 Type/Application", {"version": "4.0.4.2906"}),
        ("5.0.3.1667 Type/Updater", {}),
    ),
    "VVX101": (("5.4.3.1014 Type/Application", {"version": "5.4.3.1014"}),),
    "VVX400": (("4.1.4.7430 Type/Application", {"version": "4.1.4.7430"}),),
}
_DERIVED = (
    ("5.9.2.3446 (SN:64167fa1b2c3) Type/Application", {"version": "5.9.2.3446", "mac": "64:16:7f:a1:b2:c3"}),
    ("5.9.6.6000 (SN:64167fa1b2c3) Type/Updater", {"mac": "64:16:7f:a1:b2:c3"}),
)


def _user_agent(model: str) -> Fingerprint:
    start = f"FileTransport Polycom{_part_name(model)}-UA/"
    return Fingerprint(
        "user-agent",
        f"{_token(model)}-ua/".lower(),
        rf"^FileTransport Polycom\w+-{_token(model)}-UA/(?:{_FIRMWARE})?{_SERIAL}",
        _polycom(model=model),
        examples=tuple(
            (f"{start}{end}", _polycom(model=model, **facts)) for end, facts in _SEEN.get(model, _DERIVED)
        ),
    )


# A model that is in no table is left unsaid, and is learnt as soon as it is in one.
_OTHER_MODEL = Fingerprint(
    "user-agent",
    "polycom",
    rf"^FileTransport Polycom\w+-(?!(?:{'|'.join(map(_token, MODELS))})-UA/)\w+-UA/(?:{_FIRMWARE})?{_SERIAL}",
    _polycom(),
    examples=(
        (
            "FileTransport PolycomTrio-Trio_8800-UA/5.9.5.3182 Type/Application",
            _polycom(version="5.9.5.3182"),
        ),
    ),
)


# --- paths -------------------------------------------------------------------------------------------------

OUIS = ("00:04:f2", "48:25:67", "64:16:7f")
# What follows the MAC in the names that only these phones ask for or write.
_OWN_FILES = (
    *("-user.cfg", "-phone.cfg", "-web.cfg", "-license.cfg"),
    *("-directory.xml", "-calls.xml", "-boot.log", "-app.log"),
)


def _own_file(end: str) -> Fingerprint:
    """Any MAC: it counts for a phone whose User-Agent says Polycom, or whose OUI does."""
    return Fingerprint(
        "path",
        end,
        rf"(?:^|/){_MAC}(?:-now)?{re.escape(end)}$",
        examples=((f"001b44113ab7{end}", {"mac": "00:1b:44:11:3a:b7"}),),
    )


def _master_file(oui: str) -> Fingerprint:
    """`<mac>.cfg` is the name of other vendors' files, too."""
    digits = oui.replace(":", "")
    facts = _polycom(mac=f"{oui}:aa:bb:cc")
    return Fingerprint(
        "path",
        digits,
        rf"(?:^|/)(?P<mac>{digits}[0-9a-f]{{6}})\.cfg$",
        _polycom(),
        examples=((f"{digits}aabbcc.cfg", facts),),
    )


def _common_file(literal: str, pattern: str, *examples: str) -> Fingerprint:
    return Fingerprint(
        "path",
        literal,
        rf"(?:^|/){pattern}$",
        _polycom(),
        examples=tuple((example, _polycom()) for example in examples),
    )


# --- DHCP --------------------------------------------------------------------------------------------------


def _vendor_class(model: str) -> Fingerprint:
    """
    Either binary (RFC 3925's layout: enterprise 13885, a length, sub-options with a code and a length each, of which
    1 is `Polycom`, 2 the name of the part, 4 `SIP/` and the firmware), or text. The examples here are texts, since
    that is what DHCP servers can be told to look for.
    """
    name = _part_name(model)
    return Fingerprint(
        "option-60",
        name.lower(),
        rf"(?s)Polycom.*{name}{_OTHER_WORD}(?:.*\x04.SIP/(?P<version>[0-9]+(?:\.[0-9]+)+))?",
        _polycom(model=model),
        examples=((f"Polycom-{name}", _polycom(model=model)),),
    )


FINGERPRINTS = (
    *map(_user_agent, MODELS),
    _OTHER_MODEL,
    *map(_own_file, _OWN_FILES),
    *map(_master_file, OUIS),
    _common_file(
        "000000000000", r"0{12}(?:\.cfg|-\w+\.(?:cfg|xml))", "000000000000.cfg", "000000000000-directory.xml"
    ),
    _common_file("sip.ld", r"(?:[0-9]{4}-[0-9]{5}-[0-9]{3}\.)?sip\.ld", "sip.ld", "2345-12450-001.sip.ld"),
    _common_file("bootrom.ld", r"(?:[0-9]{4}-[0-9]{5}-[0-9]{3}\.)?bootrom\.ld", "2345-12450-001.bootrom.ld"),
    *map(_vendor_class, MODELS),
    *(
        Fingerprint("oui", oui, rf"^{oui}:", _polycom(), examples=((f"{oui}:aa:bb:cc", _polycom()),))
        for oui in OUIS
    ),
)
