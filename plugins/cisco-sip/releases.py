"""Firmware generations, and the load (firmware, by its name) that each may give its phones."""

from provserver.vendors.table import Release, each, names

RELEASES = (
    Release(
        plugin="cisco-sip-9.3",
        generation="9.3",
        firmware=each({"8941 8945": "9.3.1-18/SIP"}),
        honours=names(
            """
            ntp_enabled ntp_ip timezone locale admin_password
            sip_lines sip_proxy_ip sip_proxy_port sip_backup_proxy_ip sip_backup_proxy_port
            sip_outbound_proxy_ip sip_outbound_proxy_port sip_transport
            funckeys exten_voicemail
            X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
            """
        ),
        # The one that works whole: 9.2.3 has no DTMF in hands-free, 9.3.2 no directory, 9.3.4 no voicemail key, and
        # 9.4 no video.
        images=each({"8941 8945": "SIP8941_8945.9-3-1-18.loads"}),
    ),
)
