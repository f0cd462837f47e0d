{% for line in own %}{{ line }}
{% endfor -%}
