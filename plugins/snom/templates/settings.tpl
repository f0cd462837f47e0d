<?xml version="1.0" encoding="UTF-8" ?>
<settings>
  <phone-settings{% if whole_base %} e="2"{% endif %}>
{% for name, value, idx, perm in phone_settings %}
    <{{ name }}{% if idx %} idx="{{ idx }}"{% endif %}{% if perm %} perm="{{ perm }}"{% endif %}>{{ value }}</{{ name }}>
{% endfor %}
{% block accounts %}{% endblock %}
{% block more_settings %}{% endblock %}
  </phone-settings>
{% if function_keys %}
  <functionKeys>
{% for idx, does, label, context, perm in function_keys %}
    <fkey idx="{{ idx }}"{% if label %} short_label="{{ label }}" label="{{ label }}"{% endif %} context="{{ context }}" perm="{{ perm }}">{{ does }}</fkey>
{% endfor %}
  </functionKeys>
{% endif %}
</settings>
