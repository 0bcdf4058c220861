#!/usr/bin/env python3
"""Compare include/uapi/ with Linux's own headers.

Keel promises Linux's ABI, and include/uapi/ is where that promise is written
down. This script lets the original judge it. For each of our headers it

  1. compiles it alone, freestanding, with warnings as errors;
  2. collects every constant, scalar type and structure member it defines;
  3. has the compiler work out their values, sizes and offsets twice, once
     from our header and once from Debian's linux-libc-dev;
  4. reports each difference.

Nothing is run: the numbers are read from the assembly the compiler writes, so
the check also works with a cross compiler. What Linux keeps out of its public
headers is looked for in the C library's. What neither has must stand in
UNPUBLISHED with the reason; an entry there that turns out to be published
after all is an error too, so the list cannot grow stale.

Usage: check-uapi.py [-v] [name ...]	(names such as signal or stat.h)
The compiler is $CC, or ${CROSS_COMPILE}gcc. Exit status: 0 all equal,
1 differences, 2 the check itself could not be done.
"""

import concurrent.futures
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UAPI = os.path.join(ROOT, "include", "uapi")
CC = shlex.split(os.environ.get("CC") or
                 os.environ.get("CROSS_COMPILE", "") + "gcc")
ALONE = ["-std=gnu17", "-ffreestanding", "-Wall", "-Wextra", "-Werror"]

# Our header: the Linux headers that judge it, then the C library's headers
# that are asked about the rest.
ORACLES = {
    "audit.h": ("linux/audit.h", ""),
    "capability.h": ("linux/capability.h", ""),
    "dirent.h": ("", "dirent.h"),
    "elf.h": ("linux/elf.h linux/auxvec.h asm/hwcap2.h", "elf.h link.h"),
    "elfcore.h": ("", "sys/procfs.h"),
    "errno.h": ("linux/errno.h", "errno.h"),
    "eventpoll.h": ("linux/fcntl.h linux/eventpoll.h", "sys/eventfd.h"),
    "fcntl.h": ("linux/fcntl.h linux/openat2.h linux/fadvise.h "
                "linux/close_range.h", ""),
    "filter.h": ("linux/filter.h", ""),
    "fs.h": ("linux/fs.h linux/falloc.h linux/xattr.h", "unistd.h"),
    "futex.h": ("linux/futex.h", ""),
    "ioctl.h": ("asm/ioctls.h linux/ioctl.h asm/termios.h linux/tty.h", ""),
    "ipc.h": ("linux/ipc.h asm/ipcbuf.h", ""),
    "kcmp.h": ("linux/kcmp.h", ""),
    "klog.h": ("", "syslog.h"),
    "limits.h": ("linux/limits.h linux/binfmts.h", ""),
    "major.h": ("linux/major.h", "sys/sysmacros.h"),
    "mman.h": ("linux/mman.h linux/memfd.h", ""),
    "mount.h": ("linux/mount.h linux/fcntl.h linux/fs.h", "sys/mount.h"),
    "mqueue.h": ("linux/mqueue.h", ""),
    "msg.h": ("linux/msg.h", ""),
    "netlink.h": ("linux/netlink.h linux/rtnetlink.h", ""),
    "nsfs.h": ("linux/nsfs.h", ""),
    "pidfd.h": ("linux/pidfd.h", ""),
    "poll.h": ("linux/poll.h linux/posix_types.h", ""),
    "prctl.h": ("linux/prctl.h asm/prctl.h", ""),
    "ptrace.h": ("linux/ptrace.h asm/ptrace.h", "sys/user.h sys/ptrace.h"),
    "ioprio.h": ("linux/ioprio.h", ""),
    "random.h": ("linux/random.h", ""),
    "reboot.h": ("linux/reboot.h", ""),
    "resource.h": ("linux/resource.h", ""),
    "rseq.h": ("linux/rseq.h linux/membarrier.h", ""),
    "sched.h": ("linux/sched.h linux/sched/types.h", "sched.h"),
    "seccomp.h": ("linux/ioctl.h linux/seccomp.h", ""),
    "sem.h": ("linux/sem.h", ""),
    "shm.h": ("linux/shm.h asm/shmbuf.h", ""),
    "sigcontext.h": ("asm/sigcontext.h", ""),
    "securebits.h": ("linux/securebits.h", ""),
    "signal.h": ("linux/fcntl.h linux/signal.h linux/signalfd.h", ""),
    "socket.h": ("asm/ioctls.h asm/socket.h linux/sockios.h",
                 "sys/socket.h"),
    "stat.h": ("linux/stat.h asm/stat.h", ""),
    "statfs.h": ("asm/statfs.h linux/magic.h", "sys/statvfs.h"),
    "syscall.h": ("asm/unistd.h", ""),
    "sysinfo.h": ("linux/sysinfo.h", ""),
    "termios.h": ("asm/termios.h", ""),
    "time.h": ("linux/fcntl.h linux/time.h linux/timerfd.h linux/times.h "
               "linux/utime.h", "sys/stat.h asm/param.h"),
    "timex.h": ("", "sys/timex.h"),
    "types.h": ("linux/types.h asm/signal.h", ""),
    "ucontext.h": ("linux/signal.h asm/sigcontext.h asm/ucontext.h", ""),
    "uio.h": ("linux/uio.h", "fcntl.h"),
    "un.h": ("linux/un.h", ""),
    "utsname.h": ("linux/utsname.h", ""),
    "wait.h": ("linux/wait.h", "sys/wait.h"),
    "xattr.h": ("linux/xattr.h linux/limits.h", ""),
}

