"""Packaging; what is worth knowing about it stands in docs/decisions.md."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """In a wheel the bundled vendor folders lie in `provserver/vendors/`, in a checkout in `plugins/`."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for folder in sorted(Path("plugins").iterdir()):
            if (folder / "__init__.py").is_file():
                shutil.copytree(
                    folder,
                    Path(self.build_lib, "provserver/vendors", folder.name),
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__"),
                )


setup(
    name="provd",
    version=re.search(r'__version__ = "(.+)"', Path("provserver/__init__.py").read_text()).group(1),
    description="The phone provisioning server: plug a phone in, dial a code, done",
    long_description=Path("README.md").read_text(),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    # The one mapping that makes an editable install a plain path entry, which Twisted's plugin search needs.
    package_dir={"": "."},
    packages=[*find_packages(include=["provserver", "provserver.*"]), "twisted.plugins"],
    package_data={"provserver": ["py.typed"]},
    cmdclass={"build_py": BuildPy},
    install_requires=[
        "twisted[tls]>=24.7",
        "service-identity>=24.1",
        "pyopenssl>=24.3",
        "cryptography>=42",
        "klein>=24.8",
        "jinja2>=3.1",
        "zope.interface>=6.0",
        "attrs>=23.2",
        "msgspec>=0.18.6",
    ],
    extras_require={
        "test": [
            "pytest>=8",
            "pytest-xdist>=3.5",
            "pytest-cov>=7",
            "coverage>=7.10",
            "hypothesis>=6.100",
            "treq>=24.9",
            "mypy>=1.18,<2.5",
            "mypy-zope>=1.0.14",
            "ruff>=0.9",
            "build>=1.2",
            "schemathesis>=4.32",
            "openapi-spec-validator>=0.7",
            "pyyaml>=6",
            "types-pyyaml",
        ],
    },
    entry_points={
        "console_scripts": [
            "provd-phone = provserver.phone.command:main",
            "provd-dhcp = provserver.dhcp.command:main",
            "provd-lease = provserver.dhcp.hook:main",
            "provd-token = provserver.auth.command:main",
            "provd-store = provserver.store.command:main",
            "provd-pbx = provserver.pbx.command:main",
        ]
    },
)
