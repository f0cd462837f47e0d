"""SIP messages as phones send them, for the tests of SIP."""

from collections.abc import Mapping

SOURCE = ("192.168.7.31", 5060)
OURS = ("192.168.7.2", 5060)
EVENT = 'ua-profile;profile-type="device";vendor="Acme";model="A60";version="2.1"'

# As in the manuals of Snom and Gigaset, with the names of another vendor.
SUBSCRIBE: Mapping[str, str] = {
    "Via": "SIP/2.0/UDP 192.168.7.31:5060;branch=z9hG4bK7a;rport",
    "From": "<sip:MAC%3a00ACED000001@224.0.1.75>;tag=11",
    "To": "<sip:MAC%3a00ACED000001@224.0.1.75>",
    "Call-ID": "1930770594@192.168.7.31",
    "CSeq": "1 SUBSCRIBE",
    "Event": EVENT,
    "Expires": "0",
    "Accept": "application/url",
    "Contact": "<sip:192.168.7.31:5060>",
    "Content-Length": "0",
}


def packet(first: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return a message; a header whose value is empty is left out."""
    lines = [first, *(f"{name}: {value}" for name, value in headers.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


def subscribe(uri: str = "sip:MAC%3a00ACED000001@224.0.1.75", **changed: str) -> bytes:
    """Return a SUBSCRIBE; `Call_ID` changes the header Call-ID, "" leaves a header out."""
    headers = {**SUBSCRIBE, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return packet(f"SUBSCRIBE {uri} SIP/2.0", headers)


def answer_to(request: bytes, status: int = 200, reason: str = "OK") -> bytes:
    """Return a phone's answer to a request of ours, made without our own parser."""
    lines = request.split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    names = ("Via", "From", "To", "Call-ID", "CSeq")
    copied = [line for line in lines if line.partition(":")[0] in names]
    return "\r\n".join([f"SIP/2.0 {status} {reason}", *copied, "", ""]).encode()
