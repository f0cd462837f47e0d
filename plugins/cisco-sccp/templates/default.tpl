<Default>
{% include "call_managers.tpl" %}
</Default>
