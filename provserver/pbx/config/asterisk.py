"""
The words of Asterisk (16 and later, PJSIP). The templates are those of pbx-facts section 2.2, tried on Asterisk 22.
"""

from provserver.pbx.config.plan import MOST_SHARED, Files, Plan, filled, provd_section

_PJSIP = """\
; For pjsip.conf. If yours has a [global], put default_outbound_endpoint there and leave this one out.
[global]
type=global
default_outbound_endpoint=provd  ; without it a NOTIFY to a contact is said to be sent, and is not

[provd]                          ; no transport= here, else phones on TCP and TLS get nothing
type=endpoint
context=none
allow=!all,ulaw

[ap-ep](!)
type=endpoint
context=autoprov
allow=!all,alaw,ulaw
rewrite_contact=yes              ; a contact is where packets come from: needed behind NAT, and for TCP and TLS
force_rport=yes
rtp_symmetric=yes
direct_media=no
media_encryption=sdes            ; with the next line phones with SRTP and without can both call
media_encryption_optimistic=yes

[ap-auth](!)
type=auth
auth_type=userpass

[ap-aor](!)
type=aor
max_contacts=@contacts@
remove_existing=yes              ; a phone that boots behind a new NAT port must not be refused
maximum_expiration=300           ; keeps the NAT open, and the list of contacts true

#include pjsip_slots.conf
"""

_SLOT = """\
[@user@](ap-ep)
aors=@user@
auth=@user@
outbound_auth=@user@
[@user@](ap-auth)
username=@user@
password=@secret@
[@user@](ap-aor)
"""

_EXTENSIONS = """\
; For extensions.conf. A waiting phone can dial its code and nothing else: not even emergency numbers, which are
; yours to decide about.
[autoprov]
exten => _XXXXXX,1,Answer()
 same => n,AGI(agi://@provd@:@agi_port@/provision,${EXTEN})
 same => n,Playback(${IF($["${PROVD_OUTCOME}" = "ok"]?auth-thankyou:pbx-invalid)})
 same => n,Hangup()
exten => h,1,AGI(agi://@provd@:@agi_port@/hangup)   ; the call is over: now the phone is told to restart

; To be included in the context of your users: include => provd-reset
[provd-reset]
exten => @reset_code@,1,Goto(provd-reset-call,s,1)

[provd-reset-call]
exten => s,1,Answer()
 same => n,Read(PROVD_PIN,agent-pass,12)
 same => n,AGI(agi://@provd@:@agi_port@/autoprov,${FILTER(0-9,${PROVD_PIN})})
 same => n,Playback(${IF($["${PROVD_OUTCOME}" = "ok"]?auth-thankyou:pbx-invalid)})
 same => n,Hangup()
exten => h,1,AGI(agi://@provd@:@agi_port@/hangup)
"""

_MANAGER = """\
; For manager.conf, whose [general] must have enabled=yes; beyond this machine use TLS (tlsenable, tlsbindaddr).
[provd]
secret=@secret@
read=system
write=system
deny=0.0.0.0/0.0.0.0
permit=@permit@
"""

_NOTIFY = """\
; pjsip_notify.conf must exist, even empty, or Asterisk does not load what sends a NOTIFY. It must have no [general].
[check-sync]
Event=>check-sync
"""


def asterisk(plan: Plan) -> Files:
    calls = {"provd": plan.provd, "agi_port": str(plan.agi_port), "reset_code": plan.reset_code}
    manager = {"secret": plan.pool.manager_secret, "permit": _permit(plan.provd)}
    slots = (filled(_SLOT, {"user": slot.user, "secret": slot.secret}) for slot in plan.pool.slots)
    return {
        "pjsip.conf": filled(_PJSIP, {"contacts": str(MOST_SHARED if plan.shared else 1)}),
        "pjsip_slots.conf": "".join(slots),
        "extensions.conf": filled(_EXTENSIONS, calls),
        "manager.conf": filled(_MANAGER, manager),
        "pjsip_notify.conf": _NOTIFY,
        "provd.toml": provd_section(
            "asterisk",
            plan,
            'user = "provd"',
            'secret_file = "asterisk.secret"  # holds what manager.conf has',
        ),
    }


def _permit(host: str) -> str:
    """A name stands there as it is; an address with its mask."""
    if host.startswith("["):
        return f"{host.strip('[]')}/128"
    return f"{host}/255.255.255.255" if host.replace(".", "").isdecimal() else host
