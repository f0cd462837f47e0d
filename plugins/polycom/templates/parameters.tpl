<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<{{ root }}
{% for name, value in parameters %}
  {{ name }}="{{ value }}"
{% endfor %}
{% block more %}{% endblock %}
/>
