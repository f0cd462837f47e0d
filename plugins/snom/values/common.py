"""What the phones of a plugin share: where to go on, which languages there are, what is the same for all."""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from provserver.vendors.table import FIRMWARE, Draft

from ..releases import RAMDISK, WITH_LANGUAGES, Dect
from .keys import LAST_KEY, FunctionKey
from .words import LANGUAGE_PACKS, LANGUAGES, Setting, dect_of

_NAME = re.compile(r"snom(?P<model>[^-.]+)(?:-(?P<mac>[0-9A-F]{12}))?")
_MODULE_OF = {"D717": "D7C", "D735": "D7C", "D785": "D7C"}  # else that of its series

_DESK: Mapping[str, object] = {
    "auto_reboot_on_setting_change": "on",  # the first, so that it holds for those that follow
    # Not `dhcp:stop`, as in the reference: with it a URL that somebody typed is forgotten.
    "provisioning_order": "dhcp:proceed redirection:stop",
    "webserver_type": "https",
    "retry_after_failed_register": "5:60",
    "date_us_format": "off",
    "time_24_format": "on",
    "dialnumber_us_format": "off",
    "always_show_active_call": "off",
    "transfer_on_hangup": "off",
    "transfer_on_hangup_non_pots": "off",
    "quick_transfer": "attended",
    "transfer_dialing_on_other": "attended",
    "mute_is_dnd_in_idle": "on",
    "display_method": "display_name_number",
    "pnp_config": "off",
    "subscription_delay": 0,  # an earlier firmware may have been told otherwise
    "mwi_dialtone": "normal",
    "cw_dialtone": "off",
    "network_id_port": 5060,
    "answer_after_policy": "idle",
    "led_call_indicator_usage": "PhoneHasCallInStateRinging PhoneHasCall",
    "d7_state_format": "",
    "call_completion": "off",
    "challenge_response": "off",
    "filter_registrar": "off",
    "user_phone": "off",
}
_DESK_IDENTITIES = 12  # of the largest model
# Every line that a base can have, with its PIN, for the template to unpack.
_BASE_LINES = tuple((number, f"{number:04}") for number in range(1, 1001))


def container(draft: Draft) -> Mapping[str, object]:
    """The common files come before the settings of the device, which so have the last word."""
    model, mac = _named(draft)
    dect = dect_of(draft)
    if mac:
        return {"names": (f"{mac}.xml",)}
    if dect:
        return {"names": (_firmware_list(model, dect), "snom-general.xml", f"snom{model}.xml")}
    return {"names": ("snom-general.xml", f"snom{model}.xml", "gui_lang.xml", "web_lang.xml")}


def status(draft: Draft) -> Mapping[str, object]:
    """A container that named an image itself would have it loaded at each start."""
    dect = dect_of(draft)
    return {"is_base": dect is not None, "firmware_list": _firmware_list(_named(draft)[0], dect)}


def languages(draft: Draft) -> Mapping[str, object]:
    """Firmware without packs has its languages built in: the empty list makes it forget another server's."""
    packs = LANGUAGE_PACKS if draft.release.generation in WITH_LANGUAGES else {}
    return {
        "what": draft.rule.name.partition("_")[0],
        "languages": tuple((code, LANGUAGES[language]) for code, language in packs.items()),
    }


def general(draft: Draft) -> Mapping[str, object]:
    """What is not repeated in a device's own file is taken back here: identities, and functions of keys."""
    dect = dect_of(draft)
    keys = () if dect else tuple(FunctionKey(idx, "line", perm="RW") for idx in range(LAST_KEY))
    return {
        "whole_base": dect is not None,
        "phone_settings": tuple(_base_settings() if dect else _desk_settings(draft)),
        "base_lines": _BASE_LINES if dect else (),
        "function_keys": keys,
    }


def _desk_settings(draft: Draft) -> Iterator[Setting]:
    for name, value in _DESK.items():
        yield Setting(name, value)
    yield Setting("admin_mode", "off", perm="RW")  # with R nobody could turn it on again
    told = bool(draft.settings.values.get(FIRMWARE))
    yield Setting("update_policy", "auto_update" if told else "settings_only")
    for number in range(1, _DESK_IDENTITIES + 1):
        yield Setting("user_active", "off", number)


def _base_settings() -> Iterator[Setting]:
    for name, value in (
        ("auto_dect_register", "on"),
        ("pnp_config", "off"),
        ("network_id_port", 5060),
        ("ac_code", "0000"),
    ):
        yield Setting(name, value, perm="")


# --- firmware ----------------------------------------------------------------------------------------------


@frozen
class Image:
    name: str  # of the element
    value: object
    handset: str = ""


def firmware(draft: Draft) -> Mapping[str, object]:
    dect = dect_of(draft)
    model = _named(draft)[0].upper()
    return {"images": tuple(_of_base(draft, dect, model) if dect else _of_phone(draft, model))}


def _of_phone(draft: Draft, model: str) -> Iterator[Image]:
    """`{mac}` is for the phone to fill in. What must run a small image first is given the real one's address with it,
    and without it nothing."""
    url = f"{draft.settings.base_url}/"
    image, first = draft.image(model), draft.image(f"{RAMDISK} {model}")
    if image and f"{RAMDISK} {model}" not in draft.release.images:
        yield Image("firmware", f"{url}{image}?mac={{mac}}")
    elif image and first:
        yield Image("firmware", f"{url}{first}?mac={{mac}}&chained_url={url}{image}%3Fmac%3D{{mac}}")
    row = draft.release.models.get(model)
    if row and row.module.most:
        kinds = ("D8C",) if model.startswith("D8") else (_MODULE_OF.get(model, "UXM"), "UXM")
        modules = (draft.image(kind) for kind in kinds)
        if module := next(filter(None, modules), None):
            yield Image("firmware_uxm", f"{url}{module}?mac={{mac}}")


def _of_base(draft: Draft, dect: Dect, model: str) -> Iterator[Image]:
    """A base makes the names of the images itself, from the address and the numbers."""
    handsets = [handset for handset in dect.handsets if draft.image(handset)]
    if draft.image(model) or handsets:
        yield Image("firmware", draft.settings.base_url)
    if draft.image(model):
        yield Image("fp_fwu_sw_version", dect.version)
        yield Image("fp_fwu_branch_version", dect.branch)
    for handset in handsets:
        yield Image("pp_fwu_sw_version", dect.version, handset)
        yield Image("pp_fwu_branch_version", dect.branch, handset)


def _firmware_list(model: str, dect: Dect | None) -> str:
    return f"snom{model}-firmware.{dect.list_end if dect else 'xml'}"


def _named(draft: Draft) -> tuple[str, str]:
    """Return the model in the name of the file as the phone wrote it, and the MAC address, or ""."""
    match = _NAME.match(draft.rule.name)
    assert match
    return match["model"], match["mac"] or ""
