"""Runs a command and prints how it went, as JSON: `launch.py LIMIT OUT ERRORS COMMAND…`.

A process of its own between the bench and what it measures: at most as much as its parent had in memory when it was
started counts as a process's own (Linux keeps `ru_maxrss` over exec), so the parent must be small. Imports little.
"""

import json
import os
import subprocess
import sys
import threading
import time


def main() -> None:
    """Start, wait, and end what takes longer than LIMIT seconds."""
    limit, out, errors, *command = sys.argv[1:]
    with open(out, "wb") as said, open(errors, "wb") as wrong:  # noqa: PTH123 - pathlib takes memory
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=wrong)
    over = threading.Event()

    def end() -> None:
        over.set()
        process.kill()

    timer = threading.Timer(float(limit), end)
    timer.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    timer.cancel()
    # It was waited for here, because only so its own use of memory is told.
    process.returncode = os.waitstatus_to_exitcode(status)
    found = {"seconds": seconds, "peak": used.ru_maxrss / 1024, "over": over.is_set(), "code": process.returncode}
    print(json.dumps(found))  # noqa: T201 - a program


if __name__ == "__main__":
    main()
