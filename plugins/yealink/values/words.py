"""Yealink's words for ours; README.md has the source of each table."""

from collections.abc import Mapping

from provserver.vendors.formats import UNSET

Said = Mapping[str, object]  # settings, or those of one line or key, by the names of the raw-config contract

TRANSPORTS = {"udp": 0, "tcp": 1, "tls": 2}
SRTP = {"disabled": 0, "preferred": 1, "required": 2}
DTMF = {"RTP-in-band": 0, "RTP-out-of-band": 1, "SIP-INFO": 2}
SYSLOG_LEVELS = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 6}  # 6 is the most it says
DATE_FORMATS = {"year-month-day": 2, "day-month-year": 3, "month-day-year": 4}
KEY_TYPES = {"speeddial": 13, "park": 10, "blf": 16}
DTMF_KEY, LINE_KEY = 11, 15
RECORD = "*3"  # dialled within a call it starts and stops recording (Asterisk, Wazo)

HANDSET_LANGUAGES = {"en": 0, "fr": 1, "de": 2, "it": 3, "es": 6}
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

WIDEBAND_CODECS = (
    "g722_1c_48kpbs",
    "g722_1c_32kpbs",
    "g722_1c_24kpbs",
    "g722_1_24kpbs",
)  # the phone's spelling
CODECS_ON = ("g722", "pcmu", "pcma", "g729")
CODECS_OFF = ("g726_16", "g726_24", "g726_32", "g726_40", "g723_53", "g723_63", "opus", "ilbc")
VIDEO_CODECS = ("h264", "h264hp", "vp8")
VIDEO_CODECS_SINCE = 86
G729_IN_BASES_UNTIL = 86


def said_or_unset(said: Said, name: str, when: bool = True) -> object:
    """Return a setting, UNSET where it says nothing or does not count."""
    value = said.get(name) if when else None
    return UNSET if value in (None, "") else value
