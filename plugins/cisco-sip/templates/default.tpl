<Default>
{% include "servers.tpl" %}
</Default>
