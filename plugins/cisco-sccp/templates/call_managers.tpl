<callManagerGroup><members>
{% for priority, host, port in call_managers %}
<member priority="{{ priority }}"><callManager><ports><ethernetPhonePort>{{ port }}</ethernetPhonePort></ports><processNodeName>{{ host }}</processNodeName></callManager></member>
{% endfor %}
</members></callManagerGroup>
