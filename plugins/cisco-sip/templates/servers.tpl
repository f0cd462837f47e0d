<callManagerGroup><members>
{% for server in servers %}
<member priority="{{ server.priority }}"><callManager>
<ports><ethernetPhonePort>2000</ethernetPhonePort><sipPort>{{ server.port }}</sipPort><securedSipPort>{{ server.tls_port }}</securedSipPort></ports>
<processNodeName>{{ server.host }}</processNodeName>
</callManager></member>
{% endfor %}
</members></callManagerGroup>
