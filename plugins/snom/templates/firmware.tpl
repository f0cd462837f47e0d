<?xml version="1.0" encoding="UTF-8" ?>
<firmware-settings>
{% for image in images %}
  <{{ image.name }}{% if image.handset %} type="{{ image.handset }}"{% endif %}>{{ image.value }}</{{ image.name }}>
{% endfor %}
</firmware-settings>
