<?xml version="1.0" encoding="UTF-8"?>
<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">
{% for section, entries in sections %}
  <section name="{{ section }}">
{% for name, value in entries %}
    <entry name="{{ name }}" overwrite="true">{{ value }}</entry>
{% endfor %}
  </section>
{% endfor %}
</config>
