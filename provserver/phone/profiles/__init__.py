"""The vendors whose phones can be played; a new one is a module here and a row."""

from provserver.phone.profiles import cisco_sccp, cisco_sip, polycom, snom, yealink

PROFILES = {
    "cisco_sccp": cisco_sccp.PROFILE,
    "cisco_sip": cisco_sip.PROFILE,
    "polycom": polycom.PROFILE,
    "snom": snom.PROFILE,
    "yealink": yealink.PROFILE,
}
