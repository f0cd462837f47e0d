{% for line in trusted %}{{ line }}
{% endfor -%}
