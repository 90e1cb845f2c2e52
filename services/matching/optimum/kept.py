"""Where machine code is kept between processes.

Numba's own cache does not see that a function changed which another one calls from another file, mixes up signatures
that two processes store at once, and fails where it may not write. Here code has a file of its own for each signature,
named by all that decides it: the content of its source and of what that imports (whenever and wherever it was written),
the compiler, the kind of processor.
"""

import contextlib
import hashlib
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

FILES = 1000
"""Files that are kept in a folder, the newest: about six versions of the code for two kinds of processor, 50 MB."""
IMPORT = re.compile(r"^\s*(?:from ([\w.]+) import (\([^)]*\)|.+)|import ([\w.]+))", re.MULTILINE)


class Kept(NullCache):
    """What a dispatcher asks for code, and gives code to: each folder in turn."""

    def __init__(self, function: Callable[..., object]) -> None:
        """For one function of a module."""
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        self._source = Path(function.__code__.co_filename)
        self._root = self._source.parents[function.__module__.count(".")]

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code for a signature, or None."""
        target_context.refresh()
        name = self._file(sig, target_context.codegen())
        for folder in folders(self._source.parent):
            # What cannot be read, or is not whole after a loss of power, is compiled again.
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
                payload = pickle.loads((folder / name).read_bytes())  # noqa: S301 - trusted like the source
                # As numba's own cache does.
                return CompileResult._rebuild(target_context, *payload)  # type: ignore[no-untyped-call]  # noqa: SLF001
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep code in the first folder that can be written; where there is none, this process alone has it."""
        payload = dumps(data._reduce())  # type: ignore[no-untyped-call]  # noqa: SLF001
        name = self._file(sig, data.codegen)
        for folder in folders(self._source.parent):
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
                    file.write(payload)
                # Readable like the sources: who builds an image is not who runs it.
                Path(file.name).chmod(0o644)
                Path(file.name).replace(folder / name)
                _forget(folder)
                return

    def _file(self, sig: Any, codegen: Any) -> str:
        decides = (sig, codegen.magic_tuple(), sys.version, numba.__version__, llvmlite.__version__)
        found = hashlib.sha256(repr(decides).encode())
        found.update(_content(self._source, self._root))
        return f"{self._name}-{found.hexdigest()[:32]}"


def folders(source: Path) -> Iterator[Path]:
    """Folders to keep code in, by preference: beside the source, then the user's own cache."""
    yield source / "__pycache__" / "kernels"
    own = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 - raises nothing
    if own.is_absolute():
        yield own / "tandem" / "kernels"


@cache
def _content(source: Path, root: Path) -> bytes:
    """A digest of a source and of all sources under `root` that it imports, and they import."""
    found, todo = set(), [source]
    while todo:
        path = todo.pop()
        if path not in found and path.exists():
            found.add(path)
            for package, names, module in IMPORT.findall(path.read_text(encoding="utf-8")):
                inside = [f"{package}.{name}" for name in re.findall(r"\w+", names)] if package else []
                todo += [root / (name.replace(".", "/") + ".py") for name in (package or module, *inside)]
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(f"\n{path.relative_to(root)}\n".encode())
        digest.update(path.read_bytes())
    return digest.digest()


def _forget(folder: Path) -> None:
    """Remove the oldest files; a process that misses one compiles for itself."""
    files = list(folder.iterdir())
    if len(files) > FILES:
        files.sort(key=lambda file: file.stat().st_mtime)
        for file in files[: FILES // 5]:
            file.unlink(missing_ok=True)
