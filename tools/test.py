#!/usr/bin/env python3
"""Run the tests: what `make test` calls.

    tools/test.py [T=NAME] [KERNEL=linux|keel] [FULL=1] [BUILD=build]

NAME is a suite, suite:test, or a part of a test's name; for a test one may
give several, with commas. KERNEL=linux runs the
suites that judge by Linux's ABI on Debian's own kernel, where every one of
them must pass too. FULL=1 runs all combinations instead of a chosen few.
SOAK=N has the suites that load a machine do so for N seconds a step.
CPUS=N is how many of the host's CPUs to use, else all: parts of suites run side
by side (tools/jobs.py), and CPUS=1 has one run after the other.

Each suite prints one line when it is over, its failures as they come; the last
line of all is "N passed, N failed". The exit status is 0 when nothing failed.
Logs of every guest stay in BUILD/tests/logs.
"""

import importlib.util
import os
import re
import subprocess
import sys
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import jobs                                                     # noqa: E402
import qemu                                                     # noqa: E402
from jobs import Part                                           # noqa: E402
from tap import TapRun, read_tap                                # noqa: E402


COMMON_WORDS = "console=ttyS0 quiet panic=-1"


class Missing(Exception):
    """A piece of a suite is not there: the suite cannot run."""


class Context:
    """What a suite is told, and where it reports."""

    def __init__(self, options):
        self.root = ROOT
        self.build = options.get("BUILD", "build")
        self.cache = options.get("CACHE", "build/cache")
        self.kernel = options.get("KERNEL", "keel")
        self.full = options.get("FULL", "") not in ("", "0")
        self.debug = options.get("DEBUG", "") not in ("", "0")
        self.soak = int(options.get("SOAK") or 0)
        self.cpus = int(options.get("CPUS") or os.cpu_count() or 1)
        self.pattern = None
        self.suite = None
        self.passed = self.failed = self.skipped = 0

    @property
    def linux(self):
        return self.kernel == "linux"

    def need(self, *paths):
        for path in paths:
            if not os.path.exists(path):
                raise Missing(path)
        return paths[0]

    def kernel_image(self):
        if self.linux:
            return self.oracle()
        return self.need(os.path.join(self.build, "keel.elf"))

    def oracle(self):
        return self.need(os.path.join(self.cache, "linux/vmlinuz"))

    def built(self, *parts):
        return os.path.join(self.build, *parts)

    @property
    def words(self):
        """The kernel's command line that every guest begins with."""
        return self.oracle_words if self.linux else COMMON_WORDS

    @property
    def oracle_words(self):
        # On a busy host Linux doubts its timer, and panics.
        return COMMON_WORDS + " no_timer_check"

    def log(self, name):
        safe = re.sub(r"[^\w.-]", "_", f"{self.kernel}-{self.suite}-{name}")
        return self.built("tests", "logs", safe + ".log")

    def wanted(self, name):
        """Does T, some parts of names, ask for the test of this name?"""
        return not self.pattern or any(
            part in name for part in self.pattern.split(",") if part)

    def report(self, name, ok, detail="", skipped=False):
        if skipped:
            self.skipped += 1
        elif ok:
            self.passed += 1
        else:
            self.failed += 1
        self.tell(name, ok, detail, skipped)

    def tell(self, name, ok, detail, skipped):
        if ok or skipped:
            return
        print(f"FAIL {self.suite}:{name}")
        for line in detail.rstrip().splitlines():
            print("    " + line)
        sys.stdout.flush()

    def attempt(self, name, function, *args):
        """Report `function` as one test: it fails by raising."""
        if not self.wanted(name):
            return
        try:
            function(*args)
            self.report(name, True)
        except qemu.GuestFailure as failure:
            self.report(name, False, f"{failure.reason}\n{failure.tail}")
        except AssertionError as failure:
            self.report(name, False, str(failure) or traceback.format_exc())


# ---- host programs ----

