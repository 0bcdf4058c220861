"""The compatibility tests: unmodified programs, outputs compared with Linux's.

Debian's busybox runs script.sh as the whole user land of a machine, once on
Linux and once on Keel. The two outputs must be the same to the byte. What
Linux says is kept in the cache under a hash of all that went into it, so that
Linux is booted only when something has changed.
"""

import difflib
import hashlib
import os

import qemu

WORDS = " script=/compat/script.sh"


def run_script(ctx, kernel, image, name, words):
    """Boot `kernel` and return what the script wrote to the second port."""
    with qemu.Machine(kernel=kernel, initrd=image, append=words + WORDS,
                      smp=2, mem=256, log=ctx.log(name)) as guest:
        guest.wait_exit()
        output = bytes(guest.tap).replace(b"\r\n", b"\n")
        tail = guest.tail()
    if b"\n# done: status 0\n" not in output:
        end = output[-1500:].decode(errors="replace")
        raise qemu.GuestFailure("the script did not come to its end",
                                f"{tail}\n... and its output ends:\n{end}")
    return output


def linux_output(ctx, image):
    kernel = ctx.oracle()
    digest = hashlib.sha256()
    for path in (kernel, image):
        with open(path, "rb") as f:
            digest.update(f.read())
    digest.update(WORDS.encode())
    kept = os.path.join(ctx.cache, "compat",
                        digest.hexdigest()[:16] + ".out")
    if not os.path.exists(kept):
        output = run_script(ctx, kernel, image, "linux",
                            ctx.oracle_words)
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(kept + ".new", "wb") as f:
            f.write(output)
        os.rename(kept + ".new", kept)
    with open(kept, "rb") as f:
        return f.read()


def compare(wanted, got):
    """Fail with the difference, line by line, if there is one."""
    if wanted == got:
        return
    lines = difflib.unified_diff(
        wanted.decode(errors="replace").splitlines(),
        got.decode(errors="replace").splitlines(),
        "linux", "keel", n=2, lineterm="")
    raise AssertionError("\n".join(list(lines)[:80]))


def busybox_script(ctx, image):
    wanted = linux_output(ctx, image)
    # On the oracle itself the question is whether the script is deterministic.
    compare(wanted, run_script(ctx, ctx.kernel_image(), image, "script",
                               ctx.words))


def run(ctx):
    image = ctx.need(ctx.built("busybox.cpio.gz"))
    ctx.kernel_image()
    ctx.attempt("busybox_script", busybox_script, ctx, image)
