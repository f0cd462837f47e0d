"""Firmware generations. The second number of a version is the generation, the first one the hardware."""

from provserver.vendors.table import Release, each, names

_HONOURS = names(
    """
    dns_enabled dns_ip ntp_enabled ntp_ip vlan_enabled vlan_id vlan_priority vlan_pc_port_id
    syslog_enabled syslog_ip syslog_port syslog_level timezone locale
    admin_username admin_password user_username user_password
    sip_lines sip_proxy_ip sip_proxy_port sip_registrar_ip sip_registrar_port
    sip_backup_proxy_ip sip_backup_proxy_port sip_backup_registrar_ip sip_backup_registrar_port
    sip_outbound_proxy_ip sip_outbound_proxy_port
    sip_dtmf_mode sip_srtp_mode sip_transport sip_subscribe_mwi
    funckeys exten_pickup_call exten_voicemail
    X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
    """
)

RELEASES = (
    Release(
        plugin="yealink-v86",
        generation="*.86",
        firmware=each(
            {
                "AX83H": "180.86.0.5",
                "CP920": "78.86.0.15",
                "CP925": "148.86.0.5",
                "CP965": "143.86.0.10",
                "T27G": "69.86.0.15",
                "T30 T30P T31 T31G T31P T31W T33 T33G T33P T34W": "124.86.0.75",
                "T41S T42S T46S T48S": "66.86.0.15",
                "T41U T42U T43U T44U T44W T46U T48U": "108.86.0.90",
                "T53 T53C T53W T54 T54W T57 T57W": "96.86.0.45",
                "T56 T56A T58 T58A T58V": "58.86.0.20",
                "T58W": "150.86.0.11",
            }
        ),
        honours=_HONOURS,
    ),
)
