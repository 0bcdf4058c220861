#!/usr/bin/env python3
"""Compile every header alone.

A header that needs another to be included before it works only by luck: the
next person who sorts the includes breaks the build. So each one is given to
the compiler by itself, with the flags of the code that includes it. Nothing is
written; only what the compiler has to say about a header is printed.

Usage: check-headers.py [header ...]
The compiler is $CC, or ${CROSS_COMPILE}gcc. Exit status: 0 when all compile.
"""

import concurrent.futures
import os
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CC = shlex.split(os.environ.get("CC") or
                 os.environ.get("CROSS_COMPILE", "") + "gcc")
LIBC = "user/libc/include"
ROOMS = ("include", "arch", "kernel", "mm", "fs", "ipc", "drivers", "lib",
         "net", LIBC)
COMMON = ["-std=gnu17", "-ffreestanding", "-fsyntax-only", "-Wall", "-Werror",
          "-x", "c"]
KERNEL = ["-Iinclude", "-I.", "-Iarch/x86_64/include", "-mcmodel=kernel",
          "-mno-red-zone", "-mgeneral-regs-only", "-fno-pic"]
USER = ["-nostdinc", "-I" + LIBC, "-Iinclude"]


def compiler_include():
    """The folder of stddef.h and stdarg.h, which belong to the compiler."""
    out = subprocess.run(CC + ["-print-file-name=include"], check=True,
                         stdout=subprocess.PIPE, text=True)
    return out.stdout.strip()


def headers():
    for room in ROOMS:
        for folder, _, names in sorted(os.walk(room)):
            for name in sorted(names):
                if name.endswith(".h"):
                    yield os.path.join(folder, name)


def complaint(header, builtin):
    """What the compiler says about `header`, or nothing."""
    if header.startswith("user/"):
        flags = USER + ["-isystem", builtin]
    else:
        flags = KERNEL
    # Included rather than compiled: a main file may not say #pragma once.
    done = subprocess.run(CC + COMMON + flags + ["-"], text=True,
                          input=f'#include "{header}"\n',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        return done.stdout.strip() or f"{header}: {CC[0]} failed"
    return ""


def main():
    os.chdir(ROOT)
    chosen = sys.argv[1:] or list(headers())
    builtin = compiler_include()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = pool.map(lambda header: complaint(header, builtin), chosen)
        wrong = [text for text in said if text]
    for text in wrong:
        print("\n".join(text.splitlines()[:6]))
    print(f"{len(chosen)} headers, {len(wrong)} do not compile alone")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
