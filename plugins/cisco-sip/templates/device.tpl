<device>
<fullConfig>true</fullConfig>
<deviceProtocol>SIP</deviceProtocol>
<sshUserId>admin</sshUserId>
<sshPassword>{{ admin_password }}</sshPassword>
<devicePool>
<dateTimeSetting>
<dateTemplate>D-M-YA</dateTemplate>
<timeZone>{{ time_zone }}</timeZone>
<ntps>{% if ntp_server %}<ntp><name>{{ ntp_server }}</name><ntpMode>Unicast</ntpMode></ntp>{% endif %}</ntps>
</dateTimeSetting>
{% include "servers.tpl" %}
</devicePool>
<sipProfile>
<sipProxies>
<outboundProxy>{{ outbound.host }}</outboundProxy>
<outboundProxyPort>{{ outbound.port }}</outboundProxyPort>
<registerWithProxy>true</registerWithProxy>
</sipProxies>
<sipCallFeatures>
<cnfJoinEnabled>true</cnfJoinEnabled>
<callForwardURI>x-serviceuri-cfwdall</callForwardURI>
<callPickupURI>x-cisco-serviceuri-pickup</callPickupURI>
<callPickupListURI>x-cisco-serviceuri-opickup</callPickupListURI>
<callPickupGroupURI>x-cisco-serviceuri-gpickup</callPickupGroupURI>
<meetMeServiceURI>x-cisco-serviceuri-meetme</meetMeServiceURI>
<abbreviatedDialURI>x-cisco-serviceuri-abbrdial</abbreviatedDialURI>
<rfc2543Hold>false</rfc2543Hold>
<callHoldRingback>2</callHoldRingback>
<localCfwdEnable>true</localCfwdEnable>
<semiAttendedTransfer>true</semiAttendedTransfer>
<anonymousCallBlock>2</anonymousCallBlock>
<callerIdBlocking>2</callerIdBlocking>
<dndControl>1</dndControl>
<remoteCcEnable>true</remoteCcEnable>
</sipCallFeatures>
<sipStack>
<sipInviteRetx>6</sipInviteRetx>
<sipRetx>10</sipRetx>
<timerInviteExpires>180</timerInviteExpires>
<timerRegisterExpires>3600</timerRegisterExpires>
<timerRegisterDelta>5</timerRegisterDelta>
<timerKeepAliveExpires>120</timerKeepAliveExpires>
<timerSubscribeExpires>120</timerSubscribeExpires>
<timerSubscribeDelta>5</timerSubscribeDelta>
<timerT1>500</timerT1>
<timerT2>4000</timerT2>
<maxRedirects>70</maxRedirects>
<remotePartyID>true</remotePartyID>
<userInfo>None</userInfo>
</sipStack>
<autoAnswerTimer>1</autoAnswerTimer>
<autoAnswerAltBehavior>false</autoAnswerAltBehavior>
<autoAnswerOverride>true</autoAnswerOverride>
<transferOnhookEnabled>true</transferOnhookEnabled>
<enableVad>false</enableVad>
<preferredCodec>none</preferredCodec>
<dtmfAvtPayload>101</dtmfAvtPayload>
<dtmfDbLevel>3</dtmfDbLevel>
<dtmfOutofBand>avt</dtmfOutofBand>
<alwaysUsePrimeLine>false</alwaysUsePrimeLine>
<alwaysUsePrimeLineVoiceMail>false</alwaysUsePrimeLineVoiceMail>
<kpml>3</kpml>
<phoneLabel>{{ lines[0].display_name if lines else "" }}</phoneLabel>
<stutterMsgWaiting>1</stutterMsgWaiting>
<callStats>false</callStats>
<silentPeriodBetweenCallWaitingBursts>10</silentPeriodBetweenCallWaitingBursts>
<disableLocalSpeedDialConfig>false</disableLocalSpeedDialConfig>
<startMediaPort>10000</startMediaPort>
<stopMediaPort>50000</stopMediaPort>
<sipLines>
{% for line in lines %}
<line button="{{ line.button }}" lineIndex="{{ line.button }}">
<featureID>9</featureID>
<featureLabel>{{ line.label }}</featureLabel>
<proxy>USECALLMANAGER</proxy>
<port>{{ line.port }}</port>
<name>{{ line.name }}</name>
<displayName>{{ line.display_name }}</displayName>
<autoAnswer><autoAnswerEnabled>2</autoAnswerEnabled></autoAnswer>
<callWaiting>3</callWaiting>
<authName>{{ line.auth_name }}</authName>
<authPassword>{{ line.password }}</authPassword>
<sharedLine>false</sharedLine>
<messageWaitingLampPolicy>1</messageWaitingLampPolicy>
{% if line.voicemail %}
<messagesNumber>{{ line.voicemail }}</messagesNumber>
{% endif %}
<ringSettingIdle>4</ringSettingIdle>
<ringSettingActive>5</ringSettingActive>
<contact>{{ line.contact }}</contact>
<forwardCallInfoDisplay>
<callerName>true</callerName>
<callerNumber>false</callerNumber>
<redirectedNumber>false</redirectedNumber>
<dialedNumber>true</dialedNumber>
</forwardCallInfoDisplay>
<maxNumCalls>5</maxNumCalls>
<busyTrigger>5</busyTrigger>
</line>
{% endfor %}
{% for function in functions %}
<line button="{{ function.button }}" lineIndex="{{ function.button }}">
<featureID>{{ function.feature }}</featureID>
<featureLabel>{{ function.label }}</featureLabel>
<speedDialNumber>{{ function.value }}</speedDialNumber>
{% if function.picks_up %}
<featureOptionMask>1</featureOptionMask>
{% endif %}
</line>
{% endfor %}
</sipLines>
<externalNumberMask>{{ lines[0].number if lines else "" }}</externalNumberMask>
<voipControlPort>{{ lines[0].port if lines else servers[0].port }}</voipControlPort>
<dscpForAudio>184</dscpForAudio>
<dscpVideo>136</dscpVideo>
<ringSettingBusyStationPolicy>0</ringSettingBusyStationPolicy>
<dialTemplate>dialplan.xml</dialTemplate>
<softKeyFile>SoftKeys.xml</softKeyFile>
</sipProfile>
<commonProfile>
<phonePassword>{{ admin_password }}</phonePassword>
<backgroundImageAccess>true</backgroundImageAccess>
<callLogBlfEnabled>2</callLogBlfEnabled>
</commonProfile>
<loadInformation>{{ load }}</loadInformation>
<vendorConfig>
<disableSpeaker>false</disableSpeaker>
<disableSpeakerAndHeadset>false</disableSpeakerAndHeadset>
<pcPort>0</pcPort>
<settingsAccess>1</settingsAccess>
<garp>0</garp>
<autoSelectLineEnable>0</autoSelectLineEnable>
<webAccess>0</webAccess>
<daysDisplayNotActive>1,7</daysDisplayNotActive>
<displayOnTime>08:00</displayOnTime>
<displayOnDuration>10:00</displayOnDuration>
<displayIdleTimeout>00:10</displayIdleTimeout>
<displayOnWhenIncomingCall>1</displayOnWhenIncomingCall>
<displayRefreshRate>0</displayRefreshRate>
<daysBacklightNotActive>1,7</daysBacklightNotActive>
<backlightOnTime>08:00</backlightOnTime>
<backlightOnDuration>10:00</backlightOnDuration>
<backlightIdleTimeout>00:10</backlightIdleTimeout>
<backlightOnWhenIncomingCall>1</backlightOnWhenIncomingCall>
<joinAndDirectTransferPolicy>0</joinAndDirectTransferPolicy>
<spanToPCPort>1</spanToPCPort>
<loggingDisplay>1</loggingDisplay>
<loadServer></loadServer>
<videoCapability>1</videoCapability>
<rtcp>1</rtcp>
<videoRtcp>1</videoRtcp>
<ciscoCamera>1</ciscoCamera>
<hideVideoByDefault>0</hideVideoByDefault>
<softKeyControl>1</softKeyControl>
</vendorConfig>
{% if language %}
<userLocale><name>i18n/{{ language[0] }}</name><langCode>{{ language[1] }}</langCode></userLocale>
{% endif %}
{% if tones %}
<networkLocale>i18n/{{ tones }}</networkLocale>
{% endif %}
<networkLocaleInfo><name></name><uid></uid><version>1.0.0.0-1</version></networkLocaleInfo>
<deviceSecurityMode>1</deviceSecurityMode>
<directoryURL>{{ directory }}</directoryURL>
<transportLayerProtocol>{{ transport }}</transportLayerProtocol>
<dscpForSCCPPhoneConfig>96</dscpForSCCPPhoneConfig>
<dscpForSCCPPhoneServices>0</dscpForSCCPPhoneServices>
<dscpForCm2Dvce>96</dscpForCm2Dvce>
<dndCallAlert>1</dndCallAlert>
<dndReminderTimer>5</dndReminderTimer>
<capfAuthMode>0</capfAuthMode>
<capfList><capf><phonePort>3804</phonePort></capf></capfList>
<certHash></certHash>
<encrConfig>false</encrConfig>
<addOnModules></addOnModules>
</device>
