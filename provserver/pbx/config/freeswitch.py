"""The words of FreeSWITCH (1.10). Written after its sources and manual, not tried on a running one."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from provserver.pbx.config.plan import Files, Plan, filled, provd_section

_CLAIM = '{"claim": {"code": "${destination_number}", "slot": "${user_name}", "ip": "${sip_network_ip}"}}'
_DIRECTORY = """\
<include>
@users@</include>
"""
_USER = """\
  <user id=@user@>
    <params><param name="password" value=@secret@/></params>
    <variables><variable name="user_context" value="autoprov"/></variables>
  </user>
"""
_DIALPLAN = """\
<include>
  <!-- A waiting phone can dial its code and nothing else: not even emergency numbers, which are yours to decide
       about. provd_token is a global variable of yours, in vars.xml: a token with the ACL provd.claims.create.
       mod_curl must be loaded. -->
  <context name="autoprov">
    <extension name="provd-claim">
      <condition field="destination_number" expression="^[0-9]{6}$">
        <action application="answer"/>
        <action application="curl" data=@curl@/>
        <action application="execute_extension" data="provd-said-${curl_response_code}"/>
        <action application="hangup"/>
      </condition>
    </extension>
    <extension name="provd-ok">
      <condition field="destination_number" expression="^provd-said-200$">
        <action application="playback" data="ivr/ivr-thank_you.wav"/>
      </condition>
    </extension>
    <extension name="provd-refused">
      <condition field="destination_number" expression="^provd-said-">
        <action application="playback" data="ivr/ivr-that_was_an_invalid_entry.wav"/>
      </condition>
    </extension>
  </context>
</include>
"""
_EVENT_SOCKET = """\
<configuration name="event_socket.conf" description="provd commands NOTIFYs through it">
  <settings>
    <param name="nat-map" value="false"/>
    <param name="listen-ip" value=@listen@/>
    <param name="listen-port" value="8021"/>
    <param name="password" value=@secret@/>
    <param name="apply-inbound-acl" value="provd"/>
  </settings>
</configuration>
"""
_ACL = """\
<include>
  <!-- For autoload_configs/acl.conf.xml. -->
  <list name="provd" default="deny">
    <node type="allow" cidr=@cidr@/>
  </list>
</include>
"""


def freeswitch(plan: Plan) -> Files:
    post = f"{plan.rest_url}/0.2/claims content-type application/json append_headers X-Auth-Token:$${{provd_token}}"
    address = plan.provd.strip("[]")
    socket = {"listen": plan.pbx.strip("[]"), "secret": plan.pool.manager_secret}
    return {
        "directory/default/provd_slots.xml": filled(_DIRECTORY, {"users": "".join(_users(plan))}),
        "dialplan/autoprov.xml": _filled(_DIALPLAN, {"curl": f"{post} post {_CLAIM}"}),
        "autoload_configs/event_socket.conf.xml": _filled(_EVENT_SOCKET, socket),
        "autoload_configs/acl-provd.xml": _filled(
            _ACL, {"cidr": f"{address}/{128 if ':' in address else 32}"}
        ),
        "provd.toml": provd_section(
            "freeswitch", plan, 'secret_file = "freeswitch.secret"  # holds what event_socket.conf.xml has'
        ),
    }


def _users(plan: Plan) -> Iterator[str]:
    for slot in plan.pool.slots:
        yield _filled(_USER, {"user": slot.user, "secret": slot.secret})


def _filled(text: str, words: Mapping[str, str]) -> str:
    return filled(text, {name: quoteattr(word) for name, word in words.items()})
