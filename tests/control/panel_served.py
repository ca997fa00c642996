"""A panel's server in its process, as a show has it, for tests."""

import contextlib
import threading
import time
import urllib.error
import urllib.request

import numpy as np

from vj.control.panel.announce import own_addresses
from vj.control.panel.config import PanelConfig
from vj.control.panel.link import PanelLink
from vj.core import resources
from vj.render.isf.folder import load_folder
from vj.session.loading import build_registry

SHADERS = tuple(load_folder(resources.shaders_dir()).values())
REGISTRY = build_registry(SHADERS)
__all__ = ["CARDS", "REGISTRY", "SHADERS", "Served", "answers", "own_addresses", "served", "status_of"]
CARDS = [{"name": name, "doc": f"about {name}", "tags": [], "picture": 0} for name in ("default", "nave", "tide")]


class Served:
    """`link` looked after by a thread, as a show's supervisor does; `told` is what a performer is told."""

    def __init__(self, config=None, **more):
        self.told, self.ready = [], threading.Event()
        self.link = PanelLink(
            config or PanelConfig(port=0), self.told.append, lambda link: self.ready.set(),
            (resources.presets_dir(),), **more,
        )  # fmt: skip
        self.tell(REGISTRY)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._tend)
        self._thread.start()

    def tell(self, registry, **values):
        """These parameters, at their defaults but for `values` by place."""
        self.link.tell_lists(registry, CARDS, SHADERS)
        self.values(registry)

    def values(self, registry=REGISTRY, **changes):
        now = registry.defaults().with_values({id.replace("__", "/"): value for id, value in changes.items()})
        self.link.frame(now, now.array, None)

    def pictures(self, level):
        self.link.picture(np.full((180, 320, 3), level, np.uint8))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.link.port}"

    def waited(self, is_so, within_s=60.0):
        until_s = time.monotonic() + within_s
        while not is_so() and time.monotonic() < until_s:
            time.sleep(0.02)
        return is_so()

    def taken(self, n, within_s=60.0):
        """So many packets at least, as they come."""
        found = []
        self.waited(lambda: found.extend(self.link.take()) or len(found) >= n, within_s)
        return found

    def asked(self, target, method="GET", **headers):
        """(status, headers, body)."""
        request = urllib.request.Request(self.url + target, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers, e.read()

    def _tend(self):
        while not self._ends.wait(0.05):
            self.link.tend()

    def close(self):
        self._ends.set()
        self._thread.join()
        self.link.close()


@contextlib.contextmanager
def served(config=None, **more):
    """A server that answers."""
    one = Served(config, **more)
    try:
        assert one.ready.wait(60), one.told
        yield one
    finally:
        one.close()


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return reply.status
    except urllib.error.HTTPError as e:
        with e:
            return e.code


def answers(url):
    try:
        return status_of(url + "/vj?ACCESS") == 200
    except OSError:
        return False
