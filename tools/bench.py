#!/usr/bin/env python3
"""What each operation costs on Keel, and on Linux beside it.

    tools/bench.py [--build DIR] [--cache DIR] [--no-linux] [--cc CC] [ROW]

Builds tests/bench/bench.c, packs it as /init of an initramfs of its own, boots
that on Keel and on Debian's kernel (fetched by tools/fetch when it is not in
the cache; left out when it cannot be had) and prints one line a row. ROW, a
part of a row's name, chooses rows. A ratio below 1 means Keel is quicker.

QEMU counts instructions (-icount shift=0): one instruction is one nanosecond
of guest time, so what else the host does changes nothing. It also means that
caches, branch prediction and the real price of a trap are not in the numbers:
they compare the length of the paths, not the time on a machine. A loop of known
length is measured first, to prove that the guest's clock counts right.

The exit status is 1 when a row failed on Keel, other than for a system call it
does not have, or the guest did not finish.
"""

import argparse
import math
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import qemu                                                     # noqa: E402

WORDS = "console=ttyS0 quiet panic=-1 mitigations=off"
COUNT = ("-icount", "shift=0,sleep=off")
ROW = re.compile(rb"^BENCH (\S+) ([\d.]+) ns\r?$", re.M)
FAILED = re.compile(rb"^FAIL (\S+) (?:line \d+: )?(.*?)\r?$", re.M)
ABSENT = "Function not implemented"
LIMIT = 600                             # seconds for one guest, at most


def build_image(args):
    folder = os.path.join(args.build, "tests")
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(folder, "bench")
    image = os.path.join(folder, "bench.cpio.gz")
    source = os.path.join(ROOT, "tests/bench/bench.c")
    subprocess.run([args.cc, "-std=gnu17", "-O2", "-static", "-Wall",
                    "-Wextra", "-o", program, source], check=True)
    subprocess.run([sys.executable, os.path.join(ROOT, "tools/initramfs.py"),
                    "-o", image, "-D", "BENCH=" + program,
                    os.path.join(ROOT, "tests/bench/manifest")], check=True)
    return image


def linux_image(cache):
    """Debian's kernel, or None with the reason said."""
    path = os.path.join(cache, "linux/vmlinuz")
    if not os.path.exists(path):
        fetch = [sys.executable, os.path.join(ROOT, "tools/fetch"),
                 "--cache", cache, "linux"]
        try:
            subprocess.run(fetch, timeout=300)
        except subprocess.TimeoutExpired:
            pass
    if os.path.exists(path):
        return path
    print("bench: no Linux to compare with", file=sys.stderr)
    return None


def measure(args, name, kernel, image):
    """({row: nanoseconds}, {row: why it failed}) of one boot."""
    words = WORDS + (f" BENCH={args.row}" if args.row else "")
    guest = qemu.Machine(
        kernel=kernel, initrd=image, append=words, extra=COUNT,
        limit=LIMIT, silence=150,
        log=os.path.join(args.build, "tests/logs", f"bench-{name}.log"))
    failed = {}
    try:
        with guest:
            guest.expect(r"^BENCH-END", timeout=LIMIT)
    except qemu.GuestFailure as failure:
        print(f"bench: {name}: {failure.reason}\n{failure.tail}",
              file=sys.stderr)
        failed["guest"] = failure.reason
    said = bytes(guest.console)
    rows = {row.decode(): float(value) for row, value in ROW.findall(said)}
    clock = check_clock(rows)
    if clock:
        failed["clock"] = clock
    failed.update((row.decode(), why.decode(errors="replace"))
                  for row, why in FAILED.findall(said))
    return rows, failed


def check_clock(rows):
    """The row that is known beforehand says whether to believe the others."""
    spin = rows.pop("spin_1000", None)
    if spin is None:
        return "no measure of the clock"
    if abs(spin - 1000) > 30:
        return f"1000 instructions took {spin:.0f} ns by the guest's clock"
    return None


def number(value):
    return "-" if value is None else f"{value:,.0f}"


def print_table(keel, linux):
    print(f"{'row':18}{'Keel ns':>12}{'Linux ns':>12}{'ratio':>8}")
    ratios = []
    for row in list(keel) + [r for r in linux if r not in keel]:
        ours, theirs = keel.get(row), linux.get(row)
        ratio = ""
        if ours and theirs:
            ratios.append(ours / theirs)
            ratio = f"{ratios[-1]:.2f}"
        print(f"{row:18}{number(ours):>12}{number(theirs):>12}{ratio:>8}".rstrip())
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"{'geometric mean':42}{mean:>8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--cache", default="build/cache")
    parser.add_argument("--cc", default=os.environ.get("CC") or "gcc")
    parser.add_argument("--no-linux", action="store_true")
    parser.add_argument("row", nargs="?")
    args = parser.parse_args()

    kernel = os.path.join(args.build, "keel.elf")
    if not os.path.exists(kernel):
        sys.exit(f"bench: {kernel} is not built")
    image = build_image(args)
    keel, failed = measure(args, "keel", kernel, image)
    linux = {}
    oracle = None if args.no_linux else linux_image(args.cache)
    if oracle:
        linux, bad = measure(args, "linux", oracle, image)
        for row, why in bad.items():
            print(f"bench: {row} failed on Linux: {why}", file=sys.stderr)
    for row, why in failed.items():
        print(f"bench: {row} failed on Keel: {why}", file=sys.stderr)
    if not keel:
        sys.exit("bench: no row was measured")
    print_table(keel, linux)
    # A call Keel does not have is a gap in the table, not a broken row.
    return 1 if set(failed.values()) - {ABSENT} else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
