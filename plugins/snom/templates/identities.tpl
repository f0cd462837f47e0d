{% for idx, label, number, host, outbound, srtp, savp, user, auth_user, password, shown, mailbox, dtmf, codecs, hidden, failover in identities %}
    <user_active idx="{{ idx }}" perm="R">on</user_active>
    <user_idle_text idx="{{ idx }}" perm="R">{{ label }}</user_idle_text>
    <user_idle_number idx="{{ idx }}" perm="R">{{ number }}</user_idle_number>
    <user_host idx="{{ idx }}" perm="R">{{ host }}</user_host>
    <user_outbound idx="{{ idx }}" perm="R">{{ outbound }}</user_outbound>
    <user_srtp idx="{{ idx }}" perm="R">{{ srtp }}</user_srtp>
    <user_savp idx="{{ idx }}" perm="R">{{ savp }}</user_savp>
    <user_auth_tag idx="{{ idx }}" perm="R">off</user_auth_tag>
    <user_name idx="{{ idx }}" perm="R">{{ user }}</user_name>
    <user_pname idx="{{ idx }}" perm="R">{{ auth_user }}</user_pname>
    <user_pass idx="{{ idx }}" perm="R">{{ password }}</user_pass>
    <user_realname idx="{{ idx }}" perm="R">{{ shown }}</user_realname>
    <user_mailbox idx="{{ idx }}" perm="R">{{ mailbox }}</user_mailbox>
    <user_dtmf_info idx="{{ idx }}" perm="R">{{ dtmf }}</user_dtmf_info>
    <codec_priority_list idx="{{ idx }}" perm="R">{{ codecs }}</codec_priority_list>
    <mac_info_in_sip_register idx="{{ idx }}" perm="R">on</mac_info_in_sip_register>
    <hide_identity idx="{{ idx }}" perm="R">{{ hidden }}</hide_identity>
    <user_failover_identity idx="{{ idx }}" perm="R">{{ failover }}</user_failover_identity>
{% endfor %}
{% for idx in unused %}
    <user_active idx="{{ idx }}" perm="R">off</user_active>
    <user_idle_text idx="{{ idx }}" perm="R"></user_idle_text>
    <user_idle_number idx="{{ idx }}" perm="R"></user_idle_number>
    <user_host idx="{{ idx }}" perm="R"></user_host>
    <user_outbound idx="{{ idx }}" perm="R"></user_outbound>
    <user_name idx="{{ idx }}" perm="R"></user_name>
    <user_pname idx="{{ idx }}" perm="R"></user_pname>
    <user_pass idx="{{ idx }}" perm="R"></user_pass>
    <user_realname idx="{{ idx }}" perm="R"></user_realname>
    <user_mailbox idx="{{ idx }}" perm="R"></user_mailbox>
{% endfor %}
    <status_msgs_that_are_blocked perm="R">{{ blocked }}</status_msgs_that_are_blocked>
{% for idx, does, url, label in context_keys %}
{% if url %}
    <context_key idx="{{ idx }}" perm="R">
      <initialization>
        <variable name="label" value="{{ label }}"/>
        <variable name="icon" value="kIconTypeFkeyAdrBook"/>
      </initialization>
      <action>
        <url target="{{ url }}" when="on press"/>
      </action>
    </context_key>
{% else %}
    <context_key idx="{{ idx }}" perm="R">{{ does }}</context_key>
{% endif %}
{% endfor %}
