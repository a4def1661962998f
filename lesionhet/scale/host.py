"""A local Dask cluster in a process of its own: ``python -m lesionhet.scale.host WORKERS FOLDER``.

Dask starts its workers by reading the main module again. Here that is this module, so that a script
without a guard is not started once more. The address goes to standard output; the cluster ends with the
end of standard input, also where the caller was killed. What does not fit into memory goes to the folder,
which is removed.
"""

from __future__ import annotations

import os
import shutil
import sys

SETTINGS = {
    # Workers that may die at a job before it is given up.
    "distributed.scheduler.allowed-failures": 3,
    # The scheduler asks a worker that was killed for so long; on one machine there is no slow network.
    "distributed.comm.timeouts.connect": "10s",
}


def main() -> None:
    """Start the cluster, tell its address, and wait."""
    # What a library prints must not come before the address.
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    import dask
    from distributed import LocalCluster

    workers, folder = sys.argv[1:]
    with (
        dask.config.set(SETTINGS),
        LocalCluster(
            n_workers=int(workers),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=folder,
            silence_logs=50,
        ) as cluster,
    ):
        print(cluster.scheduler_address, file=told, flush=True)
        sys.stdin.read()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
