"""Generations of liblinphone; the tests run that of Debian 12."""

from provserver.vendors.table import Release, names

RELEASES = (
    Release(
        plugin="linphone-5",
        generation="5",
        firmware={"LINPHONE": "5.1.65"},
        honours=names(
            """
            sip_lines sip_proxy_ip sip_proxy_port sip_registrar_ip sip_registrar_port
            sip_outbound_proxy_ip sip_outbound_proxy_port sip_transport sip_dtmf_mode sip_srtp_mode
            """
        ),
    ),
)
