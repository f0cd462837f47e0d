"""What differs between generations of firmware: the files as a whole, and what all phones of one share."""

from collections.abc import Mapping

from attrs import frozen

from .words import Pair


@frozen
class Generation:
    files: tuple[
        str, ...
    ]  # of parameters, that the master file names: of two with one parameter the first counts
    common: tuple[Pair, ...]  # parameters of `common.cfg`
    folders: tuple[Pair, ...] = ()  # further attributes of the master file
    uc: bool = True  # "UC software", from 4.0 on

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

_FILES = (_OWN, "common.cfg")
_FILES_3 = (*_FILES, "phone1.cfg", "sip.cfg")  # the last two: the vendor's own defaults

GENERATIONS: Mapping[str, Generation] = {
    "polycom-3.1.6": Generation(_FILES_3, _FIRMWARE_3, _FOLDERS, uc=False),
    "polycom-3.2.4B": Generation(_FILES_3, _FIRMWARE_3, _FOLDERS, uc=False),
    "polycom-4.0.11": Generation(_FILES, _UC_40, _FOLDERS),
    "polycom-5.4.3": Generation(_FILES, _UC),
    **{f"polycom-{release}": Generation(_FILES, _UC_55) for release in ("5.5.1", "5.8.2", "5.9.2", "6.4.6")},
}
