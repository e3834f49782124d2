#!/usr/bin/env python3
"""synced_before_acknowledged.py SPINODAL: a row is acknowledged only when it is on disk.

Goal: on the real processes, the call fdatasync that covers a row has returned before the message that
acknowledges the row is sent; and after a failed fdatasync nothing of that shard is acknowledged, the
run ends with exit 1, and the same command goes on. (kill -9 cannot show this: the page cache survives.)

Method: `spinodal run` under strace, whose sockets over ipc:// carry our messages in the clear. From the
calls, in their order: what was written to which shard, which fdatasync returned, which batches of rows
a worker sent, and what the coordinator acknowledged. strace delays every fdatasync, so that an
acknowledgement that does not wait for it comes first for certain, and makes one fail.
"""

import glob
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy

UNITS = 400
MAGIC = b"spnl\x01\x00"  # and the kind, and a zero: Sources/Wire/Header.swift
ROWS, ACKNOWLEDGED = 5, 69
SYNC, APPEND, SEND = "fdatasync", ("write", "writev", "pwrite64", "pwritev"), ("sendto", "sendmsg")
CALL = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class Failure(Exception):
    pass


def text(escaped):
    return bytes.fromhex(escaped.replace("\\x", ""))


def descriptor(rest):
    """What the first argument is open on, as strace's -y has it."""
    match = re.match(r"\d+<([^>]*)>", rest)
    if not match:
        return ""
    name = match.group(1)
    return text(name).decode() if name.startswith("\\x") else name


def calls(path):
    """(thread, name, what it is on, payload, began, ended, answer) of every finished call, by its end."""
    begun = {}
    with open(path) as file:
        for number, line in enumerate(file):
            match = CALL.match(line)
            if not match:
                continue
            thread, resumed, name, rest = match.groups()
            began = number
            if resumed:
                name, first, began = begun.pop(thread, (resumed, "", number))
                rest = first + rest
            if "<unfinished ...>" in rest:
                begun[thread] = (name, rest.replace("<unfinished ...>", ""), began)
                continue
            answer = re.search(r"\) += (-?\d+)", rest)
            if answer is None:
                continue
            payload = b""
            for string, cut in STRING.findall(rest):
                if cut:
                    raise Failure("strace cut a string")
                payload += text(string)
            yield name, descriptor(rest), payload, began, number, int(answer.group(1))


class Stream:
    """The frames of one ZMTP connection, out of the bytes that one end sent."""

    def __init__(self):
        self.bytes = b""
        self.greeted = False

    def frames(self, piece):
        self.bytes += piece
        if not self.greeted:
            if len(self.bytes) < 64:
                return
            self.bytes, self.greeted = self.bytes[64:], True
        while len(self.bytes) >= 2:
            flags = self.bytes[0]
            head = 9 if flags & 2 else 2
            if len(self.bytes) < head:
                return
            size = struct.unpack(">Q", self.bytes[1:9])[0] if flags & 2 else self.bytes[1]
            if len(self.bytes) < head + size:
                return
            yield self.bytes[head: head + size]
            self.bytes = self.bytes[head + size:]


class Shard:
    def __init__(self):
        self.written = []  # (line at which the write ended, bytes)
        self.synced = b""
        self.broken = False

    def sync(self, began, succeeded):
        if not succeeded:
            self.broken = True
        if self.broken:
            return
        self.synced += b"".join(piece for line, piece in self.written if line < began)
        self.written = [(line, piece) for line, piece in self.written if line >= began]


