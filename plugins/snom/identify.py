"""How a Snom is recognised. Examples are as seen on the wire, or derived from them."""

from collections.abc import Iterator

from provserver.model import Fingerprint

OUIS = ("00:04:13", "00:08:7b")  # the second is of the maker of the first DECT bases

_MODEL = "(?P<model>[A-Z0-9]{1,8})"
_VERSION = r"(?P<version>[0-9]+(?:\.[0-9]+)+)"
_MAC = "(?P<mac>[0-9A-F]{12})"


def _snom(**facts: str) -> dict[str, str]:
    return {"vendor": "Snom", **facts}


# Each stands in `Mozilla/4.0 (compatible; …)`.
_SEEN: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "snom320-SIP 6.5.20; snom320 jffs2 v3.36; snom320 linux 3.38",
        _snom(model="320", version="6.5.20"),
    ),
    ("snom320-SIP 7.3.30 1.1.3-u", _snom(model="320", version="7.3.30")),
    ("snom320-SIP 8.4.18 1.1.3-s", _snom(model="320", version="8.4.18")),
    ("snom710-SIP 8.7.3.19 1.1.5-IFX-05.01.12", _snom(model="710", version="8.7.3.19")),
    (
        "snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413741767",
        _snom(model="710", version="8.7.5.35", mac="00:04:13:74:17:67"),
    ),
    ("snom760-SIP 8.7.3.19 2010.06", _snom(model="760", version="8.7.3.19")),
    ("snom820-SIP 8.4.35 1.1.4-IFX-26.11.09", _snom(model="820", version="8.4.35")),
    # No MAC address: the 1 is a version.
    ("snom870-SIP 8.4.35 SPEAr300 SNOM 1.4", _snom(model="870", version="8.4.35")),
    ("snomPA1-SIP 8.4.35 1.1.3-s", _snom(model="PA1", version="8.4.35")),
    (
        "snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413922D24 SXM:0 UXM:0",
        _snom(model="D785", version="10.1.33.33", mac="00:04:13:92:2d:24"),
    ),
)

_USER_AGENTS = (
    Fingerprint(
        "user-agent",
        "snom",
        rf"\bsnom{_MODEL}-SIP {_VERSION}(?:.*?\s{_MAC}(?![0-9A-F]))?",
        _snom(),
        examples=tuple((f"Mozilla/4.0 (compatible; {text})", facts) for text, facts in _SEEN),
    ),
    # What a DECT base says; and over SIP PnP a desk phone, of which the vendor and the model are put together.
    Fingerprint(
        "user-agent",
        "snom",
        rf"\bsnom ?(?P<model>M[0-9]{{3}}) {_VERSION}(?: {_MAC}(?![0-9A-F]))?",
        _snom(),
        examples=(
            (
                "Mozilla/4.0 (compatible; Snom M900 05.20.0001 000413b60680)",
                _snom(model="M900", version="05.20.0001", mac="00:04:13:b6:06:80"),
            ),
            (
                "snomM400 07.40.0104 000413b60681",
                _snom(model="M400", version="07.40.0104", mac="00:04:13:b6:06:81"),
            ),
            ("snom M700 05.20.0001", _snom(model="M700", version="05.20.0001")),
        ),
    ),
    Fingerprint(
        "user-agent",
        "snom snom",
        rf"^snom snom{_MODEL} {_VERSION}$",
        _snom(),
        examples=(("snom snomD785 10.1.54.13", _snom(model="D785", version="10.1.54.13")),),
    ),
)


def _query(oui: str) -> Iterator[Fingerprint]:
    """Firmware and settings are asked for with `?mac=`, which may be all that names the phone."""
    for separator in ("", ":", "-"):
        start = oui.replace(":", separator)
        example = separator.join((*oui.split(":"), "92", "2D", "24"))
        yield Fingerprint(
            "query",
            f"mac={start}",
            rf"(?:^|&)mac=(?P<mac>{start}(?:{separator}[0-9a-f]{{2}}){{3}})(?:&|$)",
            _snom(),
            examples=((f"mac={example}", _snom(mac=f"{oui}:92:2d:24")),),
        )


def _own_file(oui: str) -> Fingerprint:
    digits = oui.replace(":", "")
    return Fingerprint(
        "path",
        digits,
        rf"(?:^|/)(?P<mac>{digits}[0-9a-f]{{6}})\.xml$",
        _snom(),
        examples=((f"{digits.upper()}922D24.xml", _snom(mac=f"{oui}:92:2d:24")),),
    )


FINGERPRINTS = (
    *_USER_AGENTS,
    *(row for oui in OUIS for row in _query(oui)),
    Fingerprint(
        "path",
        "snom",
        rf"(?:^|/)snom{_MODEL}(?:-{_MAC}|-firmware)?\.(?:htm|xml)$",
        _snom(),
        examples=(
            ("snomD785.htm", _snom(model="D785")),
            ("snomD785-000413922D24.htm", _snom(model="D785", mac="00:04:13:92:2d:24")),
            ("snom715.xml", _snom(model="715")),
            ("snomM900-firmware.htm", _snom(model="M900")),
            ("snomD865-firmware.xml", _snom(model="D865")),
        ),
    ),
    Fingerprint(
        "path",
        "snom-general",
        r"(?:^|/)snom-general\.xml$",
        _snom(),
        examples=(("snom-general.xml", _snom()),),
    ),
    *map(_own_file, OUIS),
    # Desk phones send it as it is here; bases may send more behind it.
    Fingerprint(
        "option-60",
        "snom",
        r"^snom(?P<model>M[0-9]{3}|[A-Z0-9]{1,8}(?=\0*$))",
        _snom(),
        examples=(
            *((f"snom{model}", _snom(model=model)) for model in ("320", "715", "PA1", "MP", "M3")),
            *((f"snom{model}", _snom(model=model)) for model in ("D120", "D785", "D862", "M300")),
            ("snomM900 05.20.0001", _snom(model="M900")),
        ),
    ),
    *(
        Fingerprint("oui", oui, rf"^{oui}:", _snom(), examples=((f"{oui}:92:2d:24", _snom()),))
        for oui in OUIS
    ),
)
