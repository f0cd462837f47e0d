#!version:1.0.0.1
{% for key, value in pairs %}{{ key }} = {{ value }}
{% endfor -%}
