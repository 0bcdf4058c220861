"""Reading TAP (the Test Anything Protocol) as the tests' programs print it.

Beside TAP's own lines two remarks mean something: "# run NAME" says which test
begins, so that it can be named when the guest dies in it, and "# done" closes
a run that came to its end. Other remarks before a result explain that result.
"""

import re

import qemu

RESULT = re.compile(r"(not )?ok\b\s*(\d+)?\s*-?\s*(.*?)"
                    r"(?:\s*#\s*(SKIP|TODO)\b.*)?$", re.I)


class TapRun:
    """One program's results, passed on to the context as they come."""

    def __init__(self, ctx, prefix="", suffix=""):
        self.ctx, self.prefix, self.suffix = ctx, prefix, suffix
        self.plan = None
        self.number = 0         # results seen
        self.failures = 0
        self.running = None     # the test that has begun
        self.remarks = []
        self.done = False

    def line(self, line):
        plan = re.fullmatch(r"1\.\.(\d+)(\s*#.*)?", line)
        result = RESULT.fullmatch(line)
        if plan:
            self.plan = int(plan.group(1))
        elif line.startswith("# run "):
            self.running, self.remarks = line[6:], []
        elif line.startswith("# done"):
            self.done = True
        elif result:
            self.result(not result.group(1), result.group(3),
                        (result.group(4) or "").upper() == "SKIP")
        elif line:
            self.remarks.append(line.lstrip("# "))

    def result(self, ok, name, skipped=False):
        self.number += 1
        self.failures += not ok
        name = name or self.running or str(self.number)
        full = self.prefix + name
        if self.ctx.wanted(full) or not ok:
            self.ctx.report(full + self.suffix, ok, "\n".join(self.remarks),
                            skipped)
        self.running, self.remarks = None, []

    def crash(self, reason, tail):
        """The guest is gone: the test that was running takes the blame."""
        self.remarks += [reason, tail]
        self.result(False, self.running or "before the first test"
                    if not self.number else self.running or "between tests")

    def close(self, tail=""):
        """The stream has ended: is everything there that was promised?"""
        if self.plan is None:
            self.remarks += ["it printed no plan", tail]
            self.result(False, "plan")
        elif self.number < self.plan:
            self.remarks += [f"{self.plan - self.number} of {self.plan} "
                             "tests did not run", tail]
            self.result(False, "complete")


def read_tap(run, machine):
    """Boot `machine` and read its results to the end.

    True when the run is over; False when a test killed the kernel and others
    are still to be run.
    """
    try:
        with machine as guest:
            for line in guest.lines():
                run.line(line)
            if run.plan is None:        # no second port: look at the console
                for line in guest.console.decode(errors="replace").split("\n"):
                    run.line(line.rstrip("\r"))
            if run.plan is not None and run.number < run.plan:
                guest.fail("the guest ended in the middle")
            guest.wait_exit()
            run.close(guest.tail())
            return True
    except qemu.GuestFailure as failure:
        run.crash(failure.reason, failure.tail)
        return run.plan is None or run.number >= run.plan
