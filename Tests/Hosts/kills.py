#!/usr/bin/env python3
"""kills.py SPINODAL [--kills N] [--seed S]: kill -9 costs nothing.

Goal: whatever is killed at whatever moment, the collected table is, byte for byte, the undisturbed
run's; no unit is blamed; and a unit is computed again only if a kill explains it.

Method: a coordinator and two workers on loopback compute a sweep of short sleeping units. At random
moments one of coordinator, worker, child, all is killed and, where it would stay dead, started again by
the same command. Each solver child writes the number of every unit it starts to a file of its own in
the folder SPINODAL_TRACE. A unit that was started m times must be explained by m - 1 kills, each of which
explains the units that were with the killed and whose rows were not in a shard at that moment.
"""

import argparse
import collections
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import numpy

SLOTS = 2
WORKERS = 2
UNIT_MILLISECONDS = 5
INTERVAL = (0.2, 1.0)  # seconds between kills
# How long after a coordinator's restart its workers may still start units of leases it forgot: the
# time to notice (beats), and what a lease holds.
LEASE_SECONDS = 4.0


def say(text):
    print(f"kills: {text}", flush=True)


class Failure(Exception):
    pass


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def end(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class World:
    """The processes of one run and what can be seen of it from outside."""

    def __init__(self, program, folder, units):
        self.program = program
        self.folder = folder
        self.sweep = f"{folder}/sweep.yaml"
        self.run = f"{folder}/run"
        self.trace = f"{folder}/trace"
        os.mkdir(self.trace)
        with open(self.sweep, "w") as file:
            file.write(
                f"name: kills\nsolver: null\nreplicates: {units}\nseed: 5\n"
                f"parameters: {{sleep_milliseconds: {UNIT_MILLISECONDS}}}\n"
            )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.coordinator = None
        self.workers = [None] * WORKERS
        self.starts = 0
        self.most_leased = 0

    def start(self, *words, name):
        self.starts += 1
        log = open(f"{self.folder}/{self.starts:03}-{name}.log", "w")
        environment = dict(os.environ, SPINODAL_TRACE=self.trace)
        return subprocess.Popen(
            [self.program, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=environment, start_new_session=True)

    def start_coordinator(self):
        listen = f"tcp://127.0.0.1:{self.port}"
        self.coordinator = self.start(
            "serve", self.sweep, "--out", self.run, "--listen", listen, name="serve")

    def start_worker(self, index):
        access = f"{self.run}/access.json"
        self.workers[index] = self.start(
            "worker", "--access", access, "--slots", str(SLOTS), name=f"worker{index}")

    def on_disk(self):
        """Units that have a whole row in a shard."""
        found = []
        for path in glob.glob(f"{self.run}/shards/*.npy"):
            try:
                rows = numpy.load(path, mmap_mode="r")
            except (ValueError, EOFError):
                continue  # a header not yet written whole
            # Rows that the count in the header does not name yet stand after those it does.
            with open(path, "rb") as file:
                body = file.read()[rows.offset:]
            body = body[: len(body) // rows.dtype.itemsize * rows.dtype.itemsize]
            found.append(numpy.frombuffer(body, dtype=rows.dtype)["unit"])
        return set(numpy.concatenate(found).tolist()) if found else set()

    def watch(self):
        """The most units leased at once, as the coordinator writes it down each second."""
        try:
            with open(f"{self.run}/status.json") as file:
                self.most_leased = max(self.most_leased, json.load(file)["leased"])
        except (FileNotFoundError, ValueError):
            pass

    def started(self, pid):
        try:
            with open(f"{self.trace}/units-{pid}") as file:
                return [int(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def traced_children(self):
        return [pid for worker in self.workers for pid in children(worker.pid)]

    def leftovers(self):
        """Processes of this run, wherever they hang in the tree."""
        mark = f"SPINODAL_TRACE={self.trace}".encode()
        found = []
        for path in glob.glob("/proc/[0-9]*/environ"):
            try:
                with open(path, "rb") as file:
                    if mark in file.read().split(b"\0"):
                        found.append(int(path.split("/")[2]))
            except (FileNotFoundError, PermissionError, ProcessLookupError):
                pass
        return found


class Kill:
    """What one kill struck, and the units that it explains."""

    def __init__(self, world, victim, index):
        self.victim = victim
        self.until = None
        done = world.on_disk()
        if victim == "child":
            own = children(world.workers[index].pid)
            self.pids = own[:1] if not own else [own[index % len(own)]]
            strike = self.pids
        elif victim == "worker":
            self.pids = children(world.workers[index].pid)
            strike = [world.workers[index].pid]
        else:
            self.pids = world.traced_children()
            strike = [world.coordinator.pid]
            if victim == "all":
                strike += [worker.pid for worker in world.workers] + self.pids
        end(strike)
        self.struck = bool(strike)
        self.done = done
        self.seen = None
        # Started and not in a shard: out of the lease or about to be.
        self.open = len(self.explained(world))

    def explained(self, world):
        if self.seen is not None:
            return self.seen
        return {unit for pid in self.pids for unit in world.started(pid)} - self.done

    def bound(self, world):
        """How many of them at most were leased to the killed."""
        known = len(self.explained(world))
        return min(known, self.open + world.most_leased) if self.victim == "coordinator" else known

    def settle(self, world):
        """Children that outlive the kill explain no more than what they start until now."""
        if self.victim == "coordinator" and self.seen is None and time.monotonic() > self.until:
            self.seen = self.explained(world)


def wait_until(deadline, what, condition):
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"no {what} in time")
        time.sleep(0.05)


def disturb(world, generator, count, units, deadline):
    kills, open_kills = [], 0
    while len(kills) < count and world.coordinator.poll() is None:
        pause_end = time.monotonic() + generator.uniform(*INTERVAL)
        while time.monotonic() < pause_end:
            time.sleep(0.02)
            world.watch()
            for kill in kills:
                kill.settle(world)
        if time.monotonic() > deadline:
            raise Failure("the sweep does not get on")
        if world.coordinator.poll() is not None:
            break
        victim = generator.choice(["coordinator", "worker", "child", "all"])
        kill = Kill(world, victim, generator.randrange(WORKERS))
        if not kill.struck:
            continue  # the child that was drawn is itself being replaced
        kill.until = time.monotonic() + LEASE_SECONDS
        kills.append(kill)
        open_kills += len(kill.done) < units
        if victim in ("coordinator", "all"):
            world.coordinator.wait()
            world.start_coordinator()
        for index, worker in enumerate(world.workers):
            time.sleep(0.01)
            if worker.poll() is not None:
                world.start_worker(index)
    return kills, open_kills


def check_repeats(world, kills):
    starts = collections.Counter()
    for path in glob.glob(f"{world.trace}/units-*"):
        starts.update(world.started(path.rsplit("-", 1)[1]))
    explained = [kill.explained(world) for kill in kills]
    again = {unit: count - 1 for unit, count in starts.items() if count > 1}
    bound = sum(kill.bound(world) for kill in kills)
    say(f"{sum(again.values())} units computed again, at most {bound} leased and not acknowledged")
    if sum(again.values()) > bound:
        raise Failure("more units were computed again than were leased to the killed")
    for unit, count in again.items():
        if count > sum(unit in units for units in explained):
            raise Failure(f"unit {unit} was started {count + 1} times and no kill explains it")
    return len(starts)


def check_blame(world):
    for path in glob.glob(f"{world.run}/failures/*.jsonl"):
        with open(path) as file:
            for line in file:
                if not line.endswith("\n"):
                    continue  # torn by a kill
                if json.loads(line).get("counted", True):
                    raise Failure(f"a unit was blamed: {line.strip()}")


def collect(program, run):
    for words in (["verify", run], ["collect", run, "--to", f"{run}.npy"]):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{words[0]} of {run} ended with {done.returncode}: {done.stderr}")
    table = numpy.load(f"{run}.npy")
    if (table["status"] != 0).any():
        raise Failure("a unit has no good row")
    with open(f"{run}.npy", "rb") as file:
        return hashlib.sha256(file.read()).hexdigest(), len(table)


def play(program, folder, count, seed):
    generator = random.Random(seed)
    seconds = count * (sum(INTERVAL) / 2 + 0.5) + 3
    units = int(seconds * WORKERS * SLOTS * 1000 / UNIT_MILLISECONDS)
    world = World(program, folder, units)
    deadline = time.monotonic() + 60 + 6 * seconds
    try:
        quiet = subprocess.run(
            [program, "run", world.sweep, "--out", f"{folder}/quiet", "--slots", "16"],
            capture_output=True, text=True, timeout=60 + 2 * seconds)
        if quiet.returncode != 0:
            raise Failure(f"the undisturbed run ended with {quiet.returncode}: {quiet.stderr}")
        expected, rows = collect(program, f"{folder}/quiet")
        world.start_coordinator()
        wait_until(time.monotonic() + 30, "access file",
                   lambda: os.path.exists(f"{world.run}/access.json"))
        for index in range(WORKERS):
            world.start_worker(index)
        kills, open_kills = disturb(world, generator, count, units, deadline)
        wait_until(deadline, "end of the sweep", lambda: world.coordinator.poll() is not None)
        if world.coordinator.returncode != 0:
            raise Failure(f"the coordinator ended with {world.coordinator.returncode}")
        wait_until(time.monotonic() + 30, "end of all processes", lambda: not world.leftovers())
        drawn = collections.Counter(kill.victim for kill in kills)
        say(f"{len(kills)} kills ({dict(drawn)}), {open_kills} while units were open")
        if open_kills * 60 < count * 55:
            raise Failure("too few kills struck while units were open")
        if check_repeats(world, kills) != rows or rows != units:
            raise Failure("the trace does not name every unit")
        check_blame(world)
        found, _ = collect(program, world.run)
        say(f"sha256 {found} of {rows} rows, undisturbed {expected}")
        if found != expected:
            raise Failure("the table differs from the undisturbed run's")
    finally:
        end(world.leftovers())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
    parser.add_argument("--keep", action="store_true", help="leave the folder where it is")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="spinodal-kills-")
    say(f"seed {options.seed}, {options.kills} kills")
    try:
        play(os.path.abspath(options.program), folder, options.kills, options.seed)
    except (Failure, subprocess.TimeoutExpired) as failure:
        say(f"FAILED: {failure}; replay with --seed {options.seed}")
        failures = sorted(glob.glob(f"{folder}/run/failures/*.jsonl"))
        for path in failures + sorted(glob.glob(f"{folder}/*.log"))[-4:]:
            with open(path) as file:
                print(f"--- {path}\n", *file.readlines()[-8:], sep="", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            say(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