# Our name: theirs, where the two differ.
NAMES = {
    "DEV_ENCODE": "makedev",
    "DEV_MAJOR": "major",
    "DEV_MINOR": "minor",
    "KERNEL_SIGRTMIN": "SIGRTMIN",
    "USER_HZ": "HZ",
    "__kernel_sigset_t": "sigset_t",
    "struct __kernel_fd_set": "__kernel_fd_set",
    "struct __kernel_fsid": "__kernel_fsid_t",
    "struct _fpstate": "struct _fpstate_64",
    "struct elf64_auxv": "Elf64_auxv_t",
    "struct elf64_dyn": "Elf64_Dyn",
    "struct kernel_sigaction": "struct sigaction",
    "struct linux_dirent64": "struct dirent64",
}

# (our type, our member): Linux's member.
MEMBERS = {
    ("struct elf64_auxv", "a_val"): "a_un.a_val",
    ("struct kernel_sigaction", "handler"): "sa_handler",
    ("struct kernel_sigaction", "flags"): "sa_flags",
    ("struct kernel_sigaction", "restorer"): "sa_restorer",
    ("struct kernel_sigaction", "mask"): "sa_mask",
}

# The same, for a member that takes the place of several: only its offset has
# a counterpart.
PLACES = {
    ("struct stat", "st_atim"): "st_atime",
    ("struct stat", "st_mtim"): "st_mtime",
    ("struct stat", "st_ctim"): "st_ctime",
}

MODES = "0140755 0120777 0100644 0060660 0040755 0020620 0010600 0".split()
STATUSES = "0 0x100 0xff00 9 0x8b 0x137f 0xffff".split()
REQUESTS = "0x5401 0x802c542a 0x40045431 0xc0101234".split()
DEVICES = [(0, 0), (1, 3), (4, 64), (136, 255), (259, 0x12345), (4095, 0xfffff)]


def tried_on(name, arguments):
    return [f"{name}({argument})" for argument in arguments]


