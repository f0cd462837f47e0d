"""
Firmware generations. The second number of a version is the generation, the first one the hardware.

Of each model the version that Yealink offers for it, and the file in which it does.
"""

from provserver.vendors.table import Release, each, names

from .images import IMAGES
from .models import CP960_V80

_ALWAYS = names(
    """
    dns_enabled dns_ip ntp_enabled ntp_ip vlan_enabled vlan_id vlan_priority vlan_pc_port_id
    syslog_enabled syslog_ip syslog_level timezone locale
    admin_username admin_password user_username user_password
    sip_lines sip_proxy_ip sip_proxy_port sip_registrar_ip sip_registrar_port
    sip_backup_proxy_ip sip_backup_proxy_port sip_backup_registrar_ip sip_backup_registrar_port
    sip_outbound_proxy_ip sip_outbound_proxy_port
    sip_dtmf_mode sip_srtp_mode sip_transport sip_subscribe_mwi
    sip_servers_root_and_intermediate_certificates
    sip_local_root_and_intermediate_certificates sip_local_certificate sip_local_key
    funckeys exten_pickup_call exten_voicemail
    X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
    """
)
_SYSLOG_PORT_SINCE = 81

_VERSIONS = {
    73: {
        "T20P": "9.73.0.50",
        "T22P": "7.73.0.50",
        "T26P": "6.73.0.50",
        "T28P": "2.73.0.50",
        "W52P": "25.73.0.40",
    },
    80: {
        "CP860": "37.80.0.30",
        "CP960": "73.80.0.35",
        "T19P_E2": "53.80.0.95",
        "T21P_E2": "52.80.0.95",
        "T23G T23P": "44.80.0.95",
        "T27P": "45.80.0.95",
        "T29G": "46.80.0.95",
        "T40P": "54.80.0.95",
        "T41P": "36.80.0.95",
        "T42G": "29.80.0.95",
        "T46G": "28.80.0.95",
        "T48G": "35.80.0.95",
        "T49G": "51.80.0.100",
        "W52P": "25.80.0.15",
    },
    81: {
        "CP860": "37.81.0.10",
        "CP920": "78.81.0.15",
        "T19P_E2": "53.81.0.110",
        "T21P_E2": "52.81.0.110",
        "T23G T23P": "44.81.0.110",
        "T27G": "69.81.0.110",
        "T27P": "45.81.0.110",
        "T29G": "46.81.0.110",
        "T40G": "76.81.0.110",
        "T40P": "54.81.0.110",
        "T41P": "36.81.0.110",
        "T42G": "29.81.0.110",
        "T46G": "28.81.0.110",
        "T48G": "35.81.0.110",
        "T41S T42S T46S T48S": "66.81.0.110",
        "W52P": "25.81.0.60",
    },
    82: {
        "T19P_E2": "53.82.0.20",
        "T21P_E2": "52.82.0.20",
        "T23G T23P": "44.82.0.20",
        "T27G": "69.82.0.30",
        "T27P": "45.82.0.30",
        "T29G": "46.82.0.30",
        "T40G": "76.82.0.20",
        "T40P": "54.82.0.20",
        "T41P": "36.82.0.20",
        "T42G": "29.82.0.20",
        "T46G": "28.82.0.30",
        "T48G": "35.82.0.30",
        "T41S T42S T46S T48S": "66.82.0.30",
    },
    83: {
        "CP960": "73.83.0.30",
        "T19P_E2": "53.83.0.35",
        "T21P_E2": "52.83.0.35",
        "T23G T23P": "44.83.0.35",
        "T27G": "69.83.0.35",
        "T27P": "45.83.0.35",
        "T29G": "46.83.0.120",
        "T40G": "76.83.0.35",
        "T40P": "54.83.0.35",
        "T41P": "36.83.0.120",
        "T42G": "29.83.0.120",
        "T46G": "28.83.0.120",
        "T48G": "35.83.0.120",
        "T41S T42S T46S T48S": "66.83.0.35",
        "T52S T54S": "70.83.0.35",
        "T56A T58 T58A T58V": "58.83.0.15",
        "W60B": "77.83.0.85",
        "W80B W80DM": "103.83.0.122",
    },
    84: {
        "CP920": "78.84.0.125",
        "CP960": "73.84.0.25",
        "T19P_E2": "53.84.0.125",
        "T21P_E2": "52.84.0.125",
        "T23G T23P": "44.84.0.140",
        "T27G": "69.84.0.125",
        "T40G": "76.84.0.125",
        "T40P": "54.84.0.125",
        "T41S T42S T46S T48S": "66.84.0.125",
        "T52S T54S": "70.84.0.70",
        "T53 T53W": "95.84.0.125",
        "T54W": "96.84.0.125",
        "T57W": "97.84.0.125",
        "T58 T58A T58V": "58.84.0.25",
    },
    85: {
        "CP920": "78.85.0.5",
        "CP960": "73.85.0.5",
        "T27G": "69.85.0.85",
        "T30 T30P T31 T31G T31P T33G T33P": "124.85.0.40",
        "T41S T42S T46S T48S": "66.85.0.5",
        "T53 T53W T54W T57W": "96.85.0.5",
        "T58 T58A T58V": "58.85.0.5",
        "W60B": "77.85.0.25",
        "W70B": "146.85.0.40",
        "W75B W75DM": "175.85.0.5",
        "W80B W80DM": "103.85.0.25",
        "W90B W90DM": "130.85.0.44",
    },
    86: {
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
    },
    87: {
        "AX83H AX86R": "180.87.0.15",
        "T53W T54W T57W": "96.87.0.15",
        "T58W": "150.87.0.15",
        "T73U T73W T74U T74W T77U T85W T87W": "185.87.0.34",
        "T88V T88W": "192.87.0.10",
        "W70B": "146.87.0.21",
        "W75B W75DM": "175.87.0.18",
        "W80B W80DM": "103.87.0.18",
        "W90B W90DM": "130.87.0.18",
    },
}


def _release(generation: int) -> Release:
    return Release(
        plugin=f"yealink-v{generation}",
        generation=f"*.{generation}",
        firmware=each(_VERSIONS[generation]),
        honours=_ALWAYS | (names("syslog_port") if generation >= _SYSLOG_PORT_SINCE else frozenset()),
        models={"CP960": CP960_V80} if generation == 80 else {},
        images=IMAGES[generation],
    )


RELEASES = tuple(map(_release, _VERSIONS))
