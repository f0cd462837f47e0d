"""How near a release is to a phone's firmware, and whom it does not serve."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.support import best
from provserver.model import Facts, Notify
from provserver.vendors.table import Model, Release, Vendor, names

_HONOURS = names("locale")


def release(version: str, models: str, family: str | None = None, oldest: str = "7.0.0.0") -> Release:
    return Release(
        f"acme-{version}",
        version,
        dict.fromkeys(models.split(), version),
        _HONOURS,
        family=family,
        oldest=oldest,
    )


ACME = Vendor(
    id="acme",
    name="Acme",
    version="1.0",
    folder="/vendors/acme",
    fingerprints=(),
    models={"A7": Model(lines=2), "B7": Model(lines=20)},
    releases=(
        release("05.20.0001", "B7", family=r"B\d+", oldest="05.00.0001"),
        release("8.7.5.35", "A7", family="(?!B).*"),
        release("8.9.3.80", "A7", family="(?!B).*"),
        release("10.1.39.11", "A7", family="(?!B).*"),
        release("10.1.215.13", "A7", family="(?!B).*"),
    ),
    files=(),
    values=lambda _draft: {},
    resync=Notify("check-sync"),
)


class ReleaseTests(SynchronousTestCase):
    def chosen(self, model: str | None, version: str | None = None) -> tuple[str, int] | None:
        support = best((ACME,), Facts(vendor="Acme", model=model, version=version))
        return (support.plugin.id, support.score) if support else None

    def test_the_first_number_that_differs_decides(self) -> None:
        """Counted together, 8.9.3.40 would be nearer to 8.7.5.35 than to 8.9.3.80."""
        for version, nearest in (
            ("8.7.5.35", "8.7.5.35"),
            ("8.7.3.19", "8.7.5.35"),
            ("8.9.3.40", "8.9.3.80"),
            ("10.1.33.33", "10.1.39.11"),
            ("10.1.200.0", "10.1.215.13"),
            ("10.1.215.16", "10.1.215.13"),
            ("11.0", "10.1.215.13"),
        ):
            found = self.chosen("A7", version)
            assert found
            self.assertEqual(found[0], f"acme-{nearest}", version)
            self.assertEqual(found[1] == 600, version == nearest, version)

    def test_leading_zeros_count_for_nothing(self) -> None:
        """Versions are numbers: `05.20.0001` is 5.20.1."""
        self.assertEqual(self.chosen("B7", "5.20.1"), ("acme-05.20.0001", 600))

    def test_firmware_that_cannot_read_the_files_is_not_served(self) -> None:
        """It would take what it can read of them, or nothing, and ask again for ever."""
        for model, old in (("A7", "6.5.20"), ("A9", "6.5.20"), ("B7", "04.99.0001"), (None, "6.9")):
            self.assertIsNone(self.chosen(model, old), model)
        for model, version in (("A7", "7.0.0.0"), ("B7", "05.00.0001"), ("A7", None)):
            self.assertIsNotNone(self.chosen(model, version), model)

    def test_a_release_may_serve_a_family_of_its_own(self) -> None:
        """A base that is newer than the tables gets a base's files, not those of a desk phone."""
        newest = "acme-10.1.215.13"
        for unknown, plugin in (("B99", "acme-05.20.0001"), ("A99", newest), (None, newest)):
            self.assertEqual(self.chosen(unknown), (plugin, 300), unknown)
