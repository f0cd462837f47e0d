"""
How an 8941 or 8945 is recognised: by DHCP, which alone says the model. Examples are as seen on the wire.

The names of its files are those of all CallManager phones; the rows for them are in `cisco-sccp`, so that a path has
one owner. There is no OUI: Cisco's are on switches, too.
"""

from provserver.model import Fingerprint

_NAMED = "Cisco Systems, Inc. IP Phone CP-"  # newer ones end with a NUL

FINGERPRINTS = (
    Fingerprint(
        "option-60",
        "phone cp-",
        r"^Cisco Systems,? Inc\. .*Phone CP-(?P<model>[89]9\d\d)\0*$",
        {"vendor": "Cisco"},
        examples=tuple(
            (f"{_NAMED}{model}{end}", {"vendor": "Cisco", "model": model})
            for model, end in (("8941", ""), ("8945", ""), ("8945", "\0"), ("8961", "\0"), ("9951", "\0"))
        ),
    ),
)
