"""Which shaders the window may compile: vj's own as they came, and those that the proving process could draw."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from vj.core.errors import ShaderError
from vj.core.types import Params
from vj.render.isf.shader import IsfShader
from vj.show.prover import Question, Verdict


class Proves(Protocol):
    """Who is asked (`vj.show.prover.Prover`)."""

    def ask(self, question: Question) -> None:
        """Have a shader tried."""

    def answers(self) -> list[Verdict]:
        """What came of it, since the last call."""


class Admission:
    """Asks about each shader once, by its name; `trusted` are admitted without. Belongs to the window's thread."""

    def __init__(self, prover: Proves, trusted: Iterable[IsfShader]) -> None:
        self._prover = prover
        # By identity: a file that was read again is another shader.
        self._trusted = {shader.name: shader for shader in trusted}
        self._proven: dict[str, IsfShader] = {}
        self._asked: dict[str, IsfShader] = {}
        self._refused: dict[str, tuple[IsfShader, ShaderError]] = {}

    def trusts(self, shader: IsfShader) -> bool:
        """Whether it is one of those that were trusted from the beginning."""
        return self._trusted.get(shader.name) is shader

    def admitted(self, shaders: Sequence[IsfShader], size: tuple[int, int], p: Params) -> list[IsfShader]:
        """Those that may be compiled now; about the others it is asked, to be drawn at `size` with values of `p`."""
        for shader in shaders:
            if not self._is_known(shader):
                self._asked[shader.name] = shader
                self._prover.ask(Question(Path(shader.file), shader.name, size, _values(shader, p)))
        return [shader for shader in shaders if self._may(shader)]

    def edited(self, path: Path, name: str, known: IsfShader | None, size: tuple[int, int], p: Params) -> None:
        """The file of the shader `name` was changed, or is new. known: what was read from it before."""
        self._prover.ask(Question(path, name, size, _values(known, p) if known else {}))

    def refusal(self, shader: IsfShader) -> ShaderError | None:
        """Why it may not be compiled, where that is known."""
        refused, error = self._refused.get(shader.name, (None, None))
        return error if refused is shader else None

    def news(self) -> list[Verdict]:
        """Verdicts that came since the last call; each is to be taken."""
        return self._prover.answers()

    def take(self, verdict: Verdict, known: IsfShader | None) -> IsfShader:
        """The shader that a verdict admits: `known`, if that was asked about and its file is as it was.

        known  what was read from the file before
        Raises ShaderError where the verdict is that it may not.
        """
        asked = self._asked.pop(known.name) if known and self._asked.get(known.name) is known else None
        if verdict.error or not verdict.shader:
            error = verdict.error or ShaderError(f"{verdict.path}: holds no shader")
            if asked:
                self._refused[asked.name] = asked, error
            raise error
        shader = asked if asked == verdict.shader else verdict.shader
        assert shader is not None
        self._proven[shader.name] = shader
        return shader

    def _may(self, shader: IsfShader) -> bool:
        return self.trusts(shader) or self._proven.get(shader.name) is shader

    def _is_known(self, shader: IsfShader) -> bool:
        is_asked = self._asked.get(shader.name) is shader
        return self._may(shader) or is_asked or self.refusal(shader) is not None


def _values(shader: IsfShader, p: Params) -> dict[str, float]:
    return {id: p[id] for i in shader.inputs for id in i.ids if id in p}
