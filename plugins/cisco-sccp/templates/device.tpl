<device>
<devicePool>
<dateTimeSetting>
<dateTemplate>D-M-YA</dateTemplate>
<timeZone>{{ time_zone }}</timeZone>
<ntps>{% if ntp_server %}<ntp><name>{{ ntp_server }}</name><ntpMode>Unicast</ntpMode></ntp>{% endif %}</ntps>
</dateTimeSetting>
{% include "call_managers.tpl" %}
<srstInfo><srstOption>Disable</srstOption></srstInfo>
</devicePool>
<versionStamp>{Dec 17 2010 16:03:58}</versionStamp>
<loadInformation>{{ load }}</loadInformation>
<addOnModules></addOnModules>
{% if language %}
<userLocale><name>i18n/{{ language[0] }}</name><langCode>{{ language[1] }}</langCode></userLocale>
{% endif %}
{% if tones %}
<networkLocale>i18n/{{ tones }}</networkLocale>
{% endif %}
<idleTimeout>0</idleTimeout>
<authenticationURL></authenticationURL>
<directoryURL>{{ directory }}</directoryURL>
<idleURL></idleURL>
<informationURL></informationURL>
<messagesURL></messagesURL>
<proxyServerURL></proxyServerURL>
<servicesURL></servicesURL>
<vendorConfig>
<disableSpeaker>false</disableSpeaker>
<disableSpeakerAndHeadset>false</disableSpeakerAndHeadset>
<enableGroupListen>true</enableGroupListen>
<g722CodecSupport>2</g722CodecSupport>
</vendorConfig>
<advertiseG722Codec>1</advertiseG722Codec>
</device>
