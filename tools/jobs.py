"""Running the parts of the test suites side by side.

A part is a function and the number of CPUs it keeps busy: that many of the
host's it takes, so that a host with two runs two guests of one CPU at once, and
one of four alone. Each runs in a process of its own, which sends its results
through a pipe; nothing else is shared. Parts begin in the order they stand in,
except that a small one may go before one that does not fit yet.

We are one thread, so forking is safe; a part's process dies when we do, and
what it has started (tools/qemu.py) dies with it.
"""

import json
import os
import pickle
import selectors
import signal
import sys
import traceback

from qemu import GuestFailure, die_with_parent


class Part:
    """A piece of a suite: function(*args) is called with its context first."""

    def __init__(self, cpus, function, *args):
        self.cpus, self.function, self.args = cpus, function, args
        self.suite = None
        self.begun = self.pid = None
        self.unread = b""

    def start(self, ctx):
        """Begin, in a new process; returns the pipe of its results."""
        read, write = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return read
        status = 1
        try:
            os.close(read)
            die_with_parent()
            status = self.child(ctx, write)
        finally:
            os._exit(status)

    def child(self, ctx, pipe):
        def tell(*result):
            os.write(pipe, json.dumps(result).encode() + b"\n")

        ctx.suite, ctx.tell = self.suite.name, tell
        try:
            self.function(ctx, *self.args)
        except KeyboardInterrupt:
            return 130
        except GuestFailure as failure:
            ctx.report("suite", False, f"{failure.reason}\n{failure.tail}")
        except Exception:                   # a broken suite is a failure
            ctx.report("suite", False, traceback.format_exc())
        return 0

    def results(self, pipe):
        """What arrived on the pipe; None when the part is over."""
        data = os.read(pipe, 1 << 16)
        if not data:
            return None
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def reap(self):
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)


class Beside:
    """A function whose effect on files is wanted, run in a process beside us."""

    def __init__(self, function, *args):
        sys.stdout.flush()
        read, write = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                die_with_parent()
                os.write(write, pickle.dumps(self.outcome(function, args)))
            finally:
                os._exit(0)
        os.close(write)
        self.pipe = os.fdopen(read, "rb")

    @staticmethod
    def outcome(function, args):
        try:
            function(*args)
        except GuestFailure as failure:
            return failure.reason, failure.tail
        return None

    def join(self):
        """Wait until it is over; raises the failure of a guest it ran."""
        with self.pipe as pipe:
            said = pipe.read()
        os.waitpid(self.pid, 0)
        failure = pickle.loads(said) if said else ("it ended silently",)
        if failure:
            raise GuestFailure(*failure)


def run(ctx, parts, cpus, begun, result, over):
    """Run them all. What happens is told by calls, in this process:

    begun(part), result(part, name, ok, detail, skipped), over(part, status).
    """
    waiting, running = list(parts), selectors.DefaultSelector()
    free = cpus
    try:
        while waiting or running.get_map():
            for part in list(waiting):
                if min(part.cpus, cpus) <= free:
                    free -= min(part.cpus, cpus)
                    waiting.remove(part)
                    begun(part)
                    running.register(part.start(ctx), selectors.EVENT_READ,
                                     part)
            for key, _ in running.select():
                part = key.data
                results = part.results(key.fd)
                for one in results or ():
                    result(part, *one)
                if results is None:
                    running.unregister(key.fd)
                    os.close(key.fd)
                    free += min(part.cpus, cpus)
                    over(part, part.reap())
    finally:
        for key in list(running.get_map().values()):
            os.kill(key.data.pid, signal.SIGKILL)
            key.data.reap()
        running.close()
