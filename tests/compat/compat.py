"""The compatibility tests: unmodified programs, outputs compared with Linux's.

A machine whose whole user land is Debian's busybox, or a set of Debian's packages
(tools/fetch root:SET), runs a script, once on Linux and once on Keel. The two
outputs must be the same to the byte. What Linux says is kept in the cache under
a hash of all that went into it, so that Linux is booted only when something has
changed.

SOAK=N (make soak) has a script that works for a time do so for N seconds a
step, on 4 CPUs; what it says must be what Linux said of a short run. It adds
the tests that are too long for every day.
"""

import difflib
import hashlib
import os

import jobs
import qemu
from jobs import Part

# test: (image, script, MiB of memory)
TESTS = {
    "busybox_script": ("busybox.cpio.gz", "script.sh", 256),
    "debian_shell": ("debian-shell.cpio", "shell.sh", 512),
    "debian_procfs": ("debian-shell.cpio", "procfs.sh", 512),
    "debian_python": ("debian-python.cpio", "python.sh", 512),
    "debian_pytests": ("debian-pytest.cpio", "pytests.sh", 1024),
    "debian_trace": ("debian-trace.cpio", "trace.sh", 768),
    "debian_terminal": ("debian-terminal.cpio", "terminal.sh", 768),
    "debian_latency": ("debian-stress.cpio", "latency.sh", 768),
    "debian_stress": ("debian-stress.cpio", "stress.sh", 768),
}
# Too long for every day: half an hour or more.
SOAK_TESTS = {
    "debian_pytests_all": ("debian-pytest.cpio", "pytests_all.sh", 1024),
}
ALL_TESTS = TESTS | SOAK_TESTS


def said(guest):
    """What the script wrote to the second port."""
    return bytes(guest.tap).replace(b"\r\n", b"\n")


def failed(reason, tail, guest):
    end = said(guest)[-1500:].decode(errors="replace")
    return qemu.GuestFailure(reason, f"{tail}\n... and its output ends:\n{end}")


def run_script(ctx, kernel, image, test, name, words, smp=2):
    """Boot `kernel` and return what the script wrote."""
    _, script, mem = ALL_TESTS[test]
    with qemu.Machine(kernel=kernel, initrd=image, smp=smp, mem=mem,
                      append=f"{words} script=/compat/{script}",
                      silence=120 + 4 * ctx.soak, limit=1800 + 120 * ctx.soak,
                      log=ctx.log(name)) as guest:
        try:
            guest.wait_exit()
        except qemu.GuestFailure as failure:
            raise failed(failure.reason, failure.tail, guest) from None
        output = said(guest)
        if b"\n# done: status 0\n" not in output:
            raise failed("the script did not come to its end", guest.tail(),
                         guest)
    return output


def kept_output(ctx, image, test):
    """The file in the cache where Linux's output is kept."""
    digest = hashlib.sha256()
    for path in (ctx.oracle(), image):
        with open(path, "rb") as f:
            digest.update(f.read())
    digest.update(repr(ALL_TESTS[test]).encode())
    return os.path.join(ctx.cache, "compat", digest.hexdigest()[:16] + ".out")


def ask_linux(ctx, image, test, kept):
    output = run_script(ctx, ctx.oracle(), image, test, test + "-linux",
                        ctx.oracle_words)
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    with open(kept + ".new", "wb") as f:
        f.write(output)
    os.rename(kept + ".new", kept)


def compare(wanted, got):
    """Fail with the difference, line by line, if there is one."""
    if wanted == got:
        return
    lines = difflib.unified_diff(
        wanted.decode(errors="replace").splitlines(),
        got.decode(errors="replace").splitlines(),
        "linux", "keel", n=2, lineterm="")
    raise AssertionError("\n".join(list(lines)[:80]))


def same_output(ctx, image, test, kept):
    # On the oracle itself the question is whether the script is deterministic.
    words, smp = ctx.words, 2
    if ctx.soak:
        words, smp = f"{words} secs={ctx.soak}", 4
    linux = None
    if not os.path.exists(kept):
        linux = jobs.Beside(ask_linux, ctx, image, test, kept)
    output = run_script(ctx, ctx.kernel_image(), image, test, test, words, smp)
    if linux:
        linux.join()
    with open(kept, "rb") as f:
        compare(f.read(), output)


def attempt(ctx, image, test, kept):
    ctx.attempt(test, same_output, ctx, image, test, kept)


def parts(ctx):
    found = []
    tests = ALL_TESTS if ctx.soak else TESTS
    for test, (image, _, _) in tests.items():
        if ctx.wanted(test):
            image = ctx.need(ctx.built(image))
            kept = kept_output(ctx, image, test)
            # Mostly they wait, for one another and for time to pass.
            found.append(Part(1, attempt, image, test, kept))
    return found
