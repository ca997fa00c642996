"""The proving process for whoever may wait: asked about one shader file after another, begun again where one ends."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vj.core.errors import GraphicsError, ShaderError, VjError, WorkerError
from vj.render import proving
from vj.render.isf.shader import IsfShader
from vj.render.proving import Limits
from vj.render.proving_process import taken
from vj.runtime.worker import Worker

#: What opening a graphics context may take.
_START_S = 60.0


class Examiner:
    """Raises GraphicsError where there is no OpenGL. To be closed, or used in `with`."""

    def __init__(self, limits: Limits = proving.OFFLINE, start: Callable[[Limits], Worker] = proving.start) -> None:
        self._limits, self._start = limits, start
        self._worker: Worker | None = None
        self._number = 0

    def prove(self, path: Path, size: tuple[int, int]) -> None:
        """Try a shader at `size`. Raises ShaderError: what is wrong with it, or the limit that it breaks."""
        _, _, _, pictures = self._ask(path, "prove", None, {}, size)
        # Whoever draws it decodes them once more, which is known now to be possible.
        taken(pictures)

    def check(self, path: Path) -> dict[str, Any]:
        """What `vj.render.shader_tools.check_one` says of a file. Raises ShaderError where a limit is broken."""
        result: dict[str, Any] = self._ask(path, "check")[2]
        return result

    def close(self) -> None:
        """End the process."""
        if self._worker:
            self._worker.kill()
            self._worker.close()
            self._worker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _ask(self, path: Path, kind: str, *more: object) -> tuple[Any, ...]:
        worker, doing = self._begun(), "reading it"
        self._number += 1
        worker.send((kind, self._number, path, *more))
        until_s = time.monotonic() + self._limits.total_s
        try:
            while worker.waiting(max(until_s - time.monotonic(), 0.0)):
                message = worker.receive(0.0)
                if message[0] == "refused":
                    raise ShaderError(message[2])
                if message[0] != "doing":
                    return message
                doing = message[2]
        except WorkerError as e:
            self.close()
            raise proving.crashed(str(path), doing, str(e), self._limits) from None
        self.close()
        raise proving.too_long(str(path), doing, self._limits)

    def _begun(self) -> Worker:
        if self._worker is None:
            self._worker = self._start(self._limits)
            try:
                self._worker.receive(_START_S)
            except VjError as e:
                self.close()
                raise (e if isinstance(e, GraphicsError) else GraphicsError(str(e))) from None
        return self._worker


def prove_all(shaders: Iterable[IsfShader], size: tuple[int, int], trusted: Path) -> None:
    """Try each shader that does not lie in the folder `trusted`. Raises ShaderError at the first that is refused."""
    strangers = [Path(shader.file) for shader in shaders if Path(shader.file).parent != trusted]
    if strangers:
        with Examiner() as examiner:
            for path in strangers:
                examiner.prove(path, size)
