"""Firmware generations, by the first two numbers of their versions."""

from provserver.vendors.table import Release, each, names

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

RELEASES = (
    Release("polycom-3.1.6", "3.1", each({_OLDEST: "3.1.6.0017"}), _BASIC),
    Release(
        "polycom-3.2.4B",
        "3.2",
        each({f"SPIP320 SPIP330 SPIP430 {_SOUNDPOINTS} VVX1500": "3.2.4.0267"}),
        _BASIC | _KEYS,
        models={"VVX1500": NO_KEYS},
    ),
    Release("polycom-4.0.11", "4.0", each({_SOUNDPOINTS: "4.0.11"}), _UC),
    # 4.1 was the VVX phones' alone, and has the parameters of 5.4.
    Release("polycom-5.4.3", "5.4 4.1", each({f"{_EVERY_VVX} {_FIRST_VVX} VVX1500": "5.4.3"}), _UC),
    Release("polycom-5.5.1", "5.5", each({f"{_EVERY_VVX} {_FIRST_VVX} VVX1500": "5.5.1"}), _UC),
    Release("polycom-5.8.2", "5.8", each({f"{_EVERY_VVX} {_FIRST_VVX} {_LATER_VVX} VVX1500": "5.8.2"}), _UC),
    Release("polycom-5.9.2", "5.9", each({f"{_EVERY_VVX} {_FIRST_VVX} {_LATER_VVX} VVX1500": "5.9.2"}), _UC),
    Release("polycom-6.4.6", "6.4", each({f"{_EVERY_VVX} {_LATER_VVX}": "6.4.6"}), _UC),
)
