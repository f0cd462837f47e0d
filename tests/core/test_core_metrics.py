"""metrics: the text format of Prometheus."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.metrics import Counts, Metric, exposition


class ExpositionTests(SynchronousTestCase):
    def test_each_metric_says_what_it_is(self) -> None:
        """By the format's description, version 0.0.4: HELP, TYPE, then the values; a line feed at the end."""
        counts = Counts()
        for labels in (("tftp", "file"), ("http", "file"), ("http", "file"), ("http", "nothing")):
            counts.add(*labels)
        text = exposition(
            (
                Metric(
                    "provd_requests_total", "counter", "Requests.", ("protocol", "outcome"), counts.values
                ),
                Metric("provd_sources", "gauge", "None yet.", ("state",)),
                Metric("provd_http_connections", "gauge", "Open ones.", (), {(): 3}),
            )
        )
        self.assertEqual(
            text,
            "# HELP provd_requests_total Requests.\n"
            "# TYPE provd_requests_total counter\n"
            'provd_requests_total{protocol="http",outcome="file"} 2\n'
            'provd_requests_total{protocol="http",outcome="nothing"} 1\n'
            'provd_requests_total{protocol="tftp",outcome="file"} 1\n'
            "# HELP provd_sources None yet.\n"
            "# TYPE provd_sources gauge\n"
            "# HELP provd_http_connections Open ones.\n"
            "# TYPE provd_http_connections gauge\n"
            "provd_http_connections 3\n",
        )

    def test_no_value_of_a_label_can_break_out(self) -> None:
        """A text that came from a phone must not become a line."""
        metric = Metric("m", "gauge", "x", ("a",), {('"\\\n} 1',): 1})
        self.assertEqual(exposition([metric]).splitlines()[-1], r'm{a="\"\\\n} 1"} 1')
