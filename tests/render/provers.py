"""What stands in for the proving process where the window's thread is tested."""

from vj.core.errors import ShaderError
from vj.render.isf.shader import load
from vj.show.admission import Admission
from vj.show.prover import Verdict


class Trusting:
    """Says yes to whatever can be read from a file, or is `given` for its path. `asked` are the questions."""

    def __init__(self):
        self.given, self.asked, self._answers = {}, [], []

    def ask(self, question):
        self.asked.append(question)
        try:
            shader = self.given.get(str(question.path)) or load(question.path, question.name)
        except ShaderError as e:
            self._answers.append(Verdict(question.path, error=e))
        else:
            self._answers.append(Verdict(question.path, shader))

    def answers(self):
        found, self._answers = self._answers, []
        return found


def everyone(session):
    """All shaders of a session may be drawn, and what is edited is read."""
    return Admission(Trusting(), session.shaders.values())
