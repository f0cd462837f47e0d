"""What a DHCP server gives to a phone of the 7900 series; README.md says where it comes from."""

from provserver.vendors.table import DhcpOffer, DhcpOption

DHCP = (
    DhcpOffer(
        (DhcpOption(66, "{tftp}"), DhcpOption(150, "{ip}", "ip")),  # the 7920 needs 150, the others know it
        source="wazo-provd's DHCP rules",
        option_60=(
            "Cisco Systems, Inc.",
            "Cisco Systems, Inc. IP Phone",
            "Cisco Systems, Inc. IP Phone 79*",
            "Cisco Systems, Inc. IP Phone CP-69*",
            "Cisco Systems, Inc. IP Phone CP-79*",
            "Cisco Systems Inc. Wireless Phone 79*",
        ),
    ),
)
