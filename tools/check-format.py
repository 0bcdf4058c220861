#!/usr/bin/env python3
"""The house layout, as far as a machine can judge it.

Every tracked .c .h .asm .py .sh file:
  * ends its lines without blanks and its last line with a newline, and has no
    empty lines at its end;
  * keeps to 80 columns, a tab counting to the next multiple of 8. A line that
    a long string or a URL makes longer is let through: neither can be broken
    without harm to those who search for it;
  * has no notes to self (the words are in NOTES) and no path of a
    developer's machine.
The scripts below tests/ that shells are fed with are data: a long line or a
blank at its end may be the point of one, so their lines are left alone.
C files are indented with tabs, blanks only align. In the kernel's rooms a
function has at most 100 lines and a file at most 800.

Usage: check-format.py [--fix] [file ...]
--fix mends what needs no thought: blanks and newlines at ends. Exit status:
0 when nothing is left to mend.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KINDS = (".c", ".h", ".asm", ".py", ".sh")
ROOMS = ("arch/", "boot/", "kernel/", "mm/", "fs/", "ipc/", "drivers/", "lib/",
         "net/", "include/")
COLUMNS = 80
FUNCTION_LINES = 100
FILE_LINES = 800
# Written in pieces, so that this file may be checked as well.
NOTES = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b(?!\w)")
MACHINE = re.compile(r"(?<![\w.$}])/(?:work|tmp/" r"brief)(?:/|\b)(?!\w)")
LONG_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.){2,}\'')
URL = re.compile(r"\w+://\S+")
BLANK_TAB = re.compile(r"^\t* {8}")
# After these a line of C begins anew; elsewhere up to 7 blanks align it.
STATEMENT_END = ("{", "}", ";", ":", "*/")


def tracked():
    out = subprocess.run(["git", "ls-files", "-z"], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    return [name for name in out.split("\0")
            if name.endswith(KINDS) and not is_data(name)
            and os.path.isfile(name)]


def is_data(name):
    return name.startswith("tests/") and name.endswith(".sh")


def width(line):
    return len(line.expandtabs(8))


def too_wide(line):
    """Wider than the page, and not for the sake of something unbreakable."""
    if width(line) <= COLUMNS:
        return False
    shorter = URL.sub("", LONG_STRING.sub('""', line))
    return shorter == line or width(shorter) > COLUMNS


def blank_indent(line, before):
    """Blanks where a tab belongs; those that align a broken line are fine."""
    if BLANK_TAB.search(line):
        return True
    return (re.match(r" +[^ *]", line) is not None
            and before.rstrip().endswith(STATEMENT_END))


def check_lines(name, lines):
    is_c = name.endswith((".c", ".h"))
    before = ""
    for number, line in enumerate(lines, 1):
        at = f"{name}:{number}: "
        if line != line.rstrip():
            yield at + "blanks at the end of the line"
        if too_wide(line):
            yield at + f"{width(line)} columns"
        if is_c and blank_indent(line, before):
            yield at + "indented with blanks"
        if NOTES.search(LONG_STRING.sub("", line)):
            yield at + "a note to self"
        if MACHINE.search(line):
            yield at + "a path of somebody's machine"
        before = line


def check_functions(name, lines):
    """Bodies stand between a brace in column 0 and its partner."""
    start = title = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION_LINES:
                yield (f"{name}:{start}: {title}: "
                       f"{number - start - 1} lines in one function")
            start = None
        elif line and not line[0].isspace() and not start:
            title = line.split("(")[0].split()[-1].lstrip("*")


def mended(text):
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return "".join(line + "\n" for line in lines)


def check(name, fix):
    with open(name, newline="") as f:
        text = f.read()
    if fix and text != mended(text):
        text = mended(text)
        with open(name, "w", newline="") as f:
            f.write(text)
        print(f"{name}: mended")
    lines = text.split("\n")
    if text and lines.pop():
        yield f"{name}: no newline at the end"
    elif text.endswith("\n\n"):
        yield f"{name}: empty lines at the end"
    yield from check_lines(name, lines)
    if name.startswith(ROOMS):
        if len(lines) > FILE_LINES:
            yield f"{name}: {len(lines)} lines"
        if name.endswith((".c", ".h")):
            yield from check_functions(name, lines)


def main():
    os.chdir(ROOT)
    fix = "--fix" in sys.argv[1:]
    names = [a for a in sys.argv[1:] if a != "--fix"] or tracked()
    wrong = [text for name in names for text in check(name, fix)]
    for text in wrong:
        print(text)
    print(f"{len(names)} files, {len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
