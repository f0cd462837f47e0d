#!version:1.0.0.1
{% for key, value in pairs %}{{ key }} = {{ value }}
{% endfor %}
{% for key in unused_keys %}{{ key }}.type = 0
{{ key }}.line = %NULL%
{{ key }}.value = %NULL%
{{ key }}.label = %NULL%
{% endfor -%}
