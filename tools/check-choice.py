#!/usr/bin/env python3
"""Check that tools/test.py runs what T= names, and fails where that is nothing.

Its suites are replaced by two small ones, one of which is a program that
prints TAP, and its own main() is called with one T after the other.
"""

import contextlib
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test                                                     # noqa: E402
from jobs import Part                                           # noqa: E402

PROGRAM = ["printf", "1..2\\nok 1 - apple\\nok 2 - pear\\n"]


def grow(ctx, *names):
    for name in names:
        ctx.attempt(name, lambda: None)


SUITES = {
    "tree": (lambda ctx: [Part(1, grow, "apple"),
                          Part(4, grow, "cherry", "cherry-plum")], True),
    "host": (lambda ctx: [Part(1, test.run_host, "bowl", PROGRAM)], False),
}

# T: how many tests pass; where it is none, the run must fail.
CHOICES = {
    "": 5, "tree": 3, "host": 2, "tree:apple": 1, "host:pear": 1,
    "host:bowl": 2, "host:bowl:apple": 1, "apple": 2, "plum": 1,
    "apple,plum": 3, "tree:apple,plum": 2, "host:apple,": 1,
    "nosuch": 0, "tree:nosuch": 0, "host:nosuch": 0, "nosuch,neither": 0,
}


def outcome(choice):
    """What a run with this T says in its end, and its exit status."""
    sys.argv = ["test.py", f"T={choice}", "KERNEL=keel"]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status = test.main()
    return output.getvalue().splitlines(), status


def complaint(choice, wanted):
    lines, status = outcome(choice)
    if lines[-1] != f"{wanted} passed, 0 failed" and wanted:
        return f"{lines[-1]}, not {wanted} passed"
    if status != (0 if wanted else 1):
        return f"the exit status is {status}"
    if not wanted and (len(lines) != 2 or "no test is called" not in lines[0]):
        return "it does not say, in one line, that there is no such test"
    return None


def main():
    test.SUITES = SUITES
    found = 0
    for choice, wanted in CHOICES.items():
        text = complaint(choice, wanted)
        if text:
            found += 1
            print(f"tools/test.py: T={choice}: {text}")
    print(f"choice: {len(CHOICES)} values of T, {found} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
