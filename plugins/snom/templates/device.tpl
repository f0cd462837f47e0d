{% extends "settings.tpl" %}
{% block accounts %}
{% include "handsets.tpl" if is_base else "identities.tpl" %}
{% endblock %}
