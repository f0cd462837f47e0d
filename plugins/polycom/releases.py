"""Firmware generations, by the first two numbers of their versions."""

from collections.abc import Mapping

from provserver.vendors.table import Model, Release, each, names

from .images import images
from .models import NO_KEYS

_BASIC = names(
    """
    ntp_enabled ntp_ip vlan_enabled vlan_id vlan_priority syslog_enabled syslog_ip syslog_level timezone locale
    admin_password user_password
    sip_lines sip_proxy_ip sip_proxy_port sip_registrar_ip sip_registrar_port
    sip_backup_proxy_ip sip_backup_proxy_port sip_backup_registrar_ip sip_backup_registrar_port
    sip_outbound_proxy_ip sip_outbound_proxy_port
    sip_dtmf_mode sip_srtp_mode sip_transport sip_subscribe_mwi exten_pickup_call exten_voicemail
    X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
    """
)
_KEYS = names("funckeys")
_UC = _BASIC | _KEYS | names("dns_enabled dns_ip sip_servers_root_and_intermediate_certificates")

_OLDEST = "SPIP301 SPIP501 SPIP600 SPIP601 SSIP4000"
_SOUNDPOINTS = "SPIP321 SPIP331 SPIP335 SPIP450 SPIP550 SPIP560 SPIP650 SPIP670 SSIP5000 SSIP6000 SSIP7000"
_EVERY_VVX = "VVX101 VVX201"
_FIRST_VVX = "VVX300 VVX310 VVX400 VVX410 VVX500 VVX600"
_LATER_VVX = "VVX150 VVX250 VVX301 VVX311 VVX350 VVX401 VVX411 VVX450 VVX501 VVX601"


def _release(
    version: str,
    generation: str,
    models: str,
    honours: frozenset[str],
    application: str = "sip.ld",
    firmware: str = "",
    rows: Mapping[str, Model] | None = None,
) -> Release:
    """`firmware`: its version, where it is not the plugin's."""
    versions = each({models: firmware or version})
    has_bootblock = "VVX" in models and generation != "3.2"
    return Release(
        f"polycom-{version}",
        generation,
        versions,
        honours,
        models=rows or {},
        images=images(application, versions, has_bootblock),
    )


RELEASES = (
    _release("3.1.6", "3.1", _OLDEST, _BASIC, "sip_316.ld", "3.1.6.0017"),
    _release(
        "3.2.4B",
        "3.2",
        f"SPIP320 SPIP330 SPIP430 {_SOUNDPOINTS} VVX1500",
        _BASIC | _KEYS,
        firmware="3.2.4.0267",
        rows={"VVX1500": NO_KEYS},
    ),
    _release("4.0.11", "4.0", _SOUNDPOINTS, _UC),
    # 4.1 was the VVX phones' alone, and has the parameters of 5.4.
    _release("5.4.3", "5.4 4.1", f"{_EVERY_VVX} {_FIRST_VVX} VVX1500", _UC),
    _release("5.5.1", "5.5", f"{_EVERY_VVX} {_FIRST_VVX} VVX1500", _UC),
    _release("5.8.2", "5.8", f"{_EVERY_VVX} {_FIRST_VVX} {_LATER_VVX} VVX1500", _UC),
    _release("5.9.2", "5.9", f"{_EVERY_VVX} {_FIRST_VVX} {_LATER_VVX} VVX1500", _UC),
    _release("6.4.6", "6.4", f"{_EVERY_VVX} {_LATER_VVX}", _UC),
)
