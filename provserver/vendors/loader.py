"""
Loads vendor folders by path, each under a name of its own, and checks what they promise.

A vendor folder has `__init__.py` and `identify.py`; whatever else lies beside it is passed over.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import invalidate_caches
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from os.path import isfile
from pathlib import Path
from traceback import walk_tb
from types import MappingProxyType, ModuleType

from attrs import field, frozen
from zope.interface import Interface
from zope.interface.exceptions import Invalid as Unimplemented
from zope.interface.verify import verifyObject

from provserver.address import normal_mac
from provserver.core.identify import FACTS, ORDER
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Fingerprint

_MOST_TEXT = 300  # characters of what an exception says
_numbers = count(1)


@frozen
class Broken:
    folder: str
    text: str  # one line: `plugins/acme/models.py line 12: SyntaxError: invalid syntax`


@frozen
class Loaded:
    vendors: tuple[IVendor, ...]  # by id
    plugins: Mapping[str, IVendorPlugin]
    broken: tuple[Broken, ...]
    modules: Mapping[str, str] = field(repr=False)  # vendor id -> name of its code in `sys.modules`


class _Unkept(Exception):
    """A vendor does not keep what the contract promises; `file` is the one to look into."""

    def __init__(self, text: str, file: str = "__init__.py") -> None:
        super().__init__(text)
        self.file = file


def bundled() -> Path:
    """Return the folder of the bundled vendor folders: `plugins/` of a checkout, in a wheel the one of this file."""
    checkout = Path(__file__).parents[2] / "plugins"
    return checkout if (checkout / ".provd-vendors").is_file() else Path(__file__).parent


def load(folders: Sequence[Path], before: Loaded | None) -> Loaded:
    """
    Load every vendor folder that lies in one of `folders`, all anew. It blocks.

    Of two vendor folders with the same name the one in the later of `folders` is taken: an administrator's replaces
    a bundled one. Of a broken one the vendor that `before` had stays; the others are not touched.

    Raises:
        OSError: one of `folders` is there and cannot be listed.
    """
    invalidate_caches()
    vendors: dict[str, IVendor] = {}
    plugins: dict[str, IVendorPlugin] = {}
    modules: dict[str, str] = {}
    broken = []
    old = before or Loaded((), {}, (), {})
    for name, folder in sorted(_vendor_folders(folders).items()):
        module_name = f"provd_vendor_{next(_numbers)}_{name}"
        try:
            vendor = _checked(_imported(folder, module_name), name, plugins)
        except (Exception, SystemExit) as problem:  # it is foreign code: it may raise whatever Python can
            broken.append(Broken(name, _told(problem, folder)))
            _forget(module_name)
            if name not in old.modules:
                continue
            vendor = next(vendor for vendor in old.vendors if vendor.id == name)
            module_name = old.modules[name]
        vendors[name], modules[name] = vendor, module_name
        plugins.update((plugin.id, plugin) for plugin in vendor.plugins)
    for module_name in set(old.modules.values()) - set(modules.values()):
        _forget(module_name)
    return Loaded(
        tuple(vendors.values()), MappingProxyType(plugins), tuple(broken), MappingProxyType(modules)
    )


def _vendor_folders(folders: Iterable[Path]) -> dict[str, Path]:
    return {
        folder.name: folder
        for parent in folders
        if parent.is_dir()
        for folder in parent.resolve().iterdir()
        if not folder.name.startswith(".")
        if isfile(folder / "__init__.py") and isfile(folder / "identify.py")
    }


# --- code --------------------------------------------------------------------------------------------------


def _imported(folder: Path, module_name: str) -> ModuleType:
    spec = spec_from_file_location(
        module_name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[module_name] = module  # its relative imports look for it here
    spec.loader.exec_module(module)
    return module


def _forget(module_name: str) -> None:
    for name in [*sys.modules]:
        if name == module_name or name.startswith(f"{module_name}."):
            del sys.modules[name]


def _told(problem: BaseException, folder: Path) -> str:
    """Return one line that names the file of the folder, and the line, where the problem is."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(problem.__traceback__)]
    said = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, SyntaxError):
        places.append((problem.filename or "", problem.lineno or 0))
        said = f"{type(problem).__name__}: {problem.msg}"
    elif isinstance(problem, _Unkept):
        places.append((str(folder / problem.file), 0))
        said = str(problem)
    own = [(Path(file), line) for file, line in places if Path(file).is_relative_to(folder)]
    file, line = own[-1] if own else (folder / "__init__.py", 0)
    where = f"{file.relative_to(folder.parent.parent)}{f' line {line}' if line else ''}"
    said = re.sub(r"\bprovd_vendor_\d+_", "", said).replace(f"{folder.parent.parent}/", "")
    return f"{where}: {' '.join(said.split())[:_MOST_TEXT]}"


