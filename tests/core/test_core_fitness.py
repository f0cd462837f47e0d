"""core.fitness: whether a device's files can be made is known before it asks, and costs little to know again."""

from datetime import date

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core import fitness as fitness_module
from provserver.core.fitness import Fitness
from provserver.model import Config, Device
from tests.core.rendering import DEVICE, SETTINGS, TODAY, Desk, Plugin
from tests.fakes.office import MAC, Office, json_of, own_config


class FitnessTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.days = [TODAY]

    def fitness(self, desk: Desk) -> Fitness:
        return Fitness(desk.renderer, lambda: self.days[-1])

    def test_what_would_be_refused_is_told(self) -> None:
        """With the step that the phone's request would end with."""
        fitness = self.fitness(Desk(a="{{ name }}\n"))
        self.assertIsNone(fitness.problem(Plugin(), DEVICE, SETTINGS))
        step = fitness.problem(Plugin(said={"name": "two\nlines"}), DEVICE, SETTINGS)
        assert step
        self.assertEqual((step.name, step.reason_id), ("render", "render.unfit"))
        broken = self.fitness(Desk(a="{{ nobody }}\n")).problem(Plugin(), DEVICE, SETTINGS)
        assert broken
        self.assertEqual(broken.reason_id, "render.bad-template")

    def test_it_is_made_once(self) -> None:
        """A list of 10,000 devices asks each time it is shown."""
        plugin = Plugin()
        fitness = self.fitness(Desk(a="{{ name }}\n"))
        for _ in range(3):
            fitness.problem(plugin, DEVICE, SETTINGS)
        self.assertEqual(len(plugin.asked), 1)
        self.days.append(date(2027, 1, 1))
        fitness.problem(plugin, DEVICE, SETTINGS)
        fitness.problem(plugin, evolve(DEVICE, model="A20"), SETTINGS)
        self.assertEqual(len(plugin.asked), 3)

    def test_a_new_template_is_tried(self) -> None:
        """The administrator mends it, and looks at the status."""
        desk = Desk(a="{{ nobody }}\n")
        plugin, fitness = Plugin(), self.fitness(desk)
        self.assertTrue(fitness.problem(plugin, DEVICE, SETTINGS))
        desk.files.override("acme-1", "a.tpl", "{{ name }}\n")
        self.assertIsNone(fitness.problem(plugin, DEVICE, SETTINGS))

    def test_what_is_remembered_is_bounded(self) -> None:
        """The longest known goes."""
        self.patch(fitness_module, "_REMEMBERED", 2)
        plugin = Plugin()
        fitness = self.fitness(Desk(a="{{ name }}\n"))
        for number in (1, 2, 3, 1):
            fitness.problem(plugin, evolve(DEVICE, id=f"d{number}"), SETTINGS)
        self.assertEqual(len(plugin.asked), 4)


class StatusTests(SynchronousTestCase):
    def test_a_setting_that_the_file_cannot_hold_is_named(self) -> None:
        """The device is not configured, and its status says by which setting."""
        office = Office()
        device = Device(
            "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"
        )
        office.put(device, own_config("c1"))
        self.assertTrue(office.provisioner.status(device).configured)
        office.put(Config("c1", raw=json_of({"sip_lines": {"1": {"display_name": "a\tb"}}})))
        status = office.provisioner.status(device)
        self.assertFalse(status.configured)
        (step,) = status.steps
        self.assertEqual(step.reason_id, "render.unfit")
        self.assertTrue(step.values[0].startswith("sip_lines.1.display_name: "))
