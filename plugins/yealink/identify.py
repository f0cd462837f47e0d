"""How a Yealink is recognised. Examples are as seen on the wire, or derived from them."""

from provserver.model import Fingerprint

_VERSION = r"(?P<version>[0-9]+(?:\.[0-9]+)+)"
_MAC = r"(?P<mac>[0-9a-f:]{17})"  # not yet checked: a misplaced colon must not cost model and version


def _yealink(**facts: str) -> dict[str, str]:
    return {"vendor": "Yealink", **facts}


_SEEN = (
    ("yealink SIP-", "T18", "18.0.0.80", "00:15:65:27:3e:05"),
    ("yealink SIP-", "T28P", "2.70.0.140", "00:15:65:13:ae:0b"),
    ("Yealink SIP-", "T20P", "9.72.0.30", "00:15:65:5e:16:7c"),
    ("Yealink SIP-", "T19P_E2", "53.80.0.3", "00:15:65:4c:4c:26"),
    ("Yealink SIP-", "T46G", "28.83.0.120", "00:15:65:4a:a9:37"),
    ("Yealink ", "CP860", "37.72.0.5", "00:15:65:8a:37:86"),
    ("Yealink SIP-", "T46S", "66.86.0.15", "80:5e:c0:4a:a9:37"),
    ("Yealink SIP-", "T58A", "58.83.0.15", "00:15:65:9b:5b:22"),
    ("Yealink SIP VP-", "T49G", "51.80.0.10", "00:15:65:9b:5a:44"),
    ("Yealink ", "CP960", "73.83.0.30", "00:15:65:8a:37:86"),
    ("Yealink SIP-", "CP920", "78.85.0.5", "00:15:65:5e:16:7c"),
    ("Yealink SIP-", "W52P", "25.73.0.20", "00:15:65:40:ae:35"),
    ("Yealink ", "W52P", "25.80.0.15", "00:15:65:b8:60:05"),
    ("Yealink ", "W60B", "77.81.0.35", "80:5e:c0:09:ab:dc"),
    ("Yealink ", "W80B", "103.83.0.122", "24:9a:d8:d1:a6:31"),
    ("Yealink ", "W75B", "175.87.0.10", "24:9a:d8:df:fb:11"),
    ("Yealink ", "W90DM", "130.85.0.15", "80:5e:c0:d9:c7:44"),
    ("Yealink ", "W70B", "146.85.0.5", "80:5e:0c:1d:65:4e"),
    ("Yealink SIP-", "T31G", "124.85.257.55", "80:5e:c0:d5:7d:72"),
    ("Yealink SIP-", "T34W", "124.86.0.75", "24:9a:d8:88:d0:f4"),
    ("Yealink SIP-", "T77U", "185.87.0.10", "44:db:d2:bd:b5:69"),
    ("Yealink SIP-", "T85W", "185.87.0.10", "44:db:d2:67:58:4b"),
    ("Yealink SIP-", "T87W", "185.87.0.10", "44:db:d2:c9:73:b7"),
)
_SEEN_WITHOUT_VENDOR = (  # from old firmware
    ("VP530", "23.70.0.41", "00:15:65:3d:58:e3"),
    ("VP530P", "23.70.0.40", "00:15:65:31:4b:c0"),
    ("W52P", "25.30.0.2", "00:15:65:44:b3:7c"),
    ("W60B", "77.83.0.85", "80:5e:c0:09:ab:dc"),
    ("W80B", "103.83.0.122", "24:9a:d8:d1:a6:31"),
)