def check(trace, row_size):
    shards, streams, batches = {}, {}, {}
    acknowledged, syncs, messages = 0, 0, 0
    for name, subject, payload, began, ended, answer in calls(trace):
        if "/shards/" in subject:
            shard = shards.setdefault(subject, Shard())
            if name in APPEND and answer > 0:
                shard.written.append((ended, payload[:answer]))
            elif name == SYNC:
                shard.sync(began, answer == 0)
                syncs += answer == 0
        elif name in SEND and answer > 0:
            for frame in streams.setdefault(subject, Stream()).frames(payload[:answer]):
                if frame[:6] != MAGIC:
                    continue
                if frame[6] == ROWS:
                    sequence, size = struct.unpack("<QI", frame[22:34])
                    batches[sequence] = frame[34: 34 + size]
                elif frame[6] == ACKNOWLEDGED:
                    messages += 1
                    (up_to,) = struct.unpack("<Q", frame[8:16])
                    acknowledged += acknowledge(shards, batches, up_to, row_size)
    if syncs == 0:
        raise Failure("no shard was synced at all")
    return acknowledged, syncs, messages


def acknowledge(shards, batches, up_to, row_size):
    count = 0
    for sequence in [one for one in batches if one <= up_to]:
        rows = batches.pop(sequence)
        for at in range(0, len(rows), row_size):
            row = rows[at: at + row_size]
            if not any(row in shard.synced for shard in shards.values()):
                raise Failure(f"batch {sequence} was acknowledged before its rows were on disk")
            count += 1
    return count


def show_that_check_fails(trace, row_size):
    """The same calls with each fdatasync's return put off to the end must not pass."""
    with open(trace) as file:
        lines = file.readlines()
    late = [line for line in lines if SYNC in line and "unfinished" not in line]
    with open(f"{trace}.late", "w") as file:
        file.writelines([line for line in lines if line not in set(late)] + late)
    try:
        check(f"{trace}.late", row_size)
    except Failure:
        return
    raise Failure("the check does not see an acknowledgement before its sync")


def run(program, folder, name, injections):
    trace = f"{folder}/{name}.trace"
    words = ["strace", "-f", "-qq", "-y", "-xx", "-s", "1048576", "-o", trace, "-e", "signal=none",
             "-e", "trace=" + ",".join((SYNC, *APPEND, *SEND))]
    for injection in injections:
        words += ["-e", f"inject={injection}"]
    command = [program, "run", f"{folder}/sweep.yaml", "--out", f"{folder}/{name}", "--slots", "2"]
    done = subprocess.run(words + command, capture_output=True, text=True, timeout=240)
    return trace, command, done


def main():
    if len(sys.argv) != 2:
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    program = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="spinodal-synced-")
    with open(f"{folder}/sweep.yaml", "w") as file:
        file.write("name: synced\nsolver: null\nreplicates: %d\n" % UNITS)
        file.write("parameters: {sleep_milliseconds: 5}\n")
    try:
        trace, _, done = run(program, folder, "quiet", ["fdatasync:delay_enter=20000"])
        if done.returncode != 0:
            raise Failure(f"the run ended with {done.returncode}: {done.stderr}")
        first = sorted(glob.glob(f"{folder}/quiet/shards/*.npy"))[0]
        row_size = numpy.load(first, mmap_mode="r").dtype.itemsize
        acknowledged, syncs, messages = check(trace, row_size)
        print(f"synced_before_acknowledged: {acknowledged} rows in {messages} messages, each after one "
              f"of {syncs} syncs")
        if acknowledged != UNITS:
            raise Failure(f"{acknowledged} of {UNITS} rows were acknowledged")
        show_that_check_fails(trace, row_size)
        for error in ("EIO", "ENOSPC"):
            trace, command, done = run(program, folder, error, [f"fdatasync:error={error}:when=6+"])
            if done.returncode != 1:
                raise Failure(f"{error}: the run ended with {done.returncode}: {done.stderr}")
            acknowledged, syncs, _ = check(trace, row_size)
            again = subprocess.run(command, capture_output=True, text=True, timeout=120)
            verified = subprocess.run([program, "verify", f"{folder}/{error}"],
                                      capture_output=True, text=True, timeout=60)
            if again.returncode != 0 or verified.returncode != 0:
                raise Failure(f"after {error} the run does not go on: {again.stderr}{verified.stderr}")
            print(f"synced_before_acknowledged: {error} after {syncs} syncs and {acknowledged} "
                  "acknowledged rows: stopped, and went on")
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f"synced_before_acknowledged: FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
