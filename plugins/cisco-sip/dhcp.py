"""What a DHCP server gives to an 8941 or 8945; README.md says where it comes from."""

from provserver.vendors.table import DhcpOffer, DhcpOption

DHCP = (
    DhcpOffer(
        (DhcpOption(66, "{tftp}"), DhcpOption(150, "{ip}", "ip")),
        source="wazo-provd's DHCP rules",
        option_60=("Cisco Systems, Inc. IP Phone CP-89*", "Cisco Systems, Inc. IP Phone CP-99*"),
    ),
)
