#!/usr/bin/env python3
"""Write docs/syscalls.md: which of Linux's system calls this kernel has.

    tools/gen-syscalls.py           write the file
    tools/gen-syscalls.py --check   fail when the file is not what it would be

Three sources, each asked for what it alone knows: the table in
kernel/syscall_table.c which calls exist, include/uapi/syscall.h their numbers,
the SYSCALL_DEFINE lines where they are and what they take. A call in the table
that is nowhere defined and a definition that is not in the table are faults.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUTPUT = "docs/syscalls.md"
TABLE = "kernel/syscall_table.c"
NUMBERS = "include/uapi/syscall.h"
ROOMS = ("arch", "drivers", "fs", "ipc", "kernel", "mm", "net")

HEAD = """\
# System calls

<!-- Written by tools/gen-syscalls.py; do not edit. -->

Keel speaks Linux's x86-64 system-call interface. Of the {known} numbers that
Linux 6.1 gives out, Keel has {here}. The table is
`kernel/syscall_table.c:sys_call_table`; what a call means is said by its manual
page, and how a call gets from the `syscall` instruction to its function by
[chapter 3](03-system-call.md). A call that is missing answers `-ENOSYS` and is
named once in the log (`kernel/syscall_table.c:sys_ni_syscall`).

| Number | Call | Arguments | Defined in |
|-------:|------|-----------|------------|
"""

MISSING = """
## What Linux has and Keel has not

Each of these answers `-ENOSYS`. A call that only half works would be listed
here as well: nothing pretends.

"""


class Fault(Exception):
    """The three sources contradict each other."""


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def numbers():
    """Name -> number, of all of Linux's calls."""
    found = re.findall(r"^#define __NR_(\w+)\s+(\d+)", read(NUMBERS), re.M)
    return {name: int(number) for name, number in found}


def table():
    """The names in the ALL_SYSCALLS list."""
    body = re.search(r"#define ALL_SYSCALLS\(X\)((?:.*\\\n)*.*)", read(TABLE))
    if not body:
        raise Fault(f"{TABLE}: no ALL_SYSCALLS list")
    return re.findall(r"\bX\((\w+)\)", body[1])


def sources():
    for room in ROOMS:
        for folder, _, files in sorted(os.walk(os.path.join(ROOT, room))):
            for name in sorted(files):
                if name.endswith(".c"):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def arguments(text):
    """'int, fd, char __user *, buf' -> 'int fd, char *buf'."""
    words = [w.strip() for w in text.split(",")] if text.strip() else []
    pairs = []
    for kind, name in zip(words[::2], words[1::2]):
        kind = " ".join(kind.replace("__user", " ").split())
        pairs.append(kind + ("" if kind.endswith("*") else " ") + name)
    return ", ".join(pairs) or "none"


def definitions():
    """Name -> (file, arguments) of every SYSCALL_DEFINE."""
    found = {}
    pattern = re.compile(r"^SYSCALL_DEFINE(?:\d|_REGS)\((\w+),?\s*([^)]*)\)",
                         re.M)
    frame = re.compile(r"^SYSCALL_DEFINE_REGS", re.M)
    for path in sources():
        text = read(path)
        for match in pattern.finditer(text):
            args = ("the whole frame" if frame.match(match[0])
                    else arguments(match[2]))
            if match[1] in found:
                raise Fault(f"{match[1]} is defined in {found[match[1]][0]} "
                            f"and in {path}")
            found[match[1]] = path, args
    return found


def wrapped(names, width=76):
    line, lines = "", []
    for name in names:
        item = f"`{name}`"
        if line and len(line) + len(item) + 2 > width:
            lines.append(line + ",")
            line = ""
        line += (", " if line else "") + item
    return "\n".join(lines + [line]) + ".\n" if line else "Nothing.\n"


def page():
    known, here, places = numbers(), table(), definitions()
    faults = [f"{name} is in the table and defined nowhere"
              for name in here if name not in places]
    faults += [f"{name} ({places[name][0]}) is defined but not in the table"
               for name in places if name not in here]
    faults += [f"{name} is in the table but has no number"
               for name in here if name not in known]
    faults += [f"{name} is in the table twice"
               for name in sorted(set(here)) if here.count(name) > 1]
    if faults:
        raise Fault("\n".join(faults))
    out = HEAD.format(known=len(known), here=len(here))
    for name in sorted(here, key=known.get):
        path, args = places[name]
        out += f"| {known[name]} | `{name}` | {args} | `{path}` |\n"
    absent = [name for name in sorted(known, key=known.get)
              if name not in here]
    return out + MISSING + wrapped(absent)


def fault():
    """What is wrong with the file that is there, or None."""
    try:
        wanted = page()
    except Fault as found:
        return str(found)
    try:
        if read(OUTPUT) == wanted:
            return None
    except OSError:
        return f"{OUTPUT} is missing: run tools/gen-syscalls.py"
    return f"{OUTPUT} is stale: run tools/gen-syscalls.py"


def main():
    if sys.argv[1:] == ["--check"]:
        found = fault()
        print(found or f"{OUTPUT} is what the sources say",
              file=sys.stderr if found else sys.stdout)
        return 1 if found else 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        text = page()
    except Fault as found:
        print(found, file=sys.stderr)
        return 1
    with open(os.path.join(ROOT, OUTPUT), "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
