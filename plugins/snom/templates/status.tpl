<?xml version="1.0" encoding="UTF-8" ?>
{% if is_base %}
<firmware-settings>
  <firmware-status>{{ base_url }}/{{ firmware_list }}</firmware-status>
</firmware-settings>
{% else %}
<settings>
  <phone-settings>
    <firmware_status perm="R">{{ base_url }}/{{ firmware_list }}</firmware_status>
  </phone-settings>
</settings>
{% endif %}
