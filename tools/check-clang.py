#!/usr/bin/env python3
"""Read the kernel with a second compiler, which knows user pointers and locks.

A `__user` pointer must not be dereferenced, nor become an ordinary pointer on
the way: with SMAP that is an oops, without it a hole. gcc does not know the
idea. clang does: with CHECK_ADDRESS_SPACES, <keel/compiler.h> gives user
pointers an address space of their own and forbids to dereference them, and
I/O memory (`__iomem`) likewise. Only the front end runs, nothing is built.

With CHECK_LOCKS it also follows locks through each function: what is taken must
be released on every path, nothing released that is not held, and a variable
that is __guarded_by() a lock is not touched without it. Functions that take or
drop a lock for their caller say so; see <keel/compiler.h>.

The other warnings are the ones our gcc build has too, for a second opinion.

First the checker is checked: wrong code of each kind must be refused, and
right code accepted. Without clang nothing is checked, and that is said.

Usage: check-clang.py [file.c ...]
The compiler is $CLANG, or clang. Exit status: 0 when it found nothing.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLANG = os.environ.get("CLANG", "clang")
ROOMS = ("arch/x86_64", "kernel", "mm", "fs", "ipc", "drivers", "lib",
         "net", "tests/kernel")
# It is compiled only to be read by the Makefile.
NOT_CODE = ("arch/x86_64/asm_offsets.c",)
FLAGS = """-fsyntax-only -std=gnu17 -ffreestanding -mcmodel=kernel
    -mno-red-zone -mgeneral-regs-only -fno-strict-aliasing -fwrapv
    -Iinclude -I. -Iarch/x86_64/include -DCHECK_ADDRESS_SPACES -DCHECK_LOCKS
    -fno-caret-diagnostics -Werror -Wno-unknown-warning-option
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    -Wpointer-arith -Wundef -Wnoderef -Wthread-safety -Wno-gcc-compat
    -Wno-unused-parameter -Wno-missing-field-initializers
    -Wno-sign-compare""".split()

HEAD = """#include <arch/io.h>
#include <arch/uaccess.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
struct pair { int a, b; };
static DEFINE_SPINLOCK(lock, RANK_LEAF);
static DEFINE_MUTEX(mutex, RANK_MUTEX_LEAF);
static DEFINE_RWSEM(rwsem, RANK_MUTEX_LEAF);
static int guarded __unused __guarded_by(lock);
int f(struct pair __user *p, char __iomem *io, struct pair *k);
int f(struct pair __user *p, char __iomem *io, struct pair *k)
{ int v = 0; (void)p; (void)io; (void)k;
  (void)lock; (void)mutex; (void)rwsem; """
WRONG = {
    "a member of a user structure": "v = p->a;",
    "a store through a user pointer": "p->b = 1;",
    "an element of a user array": "v = p[3].b;",
    "a user pointer becoming a kernel pointer": "k = p;",
    "a kernel pointer becoming a user pointer": "p = k;",
    "a user pointer passed as a kernel one": "__builtin_memset(p, 0, 8);",
    "a kernel pointer given to get_user":
        "int *q = &k->a; if (copy_from_user(&v, q, 4)) v = 1;",
    "I/O memory read like memory": "v = *io;",
    "a guarded variable without its lock": "guarded = 1;",
    "a lock held on one path": "spin_lock(&lock); if (k) return 1; "
        "spin_unlock(&lock);",
    "a lock that is never released": "mutex_lock(&mutex);",
    "a lock released twice": "spin_lock(&lock); spin_unlock(&lock); "
        "spin_unlock(&lock);",
    "a failed trylock released":
        "if (!mutex_trylock(&mutex)) mutex_unlock(&mutex);",
    "a reader's lock released as a writer's": "down_read(&rwsem); "
        "up_write(&rwsem);",
}
RIGHT = {
    "get_user": "if (get_user(v, &p->b)) v = 1;",
    "put_user": "if (put_user(1, &p->a)) v = 1;",
    "copy_from_user": "if (copy_from_user(k, p, sizeof(*k))) v = 1;",
    "readl": "v = (int)readl(io);",
    "a guarded variable": "spin_lock_irq(&lock); guarded = 1; "
        "spin_unlock_irq(&lock);",
    "a scope guard": "if (k) { SPIN_GUARD(&lock); guarded = 1; return 2; }",
    "an interruptible lock": "if (mutex_lock_interruptible(&mutex)) "
        "return 1; mutex_unlock(&mutex);",
    "a reader's lock": "down_read(&rwsem); up_read(&rwsem);",
}


def complaint(path, *more):
    done = subprocess.run([CLANG, *FLAGS, *more, path], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        return done.stdout.strip() or f"{path}: {CLANG} failed"
    return ""


def check_checker(folder):
    """What the checker gets wrong about code we know."""
    wrong = []
    path = os.path.join(folder, "snippet.c")
    for cases, refused in ((WRONG, True), (RIGHT, False)):
        for what, code in cases.items():
            with open(path, "w") as f:
                f.write(HEAD + code + " return v; }\n")
            said = complaint(path)
            if bool(said) != refused:
                wrong.append(f"the checker {'misses' if said == '' else 'refuses'}"
                             f" {what}\n{said}".rstrip())
            elif refused and not re.search("noderef|address space|thread-safety", said):
                wrong.append(f"{what} is refused for another reason\n{said}")
    return wrong


def sources():
    for room in ROOMS:
        for folder, _, names in sorted(os.walk(room)):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if name.endswith(".c") and path not in NOT_CODE:
                    yield path


def main():
    os.chdir(ROOT)
    if not shutil.which(CLANG):
        print(f"{CLANG} is not installed: user pointers are not checked")
        return 0
    chosen = sys.argv[1:] or list(sources())
    with tempfile.TemporaryDirectory() as folder:
        wrong = check_checker(folder)
        # The build makes this one; for reading, an empty table will do.
        open(os.path.join(folder, "syscall_names.inc"), "w").close()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            said = pool.map(lambda path: complaint(path, "-I" + folder),
                            chosen)
            wrong += [text for text in said if text]
    for text in wrong:
        print("\n".join(text.splitlines()[:12]))
    print(f"{len(chosen)} files read, {len(wrong)} with complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
