#!/usr/bin/env python3
"""Read the sources with cppcheck, which follows values through functions.

It finds what compilers do not look for: memory that one path forgets, an index
behind its array's end, a pointer used before the test that it is not NULL.
tools/cppcheck.cfg tells it who allocates in the kernel.

First the checker is checked: wrong code of each kind must be refused. Without
cppcheck nothing is checked, and that is said.

Usage: check-cppcheck.py [file.c ...]
The program is $CPPCHECK, or cppcheck. Exit status: 0 when it found nothing.
"""

import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CPPCHECK = os.environ.get("CPPCHECK", "cppcheck")
# Where it keeps what it knows of files that have not changed.
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"), "cppcheck")
# Each set is read with its own headers.
ROOMS = {
    ("arch/x86_64", "kernel", "mm", "fs", "drivers", "lib", "net", "ipc"):
        ["-Iinclude", "-I.", "-Iarch/x86_64/include"],
    ("user",): ["-Iuser/libc/include", "-Iuser/libc", "-Iinclude"],
}
OPTIONS = ["--quiet", "--error-exitcode=1", "--inline-suppr", "--std=c11",
           "--enable=warning,performance,portability", "-D__x86_64__",
           "--cppcheck-build-dir=" + BUILD,
           "--library=" + os.path.join(ROOT, "tools", "cppcheck.cfg")]
# What it says of right code, and why.
SUPPRESSED = {
    "AssignmentAddressToInteger": "get_user() reads through __typeof__",
    "uninitvar": "get_user() and the like fill in their argument; gcc looks "
                 "for real ones",
    "comparePointers": "the linker's symbols bound one array",
    "shiftNegativeLHS": "-fwrapv gives it a meaning",
    "integerOverflow": "-fwrapv gives it a meaning",
    "internalAstError": "two-operand ?: within casts is beyond it",
    "unknownMacro": "attributes between type and name are beyond it",
    "unknownEvaluationOrder": "two designators of one struct have no order",
    "unusedLabelSwitch": "labels that macros jump to",
    "sizeofwithnumericparameter": "fields of a format, by size",
    "duplicateAssignExpression": "two cursors that begin at one place",
    "missingIncludeSystem": "freestanding code has no system headers",
}
WRONG = {
    "memory that one path forgets": """#include <mm/slab.h>
int f(int x); int f(int x) { char *p = kmalloc(8, GFP_KERNEL);
if (!p) return 1; if (x) return 2; kfree(p); return 0; }""",
    "memory given back twice": """#include <mm/slab.h>
int f(void); int f(void) { char *p = kzalloc(8, GFP_KERNEL);
if (!p) return 1; kfree(p); kfree(p); return 0; }""",
    "an index behind the end": """int f(void);
int f(void) { int a[4] = { 0 }; return a[4]; }""",
    "a pointer used before its test": """int f(int *p);
int f(int *p) { int v = *p; if (!p) return 0; return v; }""",
}


def cppcheck(paths, includes, jobs=1):
    """Return what it says of @paths; empty when it finds nothing."""
    words = [CPPCHECK, *OPTIONS, f"-j{jobs}", *includes]
    words += [f"--suppress={name}" for name in SUPPRESSED]
    done = subprocess.run(words + paths, cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else ""


def check_checker():
    """Is wrong code refused? Return the kinds that were not."""
    includes = next(iter(ROOMS.values()))
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wrong.c")
        for kind, text in WRONG.items():
            with open(path, "w") as file:
                file.write(text + "\n")
            if not cppcheck([path], includes):
                missed.append(kind)
    return missed


def main():
    if not shutil.which(CPPCHECK):
        print("cppcheck is not installed: not checked")
        return 0
    os.makedirs(BUILD, exist_ok=True)
    missed = check_checker()
    for kind in missed:
        print(f"check-cppcheck: {kind} was not found")
    jobs = os.cpu_count() or 1
    said = ""
    for rooms, includes in ROOMS.items():
        paths = sys.argv[1:] or [room for room in rooms if os.path.isdir(
            os.path.join(ROOT, room))]
        said += cppcheck(paths, includes, jobs)
    print(said, end="")
    return 1 if said or missed else 0


if __name__ == "__main__":
    sys.exit(main())
