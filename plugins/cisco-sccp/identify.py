"""
How a Cisco phone is recognised that has a configuration of the kind `SEP<MAC>.cnf.xml`. Examples are as seen on the
wire, or derived from them.

The files' names are the same whether the firmware speaks SCCP or SIP, so only DHCP says the model; its rows for the
SIP phones are in `cisco-sip`. There is no OUI: Cisco's are on switches, too.
"""

from provserver.model import Fingerprint

from .models import MODELS


def _cisco(**facts: str) -> dict[str, str]:
    return {"vendor": "Cisco", **facts}


_MAC = "00:1b:44:11:3a:b7"
_NAMED = "Cisco Systems, Inc. IP Phone CP-"  # most end with a NUL


def _old(model: str) -> Fingerprint:
    """The oldest say their number without the letter: `IP Phone 7905` is a 7905G."""
    number = model.removesuffix("G")
    return Fingerprint(
        "option-60",
        f"phone {number}",
        rf"^Cisco Systems,? Inc\. .*Phone {number}\0*$",
        _cisco(model=model),
        examples=(
            (f"Cisco Systems, Inc. IP Phone {number}", _cisco(model=model)),
            (f"Cisco Systems, Inc. IP Phone {number}\0", _cisco(model=model)),
            (f"Cisco Systems Inc. Wireless Phone {number}", _cisco(model=model)),
        ),
    )


FINGERPRINTS = (
    Fingerprint(
        "option-60",
        "cisco systems",
        r"^Cisco Systems,? Inc\.(?: IP Phone)?\0*$",
        _cisco(),
        examples=(("Cisco Systems, Inc.", _cisco()), ("Cisco Systems, Inc. IP Phone\0", _cisco())),
    ),
    # Not 89xx and 99xx, which are of `cisco-sip`, nor what goes on with `-3PCC`, which are no CallManager phones.
    Fingerprint(
        "option-60",
        "phone cp-",
        r"^Cisco Systems,? Inc\. .*Phone CP-(?P<model>(?![89]9)\d{4}G?)(?:-GE)?\0*$",
        _cisco(),
        examples=(
            (f"{_NAMED}7940\0", _cisco(model="7940")),
            (f"{_NAMED}7937G", _cisco(model="7937G")),
            (f"{_NAMED}7971G-GE\0", _cisco(model="7971G")),
            (f"{_NAMED}6921\0", _cisco(model="6921")),
            *(
                (f"{_NAMED}{model}\0", _cisco(model=model))
                for model in (
                    *("7902G", "7906G", "7911G", "7931G", "7940G", "7941G", "7942G", "7945G"),
                    *("7960G", "7961G", "7962G", "7965G", "7970G", "7975G"),
                )
            ),
            *((f"{_NAMED}{model}-GE\0", _cisco(model=model)) for model in ("7941G", "7961G")),
        ),
    ),
    *(_old(model) for model in MODELS if model.endswith("G") or model == "7920"),
    Fingerprint(
        "path",
        "sep",
        r"(?:^|/)(?:CTL|ITL)?SEP(?P<mac>[0-9a-f]{12})\.(?:cnf\.xml|tlv)$",
        _cisco(),
        examples=(
            ("SEP001B44113AB7.cnf.xml", _cisco(mac=_MAC)),
            ("CTLSEP001B44113AB7.tlv", _cisco(mac=_MAC)),
            ("ITLSEP001B44113AB7.tlv", _cisco(mac=_MAC)),
        ),
    ),
    Fingerprint(
        "path", "itlfile.tlv", r"(?:^|/)ITLFile\.tlv$", _cisco(), examples=(("ITLFile.tlv", _cisco()),)
    ),
    Fingerprint(
        "path",
        "xmldefault.cnf.xml",
        r"(?:^|/)XMLDefault\.cnf\.xml$",
        _cisco(),
        examples=(("XMLDefault.cnf.xml", _cisco()),),
    ),
    # IP Communicator is a program for Windows, and writes its paths so.
    Fingerprint(
        "path",
        "communicator",
        r"^Communicator[/\\]",
        _cisco(model="CIPC"),
        examples=(
            ("Communicator/LogConfig.xml", _cisco(model="CIPC")),
            ("Communicator\\LogConfig.xml", _cisco(model="CIPC")),
        ),
    ),
)
