"""What differs between generations of firmware: the files as a whole, and what all phones of one share."""

from collections.abc import Mapping

from attrs import frozen

from .words import Pair


@frozen
class Generation:
    master: tuple[Pair, ...]  # attributes of the master file
    common: tuple[Pair, ...]  # parameters of `common.cfg`
    uc: bool = True  # "UC software", from 4.0 on
    bootblock: str = ""  # of a VVX1500

    @property
    def root(self) -> str:
        return "polycomConfig" if self.uc else "config"


_OWN = "[PHONE_MAC_ADDRESS]-user.cfg"  # the phone puts its MAC there
_FOLDERS: tuple[Pair, ...] = tuple(
    (name, "")
    for name in (
        *("MISC_FILES", "LOG_FILE_DIRECTORY", "OVERRIDES_DIRECTORY", "CONTACTS_DIRECTORY"),
        "LICENSE_DIRECTORY",
    )
)


def _master(application: str, *files: str) -> tuple[Pair, ...]:
    """Of two files with one parameter the first counts."""
    return ("APP_FILE_PATH", application), ("CONFIG_FILES", ", ".join([_OWN, *files]))


# --- what `common.cfg` holds -------------------------------------------------------------------------------

_ALL: tuple[Pair, ...] = (
    ("lcl.datetime.time.24HourClock", 1),
    ("dialplan.digitmap", "[0123456789*#].T"),
    ("dialplan.digitmap.timeOut", 3),
    ("up.oneTouchVoiceMail", 1),
    ("up.mwiVisible", 1),
    ("msg.bypassInstantMessage", 1),
    ("voIpProt.SIP.alertInfo.1.value", "xivo-autoanswer"),
)
_FIRMWARE_3: tuple[Pair, ...] = (
    *_ALL,
    ("voIpProt.SIP.alertInfo.1.class", 1),
    ("se.rt.1.enabled", 1),
    ("se.rt.1.type", "answer"),
    ("feature.1.name", "presence"),
    ("feature.1.enabled", 1),
    ("se.pat.misc.1.name", "message waiting"),
    *((f"se.pat.misc.1.inst.{at}.type", "silence") for at in (1, 2, 3)),
    ("tone.chord.callProg.6.offDur", 0),
    ("sec.srtp.offer.HMAC_SHA1_80", 1),
    ("sec.srtp.offer.HMAC_SHA1_32", 0),
)
_UC: tuple[Pair, ...] = (
    *_ALL,
    ("voIpProt.SIP.alertInfo.1.class", "autoAnswer"),
    *((f"se.pat.misc.messageWaiting.inst.{at}.type", "silence") for at in (1, 2, 3)),
    ("tone.chord.callProg.callWaiting.offDur", 0),
    ("attendant.behaviors.display.spontaneousCallAppearances.normal", 0),
    ("feature.enhancedFeatureKeys.enabled", 1),
    ("lcl.ml.lang.clock.7.format", "D,dM"),
    ("phoneLock.enabled", 1),
    *((f"voice.volume.persist.{what}", 1) for what in ("handset", "headset", "handsfree")),
)
_UC_40: tuple[Pair, ...] = (
    *_UC,
    ("lcl.ml.lang.menu.7", "French_France"),
    ("lcl.ml.lang.menu.7.label", "Français (fr-fr)"),
)
_UC_55: tuple[Pair, ...] = (
    *_UC,
    *((f"voice.volume.persist.{what}", 1) for what in ("usbHeadset", "bluetooth.headset")),
    ("apps.push.secureTunnelRequired", 0),
    ("httpd.cfg.secureTunnelRequired", 0),
    ("prov.autoConfigUpload.enabled", 0),
    ("softkey.feature.directories", 0),
)

_VENDORS_DEFAULTS = ("phone1.cfg", "sip.cfg")


def _vvx(common: tuple[Pair, ...]) -> Generation:
    return Generation(_master("sip.ld", "common.cfg"), common, bootblock="bootblock.ld")


GENERATIONS: Mapping[str, Generation] = {
    "polycom-3.1.6": Generation(
        (*_master("sip_316.ld", "common.cfg", *_VENDORS_DEFAULTS), *_FOLDERS), _FIRMWARE_3, uc=False
    ),
    "polycom-3.2.4B": Generation(
        (*_master("sip.ld", "common.cfg", *_VENDORS_DEFAULTS), *_FOLDERS), _FIRMWARE_3, uc=False
    ),
    "polycom-4.0.11": Generation((*_master("sip.ld", "common.cfg"), *_FOLDERS), _UC_40),
    "polycom-5.4.3": _vvx(_UC),
    **{f"polycom-{release}": _vvx(_UC_55) for release in ("5.5.1", "5.8.2", "5.9.2", "6.4.6")},
}
