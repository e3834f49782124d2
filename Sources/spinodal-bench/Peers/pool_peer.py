"""What most would write first: multiprocessing.Pool.imap_unordered over units that do nothing.

    pool_peer.py UNITS CHUNK PROCESSES

Nothing is kept on disk. Each unit is checked to come back once. One line of JSON.
"""

import json
import multiprocessing
import resource
import sys
import time


def solve(unit):
    return unit


def processor_seconds(who):
    use = resource.getrusage(who)
    return use.ru_utime + use.ru_stime


def main():
    units, chunk, processes = map(int, sys.argv[1:4])
    seen = bytearray(units)
    with multiprocessing.Pool(processes) as pool:
        # The processes have started and imported what they need before the clock runs.
        for _ in pool.imap_unordered(solve, range(processes * 8)):
            pass
        wall = time.perf_counter()
        processor = processor_seconds(resource.RUSAGE_SELF)
        for unit in pool.imap_unordered(solve, range(units), chunksize=chunk):
            seen[unit] += 1
        wall = time.perf_counter() - wall
        processor = processor_seconds(resource.RUSAGE_SELF) - processor
        pool.close()
        pool.join()
    if any(count != 1 for count in seen):
        sys.exit("pool_peer: a unit came twice or never")
    print(json.dumps({
        "units": units,
        "units_per_second": units / wall,
        "coordinator_microseconds_per_unit": processor / units * 1e6,
        "worker_microseconds_per_unit":
            processor_seconds(resource.RUSAGE_CHILDREN) / units * 1e6,
    }))


if __name__ == "__main__":
    main()
