<?xml version="1.0" encoding="UTF-8" ?>
<{{ what }}-languages>
{% for code, name in languages %}
  <language url="{{ base_url }}/i18n/{{ what }}_lang_{{ code }}.xml" name="{{ name }}"/>
{% endfor %}
</{{ what }}-languages>
