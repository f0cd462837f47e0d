{% extends "settings.tpl" %}
{% block accounts %}
{% for idx, pin in base_lines %}
    <user_active idx="{{ idx }}">off</user_active>
    <subscr_dect_ac_code idx="{{ idx }}">{{ pin }}</subscr_dect_ac_code>
    <subscr_sip_hs_idx idx="{{ idx }}">{{ idx }}</subscr_sip_hs_idx>
{% endfor %}
{% endblock %}