def host_programs(ctx, folder):
    """Programs on the host that print TAP, or nothing and an exit status."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            run_host(ctx, name, [path])


def run_host(ctx, name, command, limit=300):
    """Run one, whatever T is: it alone knows what its tests are called."""
    env = dict(os.environ, BUILD=ctx.build)
    try:
        done = subprocess.run(command, cwd=ctx.root, env=env, text=True,
                              errors="replace", stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT,
                              preexec_fn=qemu.die_with_parent,
                              timeout=qemu.stretched(limit))
    except subprocess.TimeoutExpired:
        ctx.report(name, False, f"still running after {limit} s")
        return
    run = TapRun(ctx, prefix=name + ":")
    for line in done.stdout.splitlines():
        run.line(line)
    if run.plan is None and not run.number:
        if ctx.wanted(name):
            ctx.report(name, done.returncode == 0, last(done.stdout))
    elif done.returncode and not run.failures:
        ctx.report(name, False, f"exit status {done.returncode}\n"
                   + last(done.stdout))
    else:
        run.close(last(done.stdout))


def last(text, lines=40):
    return "\n".join(text.splitlines()[-lines:])


# A suite is a function that returns its parts.

def suite_unit(ctx):
    return [Part(1, host_programs, ctx.need(ctx.built("tests", "unit")))]


def suite_check(ctx):
    scripts = sorted(f for f in os.listdir(os.path.join(ROOT, "tools"))
                     if re.fullmatch(r"check-[\w-]+\.py", f))
    if not scripts:
        raise Missing("tools/check-*.py")
    # (They are written to use the whole host.)
    return [Part(ctx.cpus, run_host, name[:-3],
                 [sys.executable, os.path.join("tools", name)])
            for name in scripts if ctx.wanted(name[:-3])]


# ---- guests that report TAP ----

def boot_tap(ctx, name, initrd, words, suffix="", **machine):
    """Boot one guest and take its TAP; goes on behind a test that killed it."""
    run = TapRun(ctx, suffix=suffix)
    for attempt in range(6):
        more = f" guest_from={run.number + 1}" if attempt else ""
        guest = qemu.Machine(kernel=ctx.kernel_image(), initrd=initrd,
                             append=words + more,
                             log=ctx.log(name + (f"-{attempt}" if attempt
                                                 else "")), **machine)
        if read_tap(run, guest):
            return
    run.close("too many tests killed the kernel")


def suite_guest(ctx):
    image = ctx.need(ctx.built("tests", "guest.cpio.gz"))
    ctx.kernel_image()
    words = ctx.words + (f" guest_only={ctx.pattern}" if ctx.pattern else "")
    if ctx.linux:
        shapes = [(2, 256, None)]
    elif ctx.full:
        shapes = [(1, 64, None), (2, 128, "max"), (4, 256, "max"),
                  (8, 1024, None)]
    else:
        shapes = [(1, 64, None), (4, 256, "max")]
    return [Part(smp, boot_guest, image, words, smp, mem, cpu)
            for smp, mem, cpu in shapes]


def boot_guest(ctx, image, words, smp, mem, cpu):
    name = f"{smp}cpu-{mem}m" + (f"-{cpu}" if cpu else "")
    boot_tap(ctx, name, image, words, suffix=f" [{name}]",
             smp=smp, mem=mem, cpu=cpu)


# The guest tests that are stricter where time is the number of instructions.
EXACT = ("precise:", "latency:", "fairness:who_sleeps_waits", "fairness:as_many_loops",
         "fairness:shares_follow")
SHARES = ("shares:", "fairness:loops_", "fairness:leftover_loops")


def suite_icount(ctx):
    """Tests of how precise time is: what the host does makes no difference."""
    image = ctx.need(ctx.built("tests", "guest.cpio.gz"))
    ctx.kernel_image()
    parts = [Part(1, boot_icount, image, "icount", EXACT, 0)]
    # Shares need many seconds and no precision: 16 ns an instruction. With
    # several CPUs QEMU, it seems, goes on to the next whenever a timer is set:
    # beside one that spins, one that ticks gets no further than its interrupt,
    # and now and then a guest stands still. So that is for FULL=1. (Linux does
    # not even start its other CPUs there.)
    for cpus in range(1, 5 if ctx.full and not ctx.linux else 2):
        parts.append(Part(1, boot_icount, image, f"icount-{cpus}cpu", SHARES,
                          4, cpus))
    return parts


def boot_icount(ctx, image, name, tests, shift, smp=1):
    """(QEMU runs all CPUs of such a guest in one thread.)"""
    words = ctx.words + " guest_exact=1 guest_only=" + ",".join(tests)
    if ctx.pattern:
        words += f" guest_also={ctx.pattern}"
    boot_tap(ctx, name, image, words,
             suffix=f" [{name.replace('-', ' ')}]", smp=smp, mem=256,
             extra=("-icount", f"shift={shift},sleep=off"))


def suite_kernel(ctx):
    image = ctx.need(ctx.built("tests", "guest.cpio.gz"))
    ctx.need(ctx.kernel_image(), os.path.join(ROOT, "tests/kernel"))
    return [Part(smp, boot_kernel, image, smp, mem)
            for smp, mem in ((1, 64), (4, 256))]


def boot_kernel(ctx, image, smp, mem):
    boot_tap(ctx, f"{smp}cpu", image, ctx.words + " keel.selftest=all",
             suffix=f" [{smp}cpu]", smp=smp, mem=mem, cpu="max")


# ---- suites that live in the tests' own folders ----

def from_folder(path):
    """The suite of a file whose run(ctx) is all of it, or parts(ctx) its parts."""
    def suite(ctx):
        full = ctx.need(os.path.join(ROOT, path))
        name = os.path.splitext(os.path.basename(full))[0]
        spec = importlib.util.spec_from_file_location("suite_" + name, full)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        ctx.kernel_image()
        if hasattr(module, "parts"):
            return module.parts(ctx)
        return [Part(1, module.run)]
    return suite


def suite_user(ctx):
    parts = [Part(1, host_programs, ctx.need(ctx.built("tests", "user")))]
    script = os.path.join(ROOT, "tests/user/sh/run.py")
    if os.path.exists(script):
        parts.append(Part(1, run_host, "sh",
                          [sys.executable, script,
                           ctx.need(ctx.built("user", "sh"))], 600))
    return parts


SUITES = {
    # name: (function, does it run on the oracle too?)
    "check": (suite_check, False),
    "unit": (suite_unit, False),
    "kernel": (suite_kernel, False),
    "boot": (from_folder("tests/boot/boot.py"), True),
    "guest": (suite_guest, True),
    "icount": (suite_icount, True),
    "user": (suite_user, False),
    "tty": (from_folder("tests/tty/tty.py"), True),
    "compat": (from_folder("tests/compat/compat.py"), True),
    "gdb": (from_folder("tests/gdb/gdb.py"), False),
}


def choose(wanted, linux):
    """The suites to run, and the pattern their tests must match."""
    names = [n for n, (_, oracle) in SUITES.items() if oracle or not linux]
    if not wanted:
        return names, None, False
    suite, _, test = wanted.partition(":")
    if suite in SUITES:
        return [suite], test or None, True
    return names, wanted, False


class Suite:
    """How far a suite is, and what came of it."""

    def __init__(self, name):
        self.name = name
        self.parts = []
        self.passed = self.failed = self.skipped = 0
        self.seconds = 0        # of all parts together

    def find_parts(self, ctx, explicit):
        ctx.suite = self.name
        try:
            self.parts = SUITES[self.name][0](ctx)
        except Missing as missing:
            if explicit:
                ctx.report("suite", False, f"{missing} does not exist")
            else:
                print(f"{self.name:8} not run: {missing} does not exist")
        except Exception:                   # a broken suite is a failure
            ctx.report("suite", False, traceback.format_exc())
        for part in self.parts:
            part.suite = self
        return self.parts

    def result(self, ok, skipped):
        if skipped:
            self.skipped += 1
        elif ok:
            self.passed += 1
        else:
            self.failed += 1

    def over(self, pattern):
        """Its line, unless it had none of the tests that were asked for."""
        if pattern and not self.passed + self.failed + self.skipped:
            return
        more = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.name:8} {self.passed} passed, {self.failed} failed{more} "
              f"({self.seconds:.0f} s)", flush=True)


def run_suites(ctx, names, explicit):
    """Run the parts of all suites, side by side."""
    def begun(part):
        part.begun = time.monotonic()

    def result(part, name, ok, detail, skipped):
        ctx.suite = part.suite.name
        ctx.report(name, ok, detail, skipped)
        part.suite.result(ok, skipped)

    def over(part, status):
        if status:
            result(part, part.function.__name__, False,
                   f"the process of this part ended with {status}", False)
        part.suite.seconds += time.monotonic() - part.begun
        part.suite.parts.remove(part)
        if not part.suite.parts:
            part.suite.over(ctx.pattern)

    parts = []
    for name in names:
        parts += Suite(name).find_parts(ctx, explicit)
    jobs.run(ctx, parts, ctx.cpus, begun, result, over)


def main():
    options = dict(os.environ)
    for word in sys.argv[1:]:
        key, equal, value = word.partition("=")
        options[key if equal else "T"] = value if equal else word
    os.chdir(ROOT)
    ctx = Context(options)
    if ctx.kernel not in ("keel", "linux"):
        sys.exit("test: KERNEL is keel or linux")
    names, ctx.pattern, explicit = choose(options.get("T"), ctx.linux)
    run_suites(ctx, names, explicit)
    if not ctx.passed and not ctx.failed:
        print(f"test: nothing was run: no test is called {ctx.pattern}"
              if ctx.pattern else "test: nothing was run")
        ctx.failed = 1
    print(f"{ctx.passed} passed, {ctx.failed} failed")
    return 1 if ctx.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
