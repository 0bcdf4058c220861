#!/usr/bin/env python3
"""Check what the Makefile says to wrong words, and what it tells editors.

Usage: check-build.py. Exit status: 0 when all is as it should be.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENV = {name: value for name, value in os.environ.items()
       if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
                       "CC", "CROSS_COMPILE", "DEBUG", "KERNEL", "T", "BUILD",
                       "INITRD", "O", "V")}
# make's words: what it must say, at once
REFUSED = {
    "DEBUG=2 all": "DEBUG is 0 or 1, not 2",
    "KERNEL=bsd test": "KERNEL is keel or linux, not bsd",
    "CROSS_COMPILE=nope- DEPS=0 all": "not found: nope-gcc nope-ld",
}
# file: what its command must have
LISTED = {
    "kernel/fork.c": "-O2", "kernel/main.c": "-Og", "lib/rbtree.c": "-O2",
    "kernel/syscall_table.c": "-Ibuild", "user/sh/main.c": "-nostdinc",
    "user/init/console.c": "-nostdinc", "user/bin/cat.c": "-nostdinc",
    "user/libc/string.c": "-nostdinc", "tests/guest/main.c": "-O1",
    "tests/unit/list.c": "-fsanitize=address,undefined",
}


def make(*words):
    return subprocess.run(["make", *words], env=ENV, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def complaints():
    for words, said in REFUSED.items():
        done = make(*words.split())
        if not done.returncode or said not in done.stderr:
            yield f"make {words}: {done.stderr.strip()!r}, not {said!r}"
    commands = make("--always-make", "--dry-run", "V=1", "DEPS=0", "all",
                    "test-images").stdout
    done = subprocess.run([sys.executable, "tools/compile_commands.py"],
                          input=commands, text=True, stdout=subprocess.PIPE)
    listed = {entry["file"]: entry["arguments"]
              for entry in json.loads(done.stdout)}
    for name, word in LISTED.items():
        if word not in listed.get(name, ()):
            yield f"compile_commands: {name}: no {word} in {listed.get(name)}"


os.chdir(ROOT)
wrong = list(complaints())
print("\n".join(wrong) or "build: no miss")
sys.exit(bool(wrong))
