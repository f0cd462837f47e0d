"""Settings in the words of an SCCP phone: its call managers, its clock, its language, its phonebook."""

from collections.abc import Iterator, Mapping

from provserver.vendors.locales import country, pick
from provserver.vendors.services import service_url
from provserver.vendors.table import Draft
from provserver.vendors.zones.windows import windows_name

Said = Mapping[str, object]

# Language -> folder below `i18n/`, and the code that is shown. Country -> folder with its tones.
LANGUAGES = {
    "de": ("german_germany", "de"),
    "en": ("english_united_states", "en"),
    "es": ("spanish_spain", "es"),
    "fr": ("french_france", "fr"),
}
TONES = {"CA": "canada", "DE": "germany", "ES": "spain", "FR": "france", "US": "united_states"}
_ZONE = "Eastern Standard/Daylight Time"  # of a phone whose zone nobody has said
_PORT = 2000  # of SCCP
_DIRECTORY = "directories/menu/default/cisco?xivo_user_uuid={user}"


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the templates use; what is "" or None is not said."""
    said = draft.settings.values
    locale = str(said.get("locale", ""))
    return {
        "time_zone": windows_name(str(said.get("timezone", "")), draft.today.year) or _ZONE,
        "ntp_server": said.get("ntp_ip", "") if said.get("ntp_enabled") is not False else "",
        "call_managers": tuple(_call_managers(said)),
        "load": _load(draft),
        "language": pick(LANGUAGES, locale),
        "tones": TONES.get(country(locale)),
        "directory": service_url(said, _DIRECTORY),
    }


def _call_managers(said: Said) -> Iterator[tuple[int, object, object]]:
    """Yield priority (0 is the highest), host and port."""
    managers = said.get("sccp_call_managers", {})
    assert isinstance(managers, Mapping)
    for priority, number in enumerate(sorted(managers)):
        manager = managers[number]
        yield priority, manager["ip"], manager.get("port", _PORT)


def _load(draft: Draft) -> str:
    """Return the firmware by its name; with "" the phone keeps what it has."""
    model = (draft.device.model or "").upper() if draft.device else ""
    return (draft.image(model) or "").rpartition(".")[0]
