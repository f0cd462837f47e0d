"""
How a Linphone is recognised: by the path that was typed into it, which has its UUID or a MAC address. Paths, and the
User-Agent of Debian's 5.1 (`Unknown`), are as seen on the wire; README.md says where the other ones come from.
"""

from provserver.model import Fingerprint

_GIVES = {"vendor": "Linphone", "model": "Linphone"}
_UUID = "70956075-10bc-00bc-8c18-2809a4574486"

FINGERPRINTS = (
    # The version that matters is that of the library, not of the app round it.
    Fingerprint(
        "user-agent",
        "linphonesdk/",
        r"^Linphone[^/]*/.* LinphoneSDK/(?P<version>\d[\d.]*)",
        _GIVES,
        examples=(
            (
                "LinphoneAndroid/5.2.5 ([LG-F750K (567)]0) LinphoneSDK/5.3.47 (tags/5.3.47^0)",
                {**_GIVES, "version": "5.3.47"},
            ),
            (
                "LinphoneAndroid/4.3.1 (Mi A2 Lite) LinphoneSDK/4.4.2 (tags/4.4.2^0)",
                {**_GIVES, "version": "4.4.2"},
            ),
        ),
    ),
    Fingerprint(
        "path",
        "linphone/",
        r"^linphone/(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.xml$",
        _GIVES,
        examples=((f"linphone/{_UUID}.xml", {**_GIVES, "uuid": _UUID}),),
    ),
    Fingerprint(
        "path",
        "linphone/",
        r"^linphone/(?P<mac>[0-9a-f]{12})\.xml$",
        _GIVES,
        examples=(("linphone/001b44113ab7.xml", {**_GIVES, "mac": "00:1b:44:11:3a:b7"}),),
    ),
)
