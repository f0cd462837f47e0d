"""For the contract tests of both Cisco folders: a value of every setting that one of them does not honour."""

from tests.contracts.vendor_settings import UNCOMMON, Raw

OTHERS: Raw = {
    **UNCOMMON,
    "dns_enabled": False,
    "dns_ip": "192.0.2.53",
    "vlan_enabled": False,
    "vlan_id": 42,
    "vlan_priority": 5,
    "vlan_pc_port_id": 20,
    "syslog_enabled": False,
    "syslog_ip": "192.0.2.2",
    "syslog_port": 5514,
    "syslog_level": "debug",
    "admin_username": "root",
    "admin_password": "pw-admin",
    "user_username": "anna",
    "user_password": "4242",
    **{f"sip_{server}_ip": "192.0.2.9" for server in ("proxy", "registrar", "backup_proxy")},
    **{f"sip_{server}_ip": "192.0.2.9" for server in ("backup_registrar", "outbound_proxy")},
    **{f"sip_{server}_port": 5099 for server in ("proxy", "registrar", "backup_proxy")},
    **{f"sip_{server}_port": 5099 for server in ("backup_registrar", "outbound_proxy")},
    "sip_dtmf_mode": "SIP-INFO",
    "sip_srtp_mode": "required",
    "sip_transport": "tls",
    "sip_subscribe_mwi": True,
    "exten_pickup_call": "*8",
    "exten_voicemail": "*98",
}
# What must be on or off together: one alone is not valid, or says nothing.
TOGETHER: tuple[Raw, ...] = (
    {"dns_enabled": True, "dns_ip": "192.0.2.53"},
    {"vlan_enabled": True, "vlan_id": 42, "vlan_priority": 5, "vlan_pc_port_id": 20},
    {"syslog_enabled": True, "syslog_ip": "192.0.2.2", "syslog_port": 5514, "syslog_level": "debug"},
)
