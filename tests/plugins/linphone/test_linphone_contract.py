"""Linphone keeps the contract of all vendors."""

from typing import ClassVar

from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.contracts.vendor_settings import LINE, NO_HOST
from tests.plugins.linphone.reading import read

UDP, ROUTE = ";transport=udp", ";transport=udp;lr"


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


def line(key: str, value: object, **own: object) -> Stands:
    return Stands({"sip_lines": {"1": {**LINE, **own}}}, key, str(value))


def inherited(key: str, value: object, **raw: object) -> Stands:
    """A setting of all lines, with a line that has no server of its own."""
    return Stands({**raw, "sip_lines": {"1": NO_HOST}}, key, str(value))


class LinphoneContractTests(contract.VendorContract):
    vendor_id = "linphone"
    device_path = "linphone/{mac}.xml"
    common_paths = ()
    obeys_notify = None
    # Numbers are what a PBX makes of a user: no place in the file is for them.
    no_place = frozenset({"sip_lines.1.number"})
    at_domain: ClassVar[dict[str, str]] = {
        "proxy_0/reg_identity/host": "example.com",
        "proxy_0/reg_proxy/host": f"192.0.2.13{UDP}",
        "proxy_0/reg_route/host": f"192.0.2.13{ROUTE}",
        "auth_info_0/domain": "example.com",
    }
    stands: ClassVar[dict[str, tuple[Stands, ...]]] = {
        "sip_lines": (
            line("proxy_0/reg_identity/name", "Alice"),
            line("proxy_0/reg_identity/user", "u1001"),
            line("proxy_0/reg_identity/host", "192.0.2.10"),
            line("proxy_0/reg_sendregister", 1),
            line("proxy_0/reg_route", ""),
            line("auth_info_0/username", "u1001"),
            line("auth_info_0/userid", ""),
            line("auth_info_0/userid", "a1001", auth_username="a1001"),
            line("auth_info_0/passwd", "pw-line"),
            line("auth_info_0/ha1", ""),
            line("proxy_1/reg_identity", ""),
            line("proxy_3/reg_sendregister", ""),
            line("auth_info_3/passwd", ""),
        ),
        "sip_proxy_ip": (
            inherited("proxy_0/reg_proxy/host", f"192.0.2.30{UDP}", sip_proxy_ip="192.0.2.30"),
            inherited("proxy_0/reg_proxy/host", f"[2001:db8::1]{UDP}", sip_proxy_ip="2001:db8::1"),
            # Calls to the domain of a registrar go through another server.
            line("proxy_0/reg_route/host", f"192.0.2.10{ROUTE}", registrar_ip="192.0.2.40"),
        ),
        "sip_proxy_port": (
            inherited(
                "proxy_0/reg_proxy/host",
                f"192.0.2.30:5070{UDP}",
                sip_proxy_ip="192.0.2.30",
                sip_proxy_port=5070,
            ),
        ),
        "sip_registrar_ip": (
            inherited("proxy_0/reg_identity/host", "192.0.2.9", sip_registrar_ip="192.0.2.9"),
            inherited("auth_info_0/domain", "192.0.2.9", sip_registrar_ip="192.0.2.9"),
        ),
        "sip_registrar_port": (
            inherited(
                "proxy_0/reg_proxy/host",
                f"192.0.2.9:5090{UDP}",
                sip_registrar_ip="192.0.2.9",
                sip_registrar_port=5090,
            ),
        ),
        "sip_outbound_proxy_ip": (
            inherited(
                "proxy_0/reg_route/host",
                f"192.0.2.9{ROUTE}",
                sip_proxy_ip="192.0.2.30",
                sip_outbound_proxy_ip="192.0.2.9",
            ),
        ),
        "sip_outbound_proxy_port": (
            inherited(
                "proxy_0/reg_proxy/host",
                f"192.0.2.9:5090{UDP}",
                sip_proxy_ip="192.0.2.30",
                sip_outbound_proxy_ip="192.0.2.9",
                sip_outbound_proxy_port=5090,
            ),
        ),
        "sip_transport": (
            stands("proxy_0/reg_proxy/host", "192.0.2.10;transport=udp"),
            stands("proxy_0/reg_proxy/host", "192.0.2.10;transport=tls", sip_transport="tls"),
        ),
        "sip_dtmf_mode": (
            stands("sip/use_rfc2833", 1),
            stands("sip/use_info", 0),
            stands("sip/use_info", 1, sip_dtmf_mode="SIP-INFO"),
            stands("sip/use_rfc2833", 0, sip_dtmf_mode="SIP-INFO"),
            stands("sip/use_rfc2833", 1, sip_dtmf_mode="RTP-in-band"),
        ),
        "sip_srtp_mode": (
            stands("sip/media_encryption", "none"),
            stands("sip/media_encryption", "srtp", sip_srtp_mode="preferred"),
            stands("sip/media_encryption_mandatory", 0, sip_srtp_mode="preferred"),
            stands("sip/media_encryption_mandatory", 1, sip_srtp_mode="required"),
        ),
    }

    def read(self, body: bytes) -> Read:
        return read(body)
