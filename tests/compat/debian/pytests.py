"""Run parts of CPython's own test suite, and say how each ended.

Each part is a module of the package test, run in a process of its own; after a
colon stand parts of names, one of which a test of it must have. What failed is
named; what it said is on the console. Tests that need the network's protocols
are left out: what is compared is what a process needs.

usage: pytests.py [all | PART...]; without one, a few that are quick
"""

import re
import subprocess
import sys

SHORT = """
test_thread test_threadsignals
test_signal:Generic,Itimer,Pending,Pidfd,Posix,Raise,interrupt,Stress
"""
LONG = """
test_threading test_fork1 test_wait3 test_wait4 test_signal:WakeupSignal
test_asyncio.test_subprocess test_asyncio.test_unix_events:Fork,Waiter,Child
test_threading_local test_threadedtempfile test_subprocess test_posix
test_multiprocessing_fork:Lock,Condition,Semaphore,Event,Barrier,Queue,Pool
test_multiprocessing_fork:TestValue,TestArray,TestProcess,TestSharedMemory
test_asyncio.test_tasks test_asyncio.test_locks test_asyncio.test_queues
test_asyncio.test_futures test_asyncio.test_threads test_asyncio.test_runners
test_asyncio.test_taskgroups test_asyncio.test_timeouts
test_select test_selectors test_poll test_pty test_openpty test_mmap
"""


def run(part):
    module, _, names = part.partition(":")
    chosen = [f"-k{name}" for name in names.split(",") if name]
    said = []
    with subprocess.Popen(
            [sys.executable, "-m", "unittest", "-v", *chosen,
             "test." + module],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace") as child, \
            open("/dev/console", "w", encoding="utf-8") as console:
        for line in child.stdout:
            said.append(line)
            console.write(line)
            console.flush()
    print(part, "ends with", child.returncode)
    for line in sorted(l for l in said if re.match("FAIL|ERROR|Ran", l)):
        print("   ", re.sub(" in [0-9.]*s", "", line), end="")


parts = sys.argv[1:] or SHORT.split()
if parts == ["all"]:
    parts = SHORT.split() + LONG.split()
for each in parts:
    run(each)
