"""Fitness: can a device's own files be made of its settings? Asked by whoever lists devices, so it is remembered."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date

from attrs import frozen

from provserver.core.render import Renderer
from provserver.errors import BadTemplate, Unfit
from provserver.interfaces import IVendorPlugin
from provserver.model import Device, Settings, Step

_REMEMBERED = 10_000  # devices, of which each takes about half a kilobyte


@frozen
class _Verdict:
    problem: Step | None
    texts: Mapping[str, str | None]  # the templates that were looked up


class Fitness:
    def __init__(self, renderer: Renderer, today: Callable[[], date]) -> None:
        self._renderer = renderer
        self._today = today
        self._verdicts: OrderedDict[bytes, _Verdict] = OrderedDict()

    def problem(self, plugin: IVendorPlugin, device: Device, settings: Settings) -> Step | None:
        """Return the step that would refuse one of the device's own files, None where all can be made."""
        today = self._today()
        key = self._renderer.seen(plugin, None, device, settings, today.year)
        verdict = self._verdicts.get(key)
        if verdict and self._renderer.templates(plugin).are(verdict.texts):
            return verdict.problem
        verdict = self._judged(plugin, device, settings, today)
        self._verdicts[key] = verdict
        if len(self._verdicts) > _REMEMBERED:
            self._verdicts.popitem(last=False)
        return verdict.problem

    def _judged(self, plugin: IVendorPlugin, device: Device, settings: Settings, today: date) -> _Verdict:
        templates = self._renderer.templates(plugin)
        try:
            for rule in plugin.own_files(device):
                self._renderer.body(plugin, rule, device, settings, today, templates)
        except (Unfit, BadTemplate) as problem:
            return _Verdict(Step("render", problem.reason_id, (str(problem),)), templates.texts)
        return _Verdict(None, templates.texts)
