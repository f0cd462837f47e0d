"""Yealink's words for ours; README.md has the source of each table."""

from collections.abc import Mapping

from provserver.vendors.formats import UNSET

Pair = tuple[str, object]
Said = Mapping[str, object]  # settings, or those of one line or key, by the names of the raw-config contract

TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
SRTP = {"disabled": 0, "preferred": 1, "required": 2}
DTMF = {"RTP-in-band": 0, "RTP-out-of-band": 1, "SIP-INFO": 2}
SYSLOG_LEVELS = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 6}  # 6 is the most it says
DATE_FORMATS = {"year-month-day": 2, "day-month-year": 3, "month-day-year": 4}
KEY_TYPES = {"speeddial": 13, "park": 10, "blf": 16}
NO_KEY, DTMF_KEY, LINE_KEY = 0, 11, 15
RECORD = "*3"  # dialled within a call it starts and stops recording (Asterisk, Wazo)

LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese_S",
    "zh_HK": "Chinese_T",
    "zh_TW": "Chinese_T",
}
TONES = {
    "AT": "Austria",
    "AU": "Australia",
    "BE": "Belgium",
    "BR": "Brazil",
    "CA": "United States",  # the same tones
    "CH": "Switzerland",
    "CL": "Chile",
    "CN": "China",
    "CZ": "Czech",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "Great Britain",
    "GR": "Greece",
    "HU": "Hungary",
    "IN": "India",
    "IT": "Italy",
    "JP": "Japan",
    "LT": "Lithuania",
    "MX": "Mexico",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "PT": "Portugal",
    "RU": "Russia",
    "SE": "Sweden",
    "US": "United States",
}
DIRECTORY = {"de": "Telefonbuch", "es": "Directorio", "fr": "Annuaire", "it": "Rubrica", "pt": "Diretório"}

FIXED: tuple[Pair, ...] = (
    ("static.auto_provision.pnp_enable", 0),
    ("static.auto_provision.custom.protect", 1),
    *(
        pair
        for number in range(1, 9)
        for pair in (
            (f"distinctive_ring_tones.alert_info.{number}.text", f"ring{number}"),
            (f"distinctive_ring_tones.alert_info.{number}.ringer", number),
        )
    ),
    ("features.caller_name_type_on_dialing", 1),
    ("features.text_message.enable", 0),
    ("features.text_message_popup.enable", 0),
    ("features.config_dsskey_length", 1),
    ("features.dnd.large_icon.enable", 1),
    # check-sync is obeyed whoever sends it, calls that come past the server are not taken, and nobody presses
    # keys from afar without the user's leave: README.md, "NOTIFY".
    ("sip.trust_ctrl", 0),
    ("sip.notify_reboot_enable", 0),
    ("features.direct_ip_call_enable", 0),
    ("features.action_uri_limit_ip", UNSET),
    ("features.show_action_uri_option", 1),
    ("transfer.dsskey_deal_type", 1),
    ("static.usb.power.enable", 1),
)
ACCOUNT_FIXED: tuple[Pair, ...] = (
    ("fallback.redundancy_type", 1),
    ("cid_source", 2),
    ("alert_info_url_enable", 0),
    ("nat.udp_update_enable", 1),
    ("dtmf.info_type", 1),
)
WIDEBAND_CODECS = (
    "g722_1c_48kpbs",
    "g722_1c_32kpbs",
    "g722_1c_24kpbs",
    "g722_1_24kpbs",
)  # the phone's spelling
CODECS_ON = ("g722", "pcmu", "pcma", "g729")
CODECS_OFF = ("g726_16", "g726_24", "g726_32", "g726_40", "g723_53", "g723_63", "opus", "ilbc")
VIDEO_CODECS = ("h264", "h264hp", "vp8")


def said_or_unset(said: Said, name: str, when: bool = True) -> object:
    """Return a setting, UNSET where it says nothing or does not count."""
    value = said.get(name) if when else None
    return UNSET if value in (None, "") else value
