"""Files as Cisco's Enterprise phones get them: the samples of Cisco's guides, as provd's are to be."""

from provserver.phone.values import Phone

P8945 = Phone("cisco_sip", "8945", "00:1b:54:12:34:56", "SIP8941_8945.9-3-1-18")
P7962 = Phone("cisco_sccp", "7962G", "00:1b:54:12:34:57", "SCCP42.9-4-2SR1-1S")

SIP = b"""<device>
<deviceProtocol>SIP</deviceProtocol>
<sshPassword>adm1</sshPassword>
<devicePool>
<dateTimeSetting><timeZone>Central Europe Standard/Daylight Time</timeZone></dateTimeSetting>
<callManagerGroup><members><member priority="0"><callManager>
<ports><sipPort>5061</sipPort></ports>
<processNodeName>192.0.2.20</processNodeName>
</callManager></member></members></callManagerGroup>
</devicePool>
<sipProfile>
<phoneLabel>Alice A</phoneLabel>
<sipLines>
<line button="1" lineIndex="1"><featureID>9</featureID><featureLabel>1001</featureLabel>
<proxy>USECALLMANAGER</proxy><port>5060</port><name>alice</name><displayName>Alice A</displayName>
<authName>alice1</authName><authPassword>pw1</authPassword><contact>1001</contact></line>
<line button="2" lineIndex="2"><featureID>21</featureID><featureLabel>Carol</featureLabel>
<speedDialNumber>1003</speedDialNumber><featureOptionMask>1</featureOptionMask></line>
<line button="3" lineIndex="3"><featureID>2</featureID><featureLabel>Desk</featureLabel>
<speedDialNumber>0145</speedDialNumber></line>
</sipLines>
<dialTemplate>dialplan.xml</dialTemplate>
<softKeyFile>SoftKeys.xml</softKeyFile>
</sipProfile>
<loadInformation>SIP8941_8945.9-3-1-18</loadInformation>
<userLocale><name>i18n/french_france</name><langCode>fr</langCode></userLocale>
<networkLocale>i18n/france</networkLocale>
<transportLayerProtocol>2</transportLayerProtocol>
</device>
"""

SCCP = b"""<device>
<devicePool>
<dateTimeSetting><timeZone>Central Europe Standard/Daylight Time</timeZone></dateTimeSetting>
<callManagerGroup><members>
<member priority="1"><callManager><ports><ethernetPhonePort>2001</ethernetPhonePort></ports>
<processNodeName>192.0.2.21</processNodeName></callManager></member>
<member priority="0"><callManager><processNodeName>192.0.2.20</processNodeName></callManager></member>
</members></callManagerGroup>
</devicePool>
<loadInformation>SCCP42.9-4-2SR1-1S</loadInformation>
<userLocale><name>i18n/french_france</name><langCode>fr</langCode></userLocale>
<networkLocale>i18n/france</networkLocale>
</device>
"""
