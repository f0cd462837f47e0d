"""Locales."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors.locales import country, date_order, pick


class LocalesTests(SynchronousTestCase):
    def test_the_locale_is_looked_up_before_its_language(self) -> None:
        """A Canadian reads French; a Taiwanese reads other characters than a Chinese."""
        table = {"fr": "French", "zh": "Chinese_S", "zh_TW": "Chinese_T"}
        for locale, word in (("fr_CA", "French"), ("zh_TW", "Chinese_T"), ("zh_CN", "Chinese_S"), ("", None)):
            self.assertEqual(pick(table, locale), word)

    def test_dates_are_ordered_as_the_country_does(self) -> None:
        """03/04 is the third of April nearly everywhere, and the fourth of March in the United States."""
        for locale, order in (
            ("de_DE", "day-month-year"),
            ("en_GB", "day-month-year"),
            ("en_US", "month-day-year"),
            ("es_PR", "month-day-year"),
            ("fr_CA", "year-month-day"),
            ("fr_FR", "day-month-year"),
            ("sv_SE", "year-month-day"),
            ("", "day-month-year"),
        ):
            self.assertEqual(date_order(locale), order, locale)

    def test_the_country_of_a_longer_name(self) -> None:
        """The reference lets `fr_FRxx` pass, so stored configs may hold it."""
        self.assertEqual([country(text) for text in ("fr_FR", "fr_FRxx", "fr")], ["FR", "FR", ""])
