"""The one family of errors that vj raises on purpose.

Every message is one line that says what went wrong, where, what was found and what was expected; the command line
prints it without a traceback and exits with the class's `exit_code`.
"""

#: Characters of a message; what is longer quotes a stranger's file.
_LONGEST = 2000


def one_line(text: str) -> str:
    """A text as a terminal can show it in a line: letters that move the cursor as Python writes them, not too long."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class VjError(Exception):
    """Something the user can act on. Subclasses only sort it by where it came from.

    Its text is one line that a terminal can show, whatever of a stranger's file it quotes.
    """

    exit_code = 1

    def __str__(self) -> str:
        return one_line(super().__str__())


class UsageError(VjError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class MediaError(VjError):
    """An audio or video file that cannot be read or written."""


class ModelError(VjError):
    """A network file that is damaged, unsafe or not a StyleGAN2."""


class PresetError(VjError):
    """A preset or parameter value that does not fit the registry."""


class ShaderError(VjError):
    """An ISF file that does not parse, compile or draw."""


class GraphicsError(VjError):
    """No OpenGL context can be had, or it was lost."""


class WorkerError(VjError):
    """A worker process failed or stopped answering."""


class DatasetError(VjError):
    """A data set that is damaged or unfinished, or that cannot be written."""


class TrainingError(VjError):
    """A training that cannot begin, go on or be resumed."""


class ControlError(VjError):
    """A message or mapping that asks for what there is not, or a port that cannot be opened."""


class ShowError(VjError):
    """What ends a show: there is nothing left to play."""
