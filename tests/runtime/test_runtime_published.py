"""A reference between two threads: what the reader holds is known, and neither waits."""

from vj.runtime.published import Published


class Closable:
    def __init__(self):
        self.closed = False


def test_what_is_read_is_in_use_until_it_is_let_go():
    one, first, second = Published(), Closable(), Closable()
    with one.reading() as seen:
        assert seen is None
    one.replace(first)
    with one.reading() as seen:
        assert seen is first
        assert one.replace(second) is first
        assert one.in_use(first)
        assert not one.in_use(second)
    assert not one.in_use(first)
    with one.reading() as seen:
        assert seen is second


def test_a_reader_that_raises_lets_go():
    one, first = Published(), Closable()
    one.replace(first)
    try:
        with one.reading():
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert not one.in_use(first)


class ReplacedWhileAnnouncing(Published):
    """The writer replaces and closes between the reader's look and its announcement: the worst moment."""

    def __setattr__(self, name, value):
        if name == "_announced" and value is not None and not value.closed:
            assert self.replace(None) is value
            assert not self.in_use(value)
            value.closed = True
        super().__setattr__(name, value)


def test_a_value_that_was_closed_before_it_was_announced_is_not_given():
    one = ReplacedWhileAnnouncing()
    one.replace(Closable())
    with one.reading() as seen:
        assert seen is None