_USER_AGENTS = (
    Fingerprint(
        "user-agent",
        "yealink",
        rf"\byealink\s+(?:SIP(?:\s+VP)?-)?(?P<model>[A-Z]\w+)\s+{_VERSION}(?:\s+{_MAC})?",
        _yealink(),
        examples=(
            *(
                (f"{before}{model} {version} {mac}", _yealink(model=model, version=version, mac=mac))
                for before, model, version, mac in _SEEN
            ),
            (
                "Yealink SIP-T38G  38.70.0.125 00:15:65:2f:c3:5e",
                _yealink(model="T38G", version="38.70.0.125", mac="00:15:65:2f:c3:5e"),
            ),
        ),
    ),
    # The last token is the hardware's version, not a MAC address.
    Fingerprint(
        "user-agent",
        "yealink-",
        rf"\byealink-(?P<model>\w+)\s+{_VERSION}",
        _yealink(),
        examples=(
            ("Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0", _yealink(model="T46G", version="28.71.0.81")),
        ),
    ),
    *(
        Fingerprint(
            "user-agent",
            model.lower(),
            rf"^(?P<model>{model})\s+{_VERSION}\s+{_MAC}",
            _yealink(),
            examples=((f"{model} {version} {mac}", _yealink(model=model, version=version, mac=mac)),),
        )
        for model, version, mac in _SEEN_WITHOUT_VENDOR
    ),
)

OUIS = (
    "00:15:65",
    "24:9a:d8",
    "34:97:d7",
    "44:db:d2",
    "64:4f:56",
    "80:5e:0c",
    "80:5e:c0",
    "b0:61:a9",
    "c4:fc:22",
    "e4:34:d7",
    "ec:1d:a9",
    "f0:16:53",
)

# Common files `y0000000000NN.cfg` of platforms that are one model.
_PLATFORMS = {
    "004": "T26P",
    "005": "T22P",
    "007": "T20P",
    "025": "W52P",
    "028": "T46G",
    "029": "T42G",
    "035": "T48G",
    "036": "T41P",
    "037": "CP860",
    "045": "T27P",
    "046": "T29G",
    "051": "T49G",
    "052": "T21P_E2",
    "053": "T19P_E2",
    "054": "T40P",
    "065": "T48S",
    "066": "T46S",
    "067": "T42S",
    "068": "T41S",
    "069": "T27G",
    "073": "CP960",
    "076": "T40G",
    "077": "W60B",
    "078": "CP920",
    "096": "T54W",
    "097": "T57W",
    "146": "W70B",
    "148": "CP925",
    "150": "T58W",
}


def _own_file(oui: str) -> Fingerprint:
    digits = oui.replace(":", "")
    facts = _yealink(mac=f"{oui}:4c:4c:26")
    return Fingerprint(
        "path",
        digits,
        rf"(?:^|/)(?P<mac>{digits}[0-9a-f]{{6}})(?:-\w+)?\.(?:cfg|boot|xml)$",
        _yealink(),
        examples=((f"{digits}4c4c26.cfg", facts), (f"{digits.upper()}4C4C26.boot", facts)),
    )


def _common_file(platform: str, model: str) -> Fingerprint:
    start = f"y000000000{platform}"
    facts = _yealink(model=model)
    return Fingerprint(
        "path", start, rf"(?:^|/){start}\.(?:cfg|boot)$", facts, examples=((f"{start}.cfg", facts),)
    )


FINGERPRINTS = (
    *_USER_AGENTS,
    *map(_own_file, OUIS),
    *(_common_file(platform, model) for platform, model in _PLATFORMS.items()),
    Fingerprint(
        "path",
        "y000000000",
        r"(?:^|/)y[0-9]{12}\.(?:cfg|boot)$",
        _yealink(),
        examples=(("y000000000000.boot", _yealink()), ("y000000000108.cfg", _yealink())),
    ),
    # The default of the phone's setting *Vendor class ID*.
    Fingerprint("option-60", "yealink", r"\byealink\b", _yealink(), examples=(("yealink", _yealink()),)),
    *(
        Fingerprint("oui", oui, rf"^{oui}:", _yealink(), examples=((f"{oui}:4c:4c:26", _yealink()),))
        for oui in OUIS
    ),
)
