"""Serving: the second half of the chain. It is known who asks, and by which plugin; which file is it?"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from attrs import frozen

from provserver.core.access import Access
from provserver.core.access.judging import Judged
from provserver.core.access.proofs import Shown
from provserver.core.base_url import base_url
from provserver.core.refused import Refused
from provserver.core.resolve import COMMON_CONFIG, config_of, refusal
from provserver.core.surroundings import Surroundings
from provserver.core.waiting import Dressed
from provserver.errors import BadTemplate, Invalid, NotFound, Unfit
from provserver.interfaces import IVendorPlugin
from provserver.model import (
    NOTHING,
    Config,
    Device,
    Facts,
    File,
    FileRule,
    Proof,
    Put,
    Settings,
    Sighting,
    Step,
    Upload,
)


@frozen
class Asker:
    """Who asks, as the first half of the chain found it."""

    sighting: Sighting
    device: Device | None
    facts: Facts
    shown: Shown
    judged: Judged
    local: bool  # from an allowed network

    @property
    def granted(self) -> Access:
        return self.judged.granted


@frozen
class Served:
    """`fetched`: the device's own file that was made, as its presence notes it."""

    file: File | None = None
    upload: Upload | None = None
    fetched: tuple[FileRule, File, Settings] | None = None
    given: tuple[Put, ...] = ()  # slots that are in the file, and must be committed before it is answered


class Serving:
    def __init__(self, around: Surroundings, get_config: Callable[[str], Config | None], keep: bool) -> None:
        """`get_config` also gives a config that is only about to be made; `keep`: a rendered file may be kept for
        the next time."""
        self._around = around
        self._get_config = get_config
        self._keep = keep

    def serve(self, asker: Asker, plugin: IVendorPlugin, steps: list[Step]) -> Served:
        """
        Find and make what is asked for; what was done is added to the steps.

        Raises:
            Refused: with the step that is not in `steps` yet.
        """
        if asker.sighting.protocol == "sip":
            return Served(self._url(asker, steps))
        rule = self._find(asker, plugin, steps)
        if rule.source == "upload":
            return Served(upload=self._upload(asker, plugin, rule, steps))
        if rule.source in ("static", "firmware"):
            return Served(self._stored(plugin, rule))
        return self._render(asker, plugin, rule, steps)

    def _find(self, asker: Asker, plugin: IVendorPlugin, steps: list[Step]) -> FileRule:
        path, method = asker.sighting.path, asker.sighting.method
        rule = plugin.file_for(path, "GET" if method == "HEAD" else method, asker.facts, asker.device)
        if rule is None:
            raise Refused(Step("find", "find.no-rule", (plugin.id, path)))
        if rule.secret and asker.granted.level != "all":
            raise Refused(Step("find", "find.secret", (rule.name,)))
        if rule.source in ("device", "upload") and asker.device is None:
            raise Refused(Step("find", "find.unknown-device", (rule.name,)))
        steps.append(Step("find", "find.found", (rule.name, rule.source)))
        return rule

    def _stored(self, plugin: IVendorPlugin, rule: FileRule) -> File:
        if rule.source == "firmware" and not self._around.firmware.may_upgrade(plugin):
            raise Refused(Step("find", "find.no-upgrades", (plugin.id, rule.name)))
        stored = self._around.files.file(plugin.id, rule.template or rule.name)
        if stored is None:
            raise Refused(Step("find", "find.no-file", (plugin.id, rule.name)))
        return File(rule.name, rule.media_type, stored.etag, stored.size, stored.modified, place=stored.place)

    def _render(self, asker: Asker, plugin: IVendorPlugin, rule: FileRule, steps: list[Step]) -> Served:
        device = asker.device if rule.source == "device" else None
        url = self._base_url(asker, rule)
        at = asker.sighting.at
        today = datetime.fromtimestamp(at, UTC).date()
        around = self._around
        try:
            said = self._settings(device, url)
            dressed = self._dressed(asker, plugin, device, said)
            settings = around.firmware.tell(plugin, dressed.settings)
            file = around.renderer.render(plugin, rule, device, settings, today, at, keep=self._keep)
        except (NotFound, Invalid) as problem:
            config_id = device.config if device else COMMON_CONFIG
            return self._last_good(device, rule, url, refusal(config_id, problem), steps)
        except (Unfit, BadTemplate) as problem:
            return self._last_good(
                device, rule, url, Step("render", problem.reason_id, (str(problem),)), steps
            )
        if device and self._keep and dressed.settings is said:  # a slot may be another phone's tomorrow
            around.last_good.put(device, url, file)
        steps += [*dressed.steps, Step("render", "render.done", (file.name, str(file.size), file.etag))]
        return Served(file, fetched=(rule, file, settings) if device else None, given=dressed.puts)

    def _dressed(
        self, asker: Asker, plugin: IVendorPlugin, device: Device | None, settings: Settings
    ) -> Dressed:
        """A sighting below what the policy asks changes nothing, and hears no account either."""
        if device is None or asker.granted.level != "all":
            return Dressed(settings)
        return self._around.waiting.dress(device, plugin, settings, self._get_config, asker.sighting.at)

    def _last_good(
        self, device: Device | None, rule: FileRule, url: str, refused: Step, steps: list[Step]
    ) -> Served:
        """Return the file that was last made for the device. It does not count as fetched: it is not what the
        settings say now."""
        is_here = device and refused.reason_id not in ("render.no-config", "render.config-missing")
        file = self._around.last_good.get(device, url, rule.name) if device and is_here else None
        if file is None:
            raise Refused(refused)
        steps += [refused, Step("render", "render.last-good", (file.name, file.etag))]
        return Served(file)

    def _url(self, asker: Asker, steps: list[Step]) -> File:
        """Return where to ask, which is all that SIP PnP wants to know. The key is in it only for a known device, as
        in a file of its own."""
        rule = FileRule("device" if asker.device else "common", "url", media_type="application/url")
        around = self._around
        public = base_url(asker.sighting, around.advertised_url, around.http_port, None, around.http_scheme)
        steps.append(Step("find", "find.url", (public,)))
        body = f"{self._base_url(asker, rule)}/".encode()
        return File(rule.name, rule.media_type, sha256(body).hexdigest(), len(body), asker.sighting.at, body)

    def _upload(self, asker: Asker, plugin: IVendorPlugin, rule: FileRule, steps: list[Step]) -> Upload:
        if asker.sighting.protocol not in self._around.uploads_by:
            raise Refused(Step("find", "find.no-uploads", (plugin.id, rule.name)))
        assert asker.device
        steps.append(Step("find", "find.upload", (rule.name,)))
        return Upload(asker.device.id, asker.device.mac, rule.name, rule.most_bytes)

    def _settings(self, device: Device | None, url: str) -> Settings:
        own = device.passwords if device else NOTHING
        return self._around.resolver.settings(config_of(device), url, self._get_config, own)

    def _base_url(self, asker: Asker, rule: FileRule) -> str:
        """Return where the phone is told to ask. What opens the next stage is in it only where it was earned: the
        device's token in place of the tenant's key."""
        shown, judged, own = asker.shown, asker.judged, rule.source == "device"
        plug_and_play = asker.local and judged.policy.local == Proof.NONE and own
        earned = shown.key_of is not None or judged.granted.proof >= Proof.TOKEN or plug_and_play
        token = shown.pairing.token if shown.pairing and shown.in_path else judged.handed if own else ""
        around = self._around
        secret = token or (judged.owner.key if earned else None)
        return base_url(asker.sighting, around.advertised_url, around.http_port, secret, around.http_scheme)
