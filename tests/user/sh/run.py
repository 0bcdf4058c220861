#!/usr/bin/env python3
"""
Tests of user/sh, with another shell as the oracle.

Each NAME.sh here is a script; NAME.out is what dash made of it: its standard
output, and a last line with its exit status. run.py executes every script
with the shell under test in an empty directory and compares. Nobody wrote an
.out file by hand, so none can share a misunderstanding with the shell. Where
dash is known not to follow POSIX, the script's first line names another
oracle, or "none" if no shell would do.

    run.py SH [NAME...]         run the cases, and the terminal tests
    run.py --record [NAME...]   write the .out files anew

Messages on standard error are not compared: every shell words its own. In a
script, "$SH" is the shell that runs it. terminal.py has the tests that need a
terminal. Output is TAP.
"""

import argparse
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_S = 180


def as_one_word(shell, folder):
    """A path that starts the shell, whatever wrapper it has."""
    if len(shell) == 1:
        return shell[0]
    path = pathlib.Path(folder, "shell")
    path.write_text(f'#!/bin/sh\nexec {shlex.join(shell)} "$@"\n')
    path.chmod(0o755)
    return str(path)


def default_signals():
    """Runs in the child: what nohup or & has us ignore, no shell can trap."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def run_case(shell, script):
    """Execute one script; the result has the form of an .out file."""
    with tempfile.TemporaryDirectory(prefix="sh-test-") as scratch, \
            tempfile.TemporaryDirectory(prefix="sh-tool-") as tool:
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": scratch,
            "LC_ALL": "C",
            "SH": as_one_word(shell, tool),
        }
        child = subprocess.Popen(
            shell + [str(script)], cwd=scratch, env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=default_signals)
        try:
            out, _ = child.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, _ = child.communicate()
            return out + b"\n# timeout\n"
    return out + b"# exit %d\n" % child.returncode


def first_difference(want, got):
    want, got = want.splitlines(), got.splitlines()
    for i, (a, b) in enumerate(zip(want, got), 1):
        if a != b:
            return i, a, b
    end = [b"(end)"]
    i = min(len(want), len(got))
    return i + 1, (want + end)[i], (got + end)[i]


def oracle(script):
    first = script.read_text(errors="replace").split("\n", 1)[0]
    if first.startswith("# oracle: "):
        return first.split(": ", 1)[1].split()
    return ["dash"]


def record(cases):
    for script in cases:
        if oracle(script) == ["none"]:
            continue
        out = run_case(oracle(script), script)
        script.with_suffix(".out").write_bytes(out)


def compare(shell, cases):
    failed = 0
    for number, script in enumerate(cases, 1):
        want = script.with_suffix(".out").read_bytes()
        got = run_case(shell, script)
        if got == want:
            print(f"ok {number} - {script.stem}", flush=True)
            continue
        failed += 1
        line, a, b = first_difference(want, got)
        print(f"# line {line}: expected {a.decode(errors='replace')}")
        print(f"# line {line}: got      {b.decode(errors='replace')}")
        print(f"not ok {number} - {script.stem}", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description="test user/sh")
    parser.add_argument("words", nargs="*", metavar="SH [NAME...]",
                        help="the shell, possibly with a wrapper; cases")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--no-terminal", action="store_true")
    args = parser.parse_args()

    names = args.words if args.record else args.words[1:]
    cases = sorted(c for c in HERE.glob("*.sh") if c.stem != "run")
    if names:
        cases = [c for c in cases if c.stem in names]
    if args.record:
        record(cases)
        return 0

    shell = shlex.split(args.words[0])
    if "/" in shell[-1]:
        shell[-1] = os.path.abspath(shell[-1])
    failed = compare(shell, cases)
    total = len(cases)
    if not args.no_terminal:
        import terminal
        count, bad = terminal.run(shell, total, names)
        total += count
        failed += bad
    print(f"1..{total}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
