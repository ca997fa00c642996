"""A process that is none, for tests of who looks after it."""


class Pretended:
    """A worker that says and does what the test wants, and remembers what it is told."""

    def __init__(self, name="ears", inbox=()):
        self.name, self.pid, self.alive, self.killed = name, 7, True, False
        self.inbox, self.sent = list(inbox), []

    def waiting(self, timeout_s):
        assert timeout_s == 0.0, "who looks after others must not wait for one"
        return bool(self.inbox)

    def receive(self, timeout_s):
        message = self.inbox.pop(0)
        if isinstance(message, Exception):
            self.alive = False
            raise message
        return message

    def send(self, message):
        self.sent.append(message)

    def ask_to_end(self):
        pass

    def kill(self):
        self.killed, self.alive = True, False
