"""Firmware generations: each with the models that it was made for, and its images."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from provserver.vendors.table import Release, names

from .models import DECT_FAMILY, DESK_FAMILY, rows

RAMDISK = "ramdisk"  # `ramdisk D785`: the image that a D785 must run before it takes the real one
_HONOURS_BASE = names(
    """
    ntp_enabled ntp_ip vlan_enabled vlan_id vlan_priority locale
    admin_username admin_password user_username user_password
    sip_lines sip_proxy_ip sip_proxy_port sip_registrar_ip sip_registrar_port
    sip_outbound_proxy_ip sip_outbound_proxy_port sip_dtmf_mode sip_transport exten_voicemail
    """
)
_HONOURS_DESK = _HONOURS_BASE | names(
    """
    dns_enabled dns_ip vlan_pc_port_id syslog_enabled syslog_ip syslog_port syslog_level timezone
    sip_backup_proxy_ip sip_backup_proxy_port sip_backup_registrar_ip sip_backup_registrar_port
    sip_srtp_mode funckeys exten_pickup_call
    X_xivo_phonebook_ip X_xivo_phonebook_port X_xivo_phonebook_scheme X_xivo_user_uuid
    """
)


@frozen
class Dect:
    """What a base needs to find its images: it puts their names together itself."""

    version: int  # 740 of `v0740`
    branch: int  # 104 of `b0104`
    handsets: tuple[str, ...]
    list_end: str  # of the file with them that its container names: `xml`, `htm`

    def image(self, model: str) -> str:
        return f"{model}/{model}_v{self.version:04}_b{self.branch:04}.fwu"


DECT: Mapping[str, Dect] = {
    "05.20.0001": Dect(520, 1, ("M25", "M65", "M70", "M80", "M85", "M90"), "xml"),
    "07.40.0104": Dect(740, 104, ("M30", "M65", "M70", "M80", "M85", "M90"), "htm"),
}
WITH_LANGUAGES = frozenset({"8.7.5.35", "8.9.3.40", "8.9.3.60", "8.9.3.80"})  # for which there are packs

_FLASH_IMAGES = frozenset({"300", "320", "370", "PA1"})  # `-f.bin`
_QT_IMAGES = frozenset({"D810", "D812", "D815", "D862", "D865", "D892"})  # `.swu`
_CHAINED = frozenset({"D315", "D335", "D385", "D712", "715", "D717", "D735", "D785"})
_CHAINED_SINCE = ("10.1.184.15", "10.1.198.19", "10.1.215.13")
_UXM = {"UXM": "firmware/snomUXM-2.1.1.bin"}


def _modules(version: str) -> Mapping[str, str]:
    """Return the images of expansion modules. UXM is the one of all phones but those with a D7C or D8C."""
    match version:
        case "10.1.46.16" | "10.1.49.11" | "10.1.51.12" | "10.1.54.13":
            return _UXM
        case "10.1.101.11" | "10.1.141.13" | "10.1.152.12" | "10.1.159.12" | "10.1.175.16":
            return {**_UXM, "D7C": "firmware/snomD7C-1.1.1-r.bin"}
        case "10.1.184.15":
            return {kind: f"firmware/snom{kind}-1.5.3-r.bin" for kind in ("D7C", "D8C")}
        case "10.1.198.19" | "10.1.215.13":
            return {kind: f"firmware/snom{kind}-1.6.1-r.bin" for kind in ("D7C", "D8C")}
    return {}


def _images(version: str, models: list[str]) -> Iterator[tuple[str, str]]:
    for model in models:
        end = "r.swu" if model in _QT_IMAGES else "f.bin" if model in _FLASH_IMAGES else "r.bin"
        yield model, f"firmware/snom{model}-{version}-SIP-{end}"
        if model in _CHAINED and version in _CHAINED_SINCE:
            yield f"{RAMDISK} {model}", f"firmware/snom{model}-ramdisk-chained-update-r.bin"
    yield from _modules(version).items()


def _desk(version: str, models: str) -> Release:
    return Release(
        plugin=f"snom-{version}",
        generation=version,
        firmware=dict.fromkeys(models.split(), version),
        honours=_HONOURS_DESK,
        models=rows(version),
        images=dict(_images(version, models.split())),
        oldest="7.0.0.0",  # before it there were no XML files
        family=DESK_FAMILY,
    )


def _dect(version: str, models: str) -> Release:
    dect = DECT[version]
    return Release(
        plugin=f"snom-{version}",
        generation=version,
        firmware=dict.fromkeys(models.split(), version),
        honours=_HONOURS_BASE,
        models=rows(version),
        images={model: dect.image(model) for model in (*models.split(), *dect.handsets)},
        oldest="05.00.0001",
        family=DECT_FAMILY,
        aliases=frozenset({f"snom-dect-{version}"}),
    )


RELEASES = (
    _dect("05.20.0001", "M900 M700 M300"),
    _dect("07.40.0104", "M400 M900"),
    _desk("8.7.5.35", "300 320 370 710 715 720 725 760 D765 820 821 870 MP PA1"),
    _desk("8.9.3.40", "D745"),
    _desk("8.9.3.60", "D305 D315 D345 D375"),
    _desk("8.9.3.80", "D305 D315 D345 D375 710 D712 715 720 725 D745 760 D765"),
    _desk("10.1.20.0", "D785"),
    _desk("10.1.26.1", "D735"),
    _desk("10.1.39.11", "D375 715 D717 725 D735 D745 D765 D785"),
    *(
        _desk(version, "D120 D305 D315 D335 D345 D375 D385 D712 715 D717 725 D735 D745 D765 D785")
        for version in ("10.1.46.16", "10.1.49.11", "10.1.51.12", "10.1.54.13")
    ),
    _desk("10.1.101.11", "D315 D335 D345 D385 D712 715 D717 725 D735 D785"),
    *(
        _desk(version, "D315 D335 D345 D385 D712 D713 715 D717 725 D735 D785 D862 D865")
        for version in ("10.1.141.13", "10.1.152.12", "10.1.159.12", "10.1.175.16")
    ),
    _desk("10.1.184.15", "D140 D150 D315 D335 D385 D712 D713 715 D717 D735 D785 D812 D815 D862 D865"),
    _desk("10.1.198.19", "D140 D150 D315 D335 D385 D713 715 D717 D735 D785 D812 D815 D862 D865"),
    _desk("10.1.215.13", "D140 D150 D335 D385 D713 715 D717 D735 D785 D810 D812 D815 D862 D865 D892"),
)
