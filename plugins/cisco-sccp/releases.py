"""Firmware generations, and the load (firmware, by its name) that each may give its phones."""

from collections.abc import Mapping

from provserver.vendors.table import Release, each, names

_HONOURS = names(
    """
    ntp_enabled ntp_ip timezone locale sccp_call_managers
    X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
    """
)


# Plugin -> model -> the file by which its load is fetched. A model without one keeps the firmware that it has.
_LOADS: Mapping[str, Mapping[str, str]] = {
    "cisco-sccp-wireless-1.4.5": {"7921G": "CP7921G-1.4.5.3.LOADS"},
    "cisco-sccp-legacy": each(
        {
            "7905G": "CP7905080003SCCP070409A.sbin",
            "7912G": "CP7912080004SCCP080108A.sbin",
            "7920": "cmterm_7920.4.0-03-02.bin",
            "7940 7940G 7960G": "P0030801SR02.loads",
        }
    ),
    "cisco-sccp-8.5.2": each(
        {
            "7906G 7911G": "SCCP11.8-5-2S.loads",
            "7931G": "SCCP31.8-5-2S.loads",
            "7941G 7961G": "SCCP41.8-5-2S.loads",
            "7942G 7962G": "SCCP42.8-5-2S.loads",
            "7945G 7965G": "SCCP45.8-5-2S.loads",
            "7970G 7971G": "SCCP70.8-5-2S.loads",
            "7975G": "SCCP75.8-5-2S.loads",
        }
    ),
    "cisco-sccp-9.4": each(
        {
            "7906G 7911G": "SCCP11.9-4-2SR1-1S.loads",
            "7931G": "SCCP31.9-4-2SR1-1S.loads",
            "7941G 7961G": "SCCP41.9-4-2SR1-1S.loads",
            "7942G 7962G": "SCCP42.9-4-2SR1-1S.loads",
            "7945G 7965G": "SCCP45.9-4-2SR3-1S.loads",
            "7970G 7971G": "SCCP70.9-4-2SR1-1S.loads",
        }
    ),
}


def _release(plugin: str, generation: str, firmware: Mapping[str, str]) -> Release:
    versions = {model: f"{version}/SCCP" for model, version in each(firmware).items()}
    return Release(plugin, generation, versions, _HONOURS, images=_LOADS.get(plugin, {}))


# Of equally good ones the last is taken: 9.4 for a phone of which nothing is known.
RELEASES = (
    _release("cisco-sccp-wireless-1.4.5", "1.4", {"7921G": "1.4.5"}),
    _release("cisco-sccp-cipc-2.1.2", "2.1", {"CIPC": "2.1.2"}),
    _release(
        "cisco-sccp-legacy",
        "1.4 3.0 8.0 8.1",
        {
            "7905G": "8.0.3",
            "7912G": "8.0.4",
            "7920": "3.0.2",
            "7937 7937G": "1.4.5.7",
            "7940 7940G 7960G": "8.1.2",
        },
    ),
    _release(
        "cisco-sccp-8.5.2",
        "8.5",
        {"7906G 7911G 7931G 7941G 7942G 7945G 7961G 7962G 7965G 7970G 7971G 7975G": "8.5.2"},
    ),
    _release(
        "cisco-sccp-9.4",
        "9.4",
        {
            "7906G 7911G 7931G 7941G 7942G 7961G 7962G 7970G 7971G": "9.4.2SR1",
            "7945G 7965G": "9.4.2SR3",
        },
    ),
)
