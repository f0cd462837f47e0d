"""The one contract test of IDisk and IFile: every provider's own test inherits it."""

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.store.disk import IDisk, IFile, write_whole


class DiskContract(SynchronousTestCase):
    def provider(self) -> IDisk:
        """Return an empty folder that is locked."""
        raise NotImplementedError

    def setUp(self) -> None:
        self.disk = self.provider()

    def names(self) -> set[str]:
        return set(self.disk.names()) - {"lock"}

    def test_they_provide_the_interfaces(self) -> None:
        """The store relies on nothing else."""
        verifyObject(IDisk, self.disk)
        file = self.disk.create("a")
        verifyObject(IFile, file)
        file.close()

    def test_a_file_is_written_cut_and_gone_on_with(self) -> None:
        """All that a journal needs."""
        file = self.disk.create("a")
        file.write(b"one\r\ntwo\n\nthr")
        file.sync()
        self.assertEqual(file.size, 13)
        self.assertEqual(list(self.disk.lines("a")), [b"one\r\n", b"two\n", b"\n", b"thr"])
        file.cut(4)
        file.write(b"!\n")
        file.close()
        again = self.disk.append("a")
        self.assertEqual(again.size, 6)
        again.write(b"end")
        again.close()
        self.assertEqual(list(self.disk.lines("a")), [b"one\r!\n", b"end"])
        self.disk.create("a").close()
        self.assertEqual(list(self.disk.lines("a")), [])

    def test_names_change_at_once(self) -> None:
        """And a new name takes the place of what had it."""
        for name in "ab":
            file = self.disk.create(name)
            file.write(name.encode())
            file.close()
        self.disk.rename("a", "b")
        self.disk.sync_names()
        self.assertEqual(self.names(), {"b"})
        self.assertEqual(list(self.disk.lines("b")), [b"a"])
        self.disk.remove("b")
        self.assertEqual(self.names(), set())

    def test_a_file_that_is_not_there_is_an_error(self) -> None:
        """The store catches OSError, and nothing else."""
        self.assertRaises(OSError, self.disk.remove, "a")
        self.assertRaises(OSError, self.disk.append, "a")
        self.assertRaises(OSError, self.disk.rename, "a", "b")
        self.assertRaises(OSError, lambda: list(self.disk.lines("a")))

    def test_a_file_that_is_written_whole_is_open_at_its_end(self) -> None:
        """The first line of a journal is there before the journal is."""
        file = write_whole(self.disk, "a", [b"one\n", b"two\n"])
        self.assertEqual((self.names(), file.size), ({"a"}, 8))
        file.write(b"three\n")
        file.close()
        self.assertEqual(list(self.disk.lines("a")), [b"one\n", b"two\n", b"three\n"])

    def test_a_message_names_the_file(self) -> None:
        """An administrator must find it."""
        self.assertTrue(self.disk.shown("a").endswith("/a"))
        self.assertTrue(self.disk.shown("a").startswith(self.disk.shown().rstrip("/")))

    def test_to_lock_twice_is_to_lock_once(self) -> None:
        """A start locks before it binds its ports, and `load` makes sure."""
        self.disk.lock()
        self.disk.unlock()
        self.disk.unlock()
        self.disk.lock()
