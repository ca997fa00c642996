"""The proving process as the supervisor holds it: a pretended one, on a clock that the test moves."""

from pathlib import Path

import pytest
from pretended import Pretended

from vj.core.errors import GraphicsError, ShaderError, WorkerError
from vj.render.isf.shader import parse
from vj.render.proving import Limits
from vj.show.admission import Admission
from vj.show.prover import Prover, Question, Verdict

LIMITS = Limits(total_s=10.0, frame_s=0.1, memory_bytes=1 << 30, buffer_bytes=1 << 20, picture_bytes=1 << 20)
A, B = Path("a.fs"), Path("b.fs")


def shader(name, text="void main() { gl_FragColor = vec4(1.0); }"):
    return parse("/*{}*/" + text, f"{name}.fs")


@pytest.fixture
def started():
    return []


@pytest.fixture
def prover(started):
    def start(limits):
        assert limits is LIMITS
        started.append(Pretended("prover", [("ready",)]))
        return started[-1]

    return Prover(LIMITS, start)


def errors(prover):
    return [(str(one.path), str(one.error)) for one in prover.answers()]


def test_it_is_started_when_something_is_asked_and_hears_one_question_at_a_time(prover, started):
    prover.tend(0.0)
    assert started == []
    prover.ask(Question(A, "a", (64, 36), {"fx/a/x": 1.0}))
    prover.ask(Question(B, "b", (64, 36)))
    for t_s in (1.0, 1.1, 1.2):
        prover.tend(t_s)
    assert len(started) == 1
    assert started[0].sent == [("prove", 1, A, "a", {"fx/a/x": 1.0}, (64, 36))]
    started[0].inbox = [("doing", 1, "compiling it"), ("proven", 1, shader("a"), {})]
    prover.tend(1.3)
    assert started[0].sent[1:] == [("prove", 2, B, "b", {}, (64, 36))]
    (verdict,) = prover.answers()
    assert (verdict.path, verdict.shader, verdict.error) == (A, shader("a"), None)
    started[0].inbox = [("refused", 2, "b.fs: line 3: no")]
    prover.tend(1.4)
    assert errors(prover) == [("b.fs", "b.fs: line 3: no")]


def test_one_that_takes_too_long_is_ended_and_named_with_what_it_was_doing(prover, started):
    prover.ask(Question(A, "a", (64, 36)))
    prover.tend(1.0)
    prover.tend(1.1)
    started[0].inbox = [("doing", 1, "compiling it")]
    prover.ask(Question(B, "b", (64, 36)))
    prover.tend(11.0)
    assert prover.answers() == []
    prover.tend(11.2)
    assert started[0].killed
    assert errors(prover) == [("a.fs", "a.fs: not taken: compiling it took more than 10 s")]
    # The next is not lost with it.
    prover.tend(11.3)
    assert [one.sent[:1] for one in started[1:]] == [[("prove", 2, B, "b", {}, (64, 36))]]


def test_a_crash_is_told_of_what_was_tried_and_the_next_is_tried_by_another(prover, started):
    prover.ask(Question(A, "a", (64, 36)))
    prover.tend(1.0)
    prover.tend(1.1)
    started[0].inbox = [("doing", 1, "drawing it at 64x36"), WorkerError("the prover process ended: SIGSEGV")]
    prover.ask(Question(B, "b", (64, 36)))
    for t_s in (1.2, 1.3, 1.4, 1.5):
        prover.tend(t_s)
    ((path, error),) = errors(prover)
    assert path == "a.fs"
    assert error.startswith("a.fs: not taken: the driver crashed, or more than 1.0 GB of memory were needed")
    assert error.endswith("while drawing it at 64x36 (the prover process ended: SIGSEGV)")
    assert started[1].sent == [("prove", 2, B, "b", {}, (64, 36))]


def test_of_several_edits_of_a_file_the_newest_counts(prover, started):
    prover.ask(Question(A, "a", (64, 36)))
    prover.tend(1.0)
    prover.tend(1.1)
    for w in (32, 16):
        prover.ask(Question(A, "a", (w, 36)))
    prover.tend(1.2)
    started[0].inbox = [("refused", 1, "a.fs: as it was before")]
    prover.tend(1.3)
    assert prover.answers() == []
    assert started[0].sent[1:] == [("prove", 2, A, "a", {}, (16, 36))]
    started[0].inbox = [("refused", 2, "a.fs: as it is now")]
    prover.tend(1.4)
    assert errors(prover) == [("a.fs", "a.fs: as it is now")]


def test_where_there_is_no_opengl_all_that_wait_are_told(prover, started):
    prover.ask(Question(A, "a", (64, 36)))
    prover.ask(Question(B, "b", (64, 36)))
    prover.tend(1.0)
    started[0].inbox = [GraphicsError("no OpenGL 3.3")]
    prover.tend(1.1)
    assert errors(prover) == [(f"{p}", f"{p}: cannot be tried: no OpenGL 3.3") for p in (A, B)]


class Asked:
    def __init__(self):
        self.questions, self.verdicts = [], []

    def ask(self, question):
        self.questions.append(question)

    def answers(self):
        return self.verdicts


def test_strangers_are_asked_about_once_and_vjs_own_never():
    own, stranger, asked = shader("own"), shader("stranger"), Asked()
    admission = Admission(asked, [own])
    for _ in range(3):
        assert admission.admitted([own, stranger], (64, 36), {}) == [own]
    assert [(one.path, one.size) for one in asked.questions] == [(Path("stranger.fs"), (64, 36))]
    again = shader("stranger")
    assert admission.take(Verdict(Path("stranger.fs"), again), stranger) is stranger
    assert admission.admitted([own, stranger], (64, 36), {}) == [own, stranger]
    assert len(asked.questions) == 1
    # A file of vj's own that was edited is as strange as any.
    edited = shader("own", "void main() { gl_FragColor = vec4(0.5); }")
    assert admission.admitted([edited], (64, 36), {}) == []
    assert admission.trusts(own)
    assert not admission.trusts(edited)


def test_one_that_is_refused_is_not_asked_about_again():
    stranger, asked = shader("stranger"), Asked()
    admission = Admission(asked, [])
    admission.admitted([stranger], (64, 36), {})
    error = ShaderError("stranger.fs: not taken: compiling it took more than 10 s")
    with pytest.raises(ShaderError, match="not taken"):
        admission.take(Verdict(Path("stranger.fs"), error=error), stranger)
    assert admission.admitted([stranger], (64, 36), {}) == []
    assert len(asked.questions) == 1
    assert admission.refusal(stranger) is error
    # Its file was mended.
    mended = shader("stranger", "void main() { gl_FragColor = vec4(0.5); }")
    assert admission.take(Verdict(Path("stranger.fs"), mended), stranger) is mended
    assert admission.admitted([mended], (64, 36), {}) == [mended]
