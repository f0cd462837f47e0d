<?xml version="1.0" encoding="UTF-8" ?>
<setting-files>
{% for name in names %}
  <file url="{{ base_url }}/{{ name }}"/>
{% endfor %}
</setting-files>
