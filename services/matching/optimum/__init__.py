"""The best pairs of a round, as numbers that know nothing of people. Imported by the jobs' own process only.

Numba reads its settings when it is first imported, hence here; what the environment says already stays.
"""

import os

from services.matching.optimum.machine import cores

# Numba would start a thread for each core of the machine, whatever the container may use of them.
os.environ.setdefault("NUMBA_NUM_THREADS", str(cores()))
# The one layer that is in every installation: no result hangs on it, but what is measured and tested here runs there.
# It takes parallel work from one thread at a time and ends the process at a second: solve from one thread.
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
