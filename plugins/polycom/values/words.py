"""Polycom's words for ours; README.md has the source of each table."""

from collections.abc import Mapping

Pair = tuple[str, object]
Said = Mapping[str, object]  # settings, or those of one line or key, by the names of the raw-config contract

TRANSPORTS = {"udp": "UDPOnly", "tcp": "TCPOnly", "tls": "TLS"}
SRTP = {"disabled": (0, 0, 0), "preferred": (1, 1, 0), "required": (1, 1, 1)}  # enable, offer, require
SYSLOG_LEVELS = {"critical": 5, "error": 4, "warning": 3, "info": 2, "debug": 1}
NO_SYSLOG, UDP_SYSLOG = 0, 1
PUSH_NOTHING, PUSH_ALL = 0, 5
# DTMF mode -> parameters; without a mode the phone negotiates.
DTMF: Mapping[str, tuple[Pair, ...]] = {
    mode: (
        ("tone.dtmf.viaRtp", via_rtp),
        ("tone.dtmf.rfc2833Control", rfc_2833),
        ("voIpProt.SIP.dtmfViaSignaling.rfc2976", info),
    )
    for mode, via_rtp, rfc_2833, info in (
        ("RTP-in-band", 1, 0, 0),
        ("RTP-out-of-band", 1, 1, 0),
        ("SIP-INFO", 0, 0, 1),
    )
}
# Names of the dictionaries that come with the firmware.
LANGUAGES = {
    "da": "Danish_Denmark",
    "de": "German_Germany",
    "en": "English_United_States",
    "en_CA": "English_Canada",
    "en_GB": "English_United_Kingdom",
    "es": "Spanish_Spain",
    "fr": "French_France",
    "it": "Italian_Italy",
    "ja": "Japanese_Japan",
    "ko": "Korean_Korea",
    "nb": "Norwegian_Norway",
    "nl": "Dutch_Netherlands",
    "nn": "Norwegian_Norway",
    "no": "Norwegian_Norway",
    "pl": "Polish_Poland",
    "pt": "Portuguese_Portugal",
    "ru": "Russian_Russia",
    "sl": "Slovenian_Slovenia",
    "sv": "Swedish_Sweden",
    "zh": "Chinese_China",
}
DIRECTORY = {"de": "Telefonbuch", "es": "Directorio", "fr": "Annuaire", "it": "Rubrica", "pt": "Diretório"}

FIXED: tuple[Pair, ...] = (
    ("device.set", 1),
    # A check-sync is obeyed whoever sends it, and starts the phone anew only where a file has changed.
    ("voIpProt.SIP.specialEvent.checkSync.alwaysReboot", 0),
    ("voIpProt.SIP.requestValidation.1.request", ""),
)
UC_FIXED: tuple[Pair, ...] = (
    (
        "device.prov.tagSerialNo.set",
        1,
    ),  # its User-Agent then holds its MAC, which tells phones behind NAT apart
    ("device.prov.tagSerialNo", 1),
    ("qos.ip.callControl.dscp", 46),
    ("qos.ip.rtp.dscp", 46),
)


def text(said: Said, *names: str) -> str:
    """Return the first of these settings that says something, else ""."""
    return next((str(said[name]) for name in names if said.get(name) not in (None, "")), "")
