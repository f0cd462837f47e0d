#!version:1.0.0.1
{% for key, value in server %}{{ key }} = {{ value }}
{% endfor -%}
