{% for idx, user, auth_user, password, shown, mailbox, voicemail, number, pin, server, codecs in handsets %}
    <user_active idx="{{ idx }}">on</user_active>
    <user_name idx="{{ idx }}">{{ user }}</user_name>
    <user_pname idx="{{ idx }}">{{ auth_user }}</user_pname>
    <user_pass idx="{{ idx }}">{{ password }}</user_pass>
    <user_realname idx="{{ idx }}">{{ shown }}</user_realname>
    <user_mailbox idx="{{ idx }}">{{ mailbox }}</user_mailbox>
{% if named_lines %}
    <user_mailnumber idx="{{ idx }}">{{ voicemail }}</user_mailnumber>
    <subscr_sip_line_name idx="{{ idx }}">{{ number }}</subscr_sip_line_name>
{% endif %}
    <subscr_sip_hs_idx idx="{{ idx }}">{{ idx }}</subscr_sip_hs_idx>
    <subscr_dect_ac_code idx="{{ idx }}">{{ pin }}</subscr_dect_ac_code>
    <subscr_sip_ua_data_server_id idx="{{ idx }}">{{ server }}</subscr_sip_ua_data_server_id>
    <codec_priority_list idx="{{ idx }}" perm="R">{{ codecs }}</codec_priority_list>
{% endfor %}