# Function-like macros, called with arguments that show their working. A pair
# is our call and the number it must give, for what is no constant over there.
CALLS = {
    "DEV_ENCODE": [(f"DEV_ENCODE({a}, {b})", os.makedev(a, b))
                   for a, b in DEVICES],
    "DEV_MAJOR": [(f"DEV_MAJOR({os.makedev(a, b)}U)", a) for a, b in DEVICES],
    "DEV_MINOR": [(f"DEV_MINOR({os.makedev(a, b)}U)", b) for a, b in DEVICES],
    "ELF64_R_SYM": ["ELF64_R_SYM(0x1234567800000007UL)"],
    "ELF64_R_TYPE": ["ELF64_R_TYPE(0x1234567800000007UL)"],
    "ELF64_ST_BIND": ["ELF64_ST_BIND(0x12)"],
    "ELF64_ST_TYPE": ["ELF64_ST_TYPE(0x12)"],
    "_IO": ["_IO('T', 0x41)"],
    "_IOC": ["_IOC(3U, 0x12, 0x34, 0x56)", "_IOC(_IOC_NONE, 'T', 1, 0)"],
    "_IOR": ["_IOR('T', 0x30, long)"],
    "_IOW": ["_IOW('T', 0x31, int)"],
    "_IOWR": ["_IOWR('T', 0x31, char[8191])"],
    **{name: tried_on(name, REQUESTS)
       for name in ("_IOC_DIR", "_IOC_NR", "_IOC_SIZE", "_IOC_TYPE")},
    **{name: tried_on(name, MODES)
       for name in ("S_ISBLK", "S_ISCHR", "S_ISDIR", "S_ISFIFO", "S_ISLNK",
                    "S_ISREG", "S_ISSOCK")},
    **{name: tried_on(name, STATUSES)
       for name in ("WEXITSTATUS", "WIFCONTINUED", "WIFEXITED", "WIFSIGNALED",
                    "WIFSTOPPED", "WSTOPSIG", "WTERMSIG")},
    "WCOREDUMP": ["!WCOREDUMP(0x8b)", "!WCOREDUMP(0x0b)"],
}

# What no public header says, as patterns of names, and who does say it.
UNPUBLISHED = {
    "CLOCKFD|CPUCLOCK_\\w+": "man 2 clock_getres describes the encoding",
    "KERNEL_NSIG|KERNEL_SIGRTMAX": "Linux's header leans on an _NSIG it lacks",
    "MEM_MINOR_\\w+": "Linux's Documentation/admin-guide/devices.txt",
    "OPEN_HOW_SIZE_VER0": "man 2 openat2: the first published size",
    "ST_NOSYMFOLLOW|ST_VALID": "man 2 statfs; seen in f_flags of a real one",
    "SYSLOG_ACTION_\\w+": "man 2 syslog lists the numbers",
    "TTYAUX_MINOR_\\w+|TTY_MINOR_SERIAL": "the same devices.txt",
    "struct linux_dirent": "man 2 getdents shows the structure",
    "struct pselect6_sigmask": "man 2 select, on pselect6's last argument",
    "struct rt_sigframe": "the layout debuggers and unwinders rely on",
}

# Filler is nobody's business: its name and size change as fields are added.
FILLER = re.compile(r"^_*(pad\w*|spare\d*|unused\d*|(\w+_)?reserved\d*|"
                    r"f_spare|padding)$")


class Broken(Exception):
    """The check could not be carried out."""


def run_cc(args, source=""):
    return subprocess.run(CC + args, input=source, capture_output=True,
                          text=True, check=False)


# ---------------------------------------------------------------- our side