# --- the contract ------------------------------------------------------------------------------------------


def _checked(module: ModuleType, name: str, taken: Mapping[str, IVendorPlugin]) -> IVendor:
    """
    Return the module's vendor.

    Raises:
        _Unkept: it is none, or something in it is not as the interfaces and the model say.
    """
    if not hasattr(module, "vendor"):
        raise _Unkept("there is no `vendor` in it")
    vendor: IVendor = module.vendor
    _verify(IVendor, vendor, "`vendor`")
    if vendor.id != name:
        raise _Unkept(f"the vendor's id is {vendor.id!r}, its folder is {name!r}")
    for row in vendor.fingerprints:
        _check_fingerprint(row)
    seen = set(taken)
    for plugin in vendor.plugins:
        _verify(IVendorPlugin, plugin, "a plugin")
        if not re.fullmatch(rf"{re.escape(name)}-[\w.-]+", plugin.id):
            raise _Unkept(f"plugin {plugin.id!r} is not named {name}-…", "releases.py")
        if plugin.id in seen:
            raise _Unkept(f"there are two plugins {plugin.id!r}", "releases.py")
        seen.add(plugin.id)
    return vendor


def _verify(interface: type[Interface], thing: object, what: str) -> None:
    try:
        verifyObject(interface, thing)
    except Unimplemented as problem:
        reasons = str(problem).partition(" has failed to implement interface ")[2]
        reasons = (
            reasons.replace(f"{interface.__module__}.", "").replace(":\n    ", ": ").replace("\n    ", "; ")
        )
        raise _Unkept(f"{what} is no {reasons}") from None


def _check_fingerprint(row: Fingerprint) -> None:
    row_name = f"fingerprint {row.where} {row.literal!r}"
    if row.where not in ORDER:
        raise _Unkept(f"{row_name}: expected one of {', '.join(ORDER)}", "identify.py")
    if not row.literal or row.literal != row.literal.lower():
        raise _Unkept(f"{row_name}: the literal must be lower-case text", "identify.py")
    try:
        pattern = re.compile(row.pattern, re.IGNORECASE)
    except re.error as problem:
        raise _Unkept(f"{row_name}: pattern {row.pattern!r}: {problem}", "identify.py") from None
    unknown = {*pattern.groupindex, *row.gives} - {*FACTS}
    if unknown:
        raise _Unkept(
            f"{row_name}: {', '.join(sorted(unknown))} is none of {', '.join(FACTS)}", "identify.py"
        )
    for text, expected in row.examples:
        match = pattern.search(text) if row.literal in text.lower() else None
        found = _facts(row, match) if match else {}
        if found != dict(expected):
            raise _Unkept(
                f"{row_name}: example {text!r} gives {found}, expected {dict(expected)}", "identify.py"
            )


def _facts(row: Fingerprint, match: re.Match[str]) -> dict[str, str]:
    facts = {**row.gives, **{name: value for name, value in match.groupdict().items() if value}}
    return {name: normal_mac(value) if name == "mac" else value for name, value in facts.items()}
