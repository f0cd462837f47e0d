<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<APPLICATION{% for name, value in master %} {{ name }}="{{ value }}"{% endfor %}>
{% if bootblock %}
  <APPLICATION_VVX1500 BOOTBLOCK_FILE_PATH_VVX1500="{{ bootblock }}"/>
{% endif %}
</APPLICATION>