def strip_comments(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return text.replace("\\\n", " ")


def split_top(body):
    """Split a structure's body into its declarations."""
    depth, start = 0, 0
    for i, char in enumerate(body):
        depth += (char == "{") - (char == "}")
        if char == ";" and depth == 0:
            yield body[start:i].strip()
            start = i + 1


def members(body, prefix=""):
    """Name each member that can be reached; '[]' marks a flexible array."""
    for decl in split_top(body):
        if "{" in decl:
            inner = decl[decl.index("{") + 1:decl.rindex("}")]
            name = decl[decl.rindex("}") + 1:].strip()
            if name:
                yield prefix + name
            yield from members(inner, prefix + name + "." if name else prefix)
            continue
        pointer = re.search(r"\(\*(\w+)\)", decl)
        plain = re.search(r"(\w+)\s*(\[.*\])?$", decl)
        name = (pointer or plain)[1]
        if not FILLER.match(name):
            yield prefix + name + ("[]" if decl.endswith("[]") else "")


class Header:
    """What one of our headers defines."""

    def __init__(self, name):
        self.name = name
        with open(os.path.join(UAPI, name), encoding="ascii") as file:
            text = strip_comments(file.read())
        self.constants, self.strings, self.macros = [], [], []
        for line in text.splitlines():
            found = re.match(r"#define (\w+)(\()?\s*(.*)", line)
            if not found:
                continue
            if found[2]:
                self.macros.append(found[1])
            elif found[3].startswith('"'):
                self.strings.append(found[1])
            else:
                self.constants.append(found[1])
        self.scalars = re.findall(r"^typedef \w+\s+(\w+);", text, flags=re.M)
        self.structs = {
            kind: list(members(body)) for kind, body in
            re.findall(r"^(\w+ \w+) \{\n(.*?)^\}", text, flags=re.M | re.S)}

    def names(self):
        return (self.constants + self.strings + self.macros + self.scalars +
                list(self.structs))

    def questions(self):
        """Yield (label, name it depends on, our expression, Linux's)."""
        for name in self.constants:
            yield name, name, name, NAMES.get(name, name)
        for name in self.strings:
            for i in range(8):
                char = (f"({i} < sizeof({name}) ? "
                        f"{name}[{i} % sizeof({name})] : 0)")
                yield f"{name}[{i}]", name, char, char
        for name in self.scalars:
            other = NAMES.get(name, name)
            yield (f"sizeof({name})", name,
                   f"sizeof({name})", f"sizeof({other})")
            yield (f"sign of {name}", name,
                   f"(({name})-1 < 0)", f"(({other})-1 < 0)")
        for name in self.macros:
            for call in CALLS.get(name, []):
                our, their = call if isinstance(call, tuple) else (call, call)
                yield our, name, our, their
        for kind in self.structs:
            yield from self.struct_questions(kind)

    def struct_questions(self, kind):
        theirs = NAMES.get(kind, kind)
        # A structure of no fixed length is only as long as its members say.
        if not any(m.endswith("[]") for m in self.structs[kind]):
            yield (f"sizeof({kind})", kind,
                   f"sizeof({kind})", f"sizeof({theirs})")
        yield (f"alignment of {kind}", kind,
               f"_Alignof({kind})", f"_Alignof({theirs})")
        for member in self.structs[kind]:
            name = member.removesuffix("[]")
            place = PLACES.get((kind, name))
            other = place or MEMBERS.get((kind, name), name)
            yield (f"offset of {name} in {kind}", kind,
                   f"__builtin_offsetof({kind}, {name})",
                   f"__builtin_offsetof({theirs}, {other})")
            if not place and not member.endswith("[]"):
                yield (f"size of {name} in {kind}", kind,
                       f"sizeof((({kind} *)0)->{name})",
                       f"sizeof((({theirs} *)0)->{other})")


def alone(name):
    """Compile one header by itself; return the compiler's complaints."""
    result = run_cc(ALONE + ["-fsyntax-only", "-I", os.path.dirname(UAPI),
                             "-xc", "-"], f"#include <uapi/{name}>\n")
    return result.stderr


# ---------------------------------------------------------------- both sides

def evaluate(prologue, expressions, flags):
    """Let the compiler compute each expression; return 64-bit numbers."""
    items = "".join(f"\t(unsigned long long)({e}),\n" for e in expressions)
    source = (f"{prologue}\n"
              f"const unsigned long long answers[] = {{\n{items}}};\n")
    result = run_cc(["-std=gnu17", "-w", "-S", "-o", "-", "-xc", "-"] + flags,
                    source)
    if result.returncode:
        raise Broken(result.stderr)
    answers = []
    for kind, number in re.findall(r"^\s*\.(quad|zero)\s+(-?\d+)",
                                   result.stdout, flags=re.M):
        if kind == "quad":
            answers.append(int(number) & (1 << 64) - 1)
        else:
            answers += [0] * (int(number) // 8)
    if len(answers) != len(expressions):
        raise Broken(f"{len(expressions)} questions, {len(answers)} answers")
    return answers


class Oracle:
    """A set of somebody else's headers, and the names they define."""

    def __init__(self, headers):
        # Some of Linux's constants lean on names it leaves to others.
        self.prologue = ("#define _GNU_SOURCE\n#define PAGE_SIZE 4096\n"
                         "#include <stddef.h>\n") + "".join(
            f"#include <{h}>\n" for h in headers.split())
        self.words = set()
        if not headers:
            return
        result = run_cc(["-E", "-dD", "-xc", "-"], self.prologue)
        if result.returncode:
            raise Broken(result.stderr)
        self.words = set(re.findall(r"^#define (\w+)", result.stdout,
                                    flags=re.M))
        code = re.sub(r"^#.*", "", result.stdout, flags=re.M)
        self.words |= set(re.findall(r"(?:struct|union) \w+(?=\s*\{)", code))
        self.words |= set(re.findall(r"\b(\w+)\s*[;,=}]", code))

    def knows(self, name):
        return NAMES.get(name, name) in self.words


def unaccounted(header, known):
    """Complain about names that were compared with nothing."""
    for name in header.names():
        excused = any(re.fullmatch(p, name) for p in UNPUBLISHED)
        if name not in known and not excused:
            yield (f"{header.name}: {name} is in no oracle and not in "
                   "UNPUBLISHED")
        elif name in known and excused:
            yield (f"{header.name}: {name} is published after all: take it "
                   "out of UNPUBLISHED")
        if name in header.macros and name not in CALLS:
            yield f"{header.name}: {name}() has no entry in CALLS"


def check(header, ours):
    """Compare one header; return (numbers compared, complaints)."""
    if header.name not in ORACLES:
        return 0, [f"{header.name}: no oracle is named for it"]
    faults, compared, known = [], 0, set()
    questions = list(header.questions())
    for headers in ORACLES[header.name]:
        oracle = Oracle(headers)
        asked = [(q, o) for q, o in zip(questions, ours)
                 if q[1] not in known and oracle.knows(q[1])]
        if not asked:
            continue
        try:
            theirs = evaluate(oracle.prologue, [q[3] for q, _ in asked], [])
        except Broken as error:
            return compared, [f"{header.name}: Linux's headers lack what ours "
                              f"has:\n{error}"]
        for (question, our), their in zip(asked, theirs):
            compared += 1
            if our != their:
                faults.append(f"{header.name}: {question[0]} is {our:#x}, "
                              f"Linux has {their:#x}")
        known |= {q[1] for q, _ in asked}
    return compared, faults + list(unaccounted(header, known))


def check_all(names):
    """Return (header, its result) for each name."""
    headers = [Header(name) for name in names]
    questions = [list(h.questions()) for h in headers]
    ours = evaluate("".join(f"#include <uapi/{n}>\n" for n in names),
                    [q[2] for qs in questions for q in qs],
                    ["-ffreestanding", "-I", os.path.dirname(UAPI)])
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for header, qs in zip(headers, questions):
            jobs.append(pool.submit(check, header, ours[:len(qs)]))
            ours = ours[len(qs):]
    return [(h.name, *j.result()) for h, j in zip(headers, jobs)]


def oracle_version():
    if run_cc(["-E", "-xc", "-"], "#include <linux/version.h>\n"
              "#include <asm/unistd.h>\n").returncode:
        raise Broken("Linux's headers are missing: install linux-libc-dev "
                     "(and libc6-dev)\n")
    code = evaluate("#include <linux/version.h>\n",
                    ["LINUX_VERSION_CODE"], [])[0]
    return f"{code >> 16}.{code >> 8 & 255}.{code & 255}"


def report(faults, verdict):
    for fault in faults:
        print(fault.rstrip(), file=sys.stderr)
    print(f"uapi: {len(faults)} faults" if faults else f"uapi: {verdict}")
    return 1 if faults else 0


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    names = [a.removesuffix(".h") + ".h" for a in args] or sorted(
        n for n in os.listdir(UAPI) if n.endswith(".h"))
    version = oracle_version()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [text for text in pool.map(alone, names) if text]
    if faults:
        return report(faults, "")

    total = 0
    for name, compared, found in check_all(names):
        total += compared
        faults += found
        if "-v" in sys.argv:
            print(f"{name:16}{compared:6} compared")
    return report(faults, f"{len(names)} headers compile alone, {total} "
                  f"numbers equal to Linux {version}'s")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Broken, OSError) as error:
        print(f"check-uapi: {error}", file=sys.stderr)
        sys.exit(2)
