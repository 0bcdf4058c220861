"""Boot tests: every door, many machines, and boots that cannot succeed.

A good boot ends in a shell at the serial console, where the test asks how many
CPUs and how much memory there are and then switches the machine off. The
combinations of door, CPUs and memory are chosen so that every pair of values
appears at least once; FULL=1 takes them all, and 255 CPUs.

A boot that cannot go on has to say why. Those tests use the direct door, which
takes any kernel, so the ones that expect Linux's own words run on Linux too.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile

import qemu

PROMPT = rb"keel# "

# door: (its tests' name, the least memory it boots with)
LEAST = {"direct": 16, "bios": 64, "uefi": 128}
CPUS = (1, 2, 4, 8)
MEMORY = (16, 64, 128, 256, 1024, 3072, 8192)

# Every pair of (door, CPUs), (door, memory) and (CPUs, memory) that can be.
CHOSEN = [
    ("direct", 1, 16), ("direct", 2, 64), ("direct", 4, 128),
    ("direct", 8, 256), ("direct", 4, 8192), ("direct", 2, 16),
    ("direct", 8, 1024), ("direct", 1, 3072), ("direct", 4, 16),
    ("bios", 1, 64), ("bios", 2, 128), ("bios", 4, 256), ("bios", 8, 3072),
    ("bios", 2, 1024), ("bios", 1, 8192), ("bios", 8, 64),
    ("uefi", 1, 128), ("uefi", 2, 256), ("uefi", 4, 1024), ("uefi", 8, 128),
]


def host_memory_mib():
    """What the host can give away, in MiB."""
    try:
        with open("/proc/meminfo") as f:
            found = re.search(r"MemAvailable:\s+(\d+) kB", f.read())
        return int(found.group(1)) // 1024
    except (OSError, AttributeError):
        return 0


def combinations(full):
    if not full:
        return CHOSEN
    every = [(door, cpus, mem) for door in LEAST for cpus in CPUS
             for mem in MEMORY if mem >= LEAST[door]]
    return every + [("direct", 255, 1024)]


def machine_for(ctx, name, door, **options):
    if door == "direct":
        options.setdefault("initrd", ctx.built("initramfs.cpio.gz"))
        return qemu.Machine(kernel=ctx.kernel_image(), log=ctx.log(name),
                            append=options.pop("append", ctx.words),
                            **options)
    return qemu.Machine(cdrom=ctx.built("keel.iso"), uefi=door == "uefi",
                        log=ctx.log(name), **options)


def ask(guest, command):
    """Type a command; what it printed."""
    start = guest.pos
    guest.send(command + "\n")
    guest.expect(PROMPT)
    text = bytes(guest.console[start:guest.pos]).decode(errors="replace")
    return "\n".join(text.replace("\r", "").split("\n")[1:-1])


def check_machine(guest, cpus, mem):
    found = len(re.findall(r"^processor\s*:", ask(guest, "cat /proc/cpuinfo"),
                           re.M))
    assert found == cpus, f"{found} CPUs, not {cpus}"
    total = re.search(r"MemTotal:\s+(\d+) kB", ask(guest, "cat /proc/meminfo"))
    mib = int(total.group(1)) / 1024
    # What the kernel's image and page array take is not much.
    assert mem * 0.95 - 8 < mib <= mem, f"{mib:.1f} MiB of {mem} are usable"


def boots(ctx, name, door, cpus, mem):
    with machine_for(ctx, name, door, smp=cpus, mem=mem) as guest:
        guest.expect(PROMPT, timeout=240)
        check_machine(guest, cpus, mem)
        guest.send("poweroff\n")
        guest.wait_exit(120)


# ---- variations of a good boot ----

def plain_initramfs(ctx):
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain.cpio")
        with gzip.open(ctx.built("initramfs.cpio.gz")) as packed, \
                open(plain, "wb") as out:
            shutil.copyfileobj(packed, out)
        with machine_for(ctx, "plain", "direct", initrd=plain) as guest:
            guest.expect(PROMPT, timeout=120)


def two_archives_in_a_row(ctx):
    """As on Linux, what follows an archive is unpacked over it."""
    with tempfile.TemporaryDirectory() as folder:
        both = os.path.join(folder, "both.cpio.gz")
        with open(both, "wb") as out:
            for name in ("tests/guest.cpio.gz", "initramfs.cpio.gz"):
                with open(ctx.built(name), "rb") as part:
                    shutil.copyfileobj(part, out)
        with machine_for(ctx, "both", "direct", initrd=both) as guest:
            guest.expect(PROMPT, timeout=120)
            assert "show" in ask(guest, "ls /tests")


def plain_archive_before_a_compressed_one(ctx):
    """As a distribution's image begins with microcode."""
    with tempfile.TemporaryDirectory() as folder:
        both = os.path.join(folder, "both.cpio")
        with open(both, "wb") as out:
            with gzip.open(ctx.built("tests/guest.cpio.gz")) as plain:
                shutil.copyfileobj(plain, out)
            out.write(bytes(-out.tell() % 512))
            with open(ctx.built("initramfs.cpio.gz"), "rb") as packed:
                shutil.copyfileobj(packed, out)
        with machine_for(ctx, "plain-packed", "direct",
                         initrd=both) as guest:
            guest.expect(PROMPT, timeout=120)
            assert "show" in ask(guest, "ls /tests")


def maxcpus_is_obeyed(ctx):
    with machine_for(ctx, "maxcpus", "direct", smp=4,
                     append=ctx.words + " maxcpus=2") as guest:
        guest.expect(PROMPT, timeout=120)
        check_machine(guest, 2, 256)


def mem_is_obeyed(ctx):
    """QEMU leaves the initramfs at the end of memory, which mem= cuts off."""
    words = ctx.words.replace(" quiet", "") + " mem=128M"
    with machine_for(ctx, "mem", "direct", mem=512, append=words,
                     panic_ok=True) as guest:
        guest.expect(rb"initramfs.*mem=")
        guest.expect(rb"mm: 12[78] MiB")


def newest_cpu(ctx):
    with machine_for(ctx, "max", "direct", smp=2, cpu="max") as guest:
        guest.expect(PROMPT, timeout=120)
        assert "smap" in ask(guest, "cat /proc/cpuinfo")


def reboot_resets(ctx):
    with machine_for(ctx, "reboot", "direct") as guest:
        guest.expect(PROMPT, timeout=120)
        guest.send("reboot\n")
        guest.wait_exit(120)            # -no-reboot: a reset ends QEMU


def talks_unless_quiet(ctx):
    with machine_for(ctx, "loud", "direct",
                     append=ctx.words.replace(" quiet", "")) as guest:
        guest.expect(rb"Linux version 6\.1\.0-keel")
        guest.expect(rb"ttyS0")
        guest.expect(PROMPT, timeout=120)


WORDS = 'quiet x="a b" "y=c  d" z=1 z= TERM=vt100 $HOME;{} "one word"'


def init_was_given(guest):
    """PID 1's arguments and environment."""
    guest.expect(PROMPT, timeout=240)
    return (ask(guest, "cat /proc/1/cmdline; echo"),
            ask(guest, "cat /proc/1/environ; echo"))


def doors_pass_the_same_words(ctx):
    """GRUB splits and quotes by rules of its own; the words stay the same."""
    with tempfile.TemporaryDirectory() as folder:
        iso = os.path.join(folder, "words.iso")
        subprocess.run(["sh", "tools/mkiso.sh", iso, ctx.built("keel.elf"),
                        ctx.built("initramfs.cpio.gz"), "boot/grub.cfg"],
                       env=dict(os.environ, APPEND=WORDS), check=True)
        with machine_for(ctx, "words-direct", "direct",
                         append="console=ttyS0 " + WORDS) as guest:
            direct = init_was_given(guest)
        for word in ("x=a b\0", "y=c  d\0", "z=\0"):
            assert word in direct[1], f"no {word!r} in {direct}"
        assert direct[1].startswith("HOME=/\0TERM=vt100\0x="), direct
        assert "z=1" not in direct[1], direct
        for word in ("$HOME;{}\0", "one word\0"):
            assert word in direct[0], f"no {word!r} in {direct}"
        with qemu.Machine(cdrom=iso, log=ctx.log("words-bios")) as guest:
            grub = init_was_given(guest)
        assert grub == direct, f"{grub} through GRUB, not {direct}"


def grub_refuses_what_it_would_change(ctx):
    for words in ("it's", 'x=a"b c"', "a\\b"):
        done = subprocess.run([sys.executable, "tools/grub-words.py", words],
                              input="", text=True, stderr=subprocess.PIPE)
        assert done.returncode and "GRUB cannot pass on" in done.stderr, words


# ---- boots that fail ----

def fails_with(ctx, name, pattern, **options):
    """The machine must say `pattern`, and with panic=-1 it resets itself."""
    with qemu.Machine(kernel=ctx.kernel_image(), log=ctx.log(name),
                      panic_ok=True, **options) as guest:
        guest.expect(pattern, timeout=120)
        guest.wait_exit(120)


def death_of_init(ctx):
    fails_with(ctx, "death", rb"Attempted to kill init! exitcode=0x00000100",
               initrd=ctx.built("busybox.cpio.gz"),
               append=ctx.words + " rdinit=/bin/false")


def init_that_is_missing(ctx):
    fails_with(ctx, "missing", rb"Kernel panic.*(init|root)",
               initrd=ctx.built("busybox.cpio.gz"),
               append=ctx.words + " rdinit=/missing")


def init_word_is_not_for_an_initramfs(ctx):
    """Only where there is no /init does the kernel look at init=."""
    with qemu.Machine(kernel=ctx.kernel_image(), log=ctx.log("init-word"),
                      initrd=ctx.built("busybox.cpio.gz"),
                      append=ctx.words + " init=/bin/false") as guest:
        guest.expect(rb"busybox# ", timeout=120)


def no_initramfs(ctx):
    fails_with(ctx, "none", rb"Kernel panic.*(init|root)", append=ctx.words)


def damaged_initramfs(ctx):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "damaged.cpio.gz")
        with open(ctx.built("initramfs.cpio.gz"), "rb") as f:
            data = bytearray(f.read())
        data[len(data) // 2] ^= 0x55
        for name, content in (("cut", data[:len(data) // 2]),
                              ("flipped", data), ("text", b"hello\n" * 99)):
            with open(path, "wb") as out:
                out.write(content)
            words = ctx.words.replace(" quiet", "")
            with qemu.Machine(kernel=ctx.kernel_image(), initrd=path,
                              append=words, panic_ok=True,
                              log=ctx.log("damaged-" + name)) as guest:
                guest.expect(rb"Kernel panic.*initramfs: damaged", timeout=120)


def too_little_memory(ctx):
    with qemu.Machine(kernel=ctx.kernel_image(), mem=3, panic_ok=True,
                      initrd=ctx.built("initramfs.cpio.gz"),
                      append=ctx.words, log=ctx.log("little")) as guest:
        guest.expect(rb"Kernel panic.*not enough memory", timeout=120)


def initramfs_over_the_kernel(ctx):
    """QEMU lays it below the top of memory, whatever lies there."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.cpio")
        with open(path, "wb") as out:
            out.truncate(0xfd8000 - 0x180000)
        with qemu.Machine(kernel=ctx.kernel_image(), initrd=path, mem=16,
                          append=ctx.words, panic_ok=True,
                          log=ctx.log("over")) as guest:
            guest.expect(rb"too little memory: the initramfs", timeout=60)


def command_line_that_is_too_long(ctx):
    with qemu.Machine(kernel=ctx.kernel_image(), panic_ok=True,
                      initrd=ctx.built("initramfs.cpio.gz"),
                      append=ctx.words + " " + "x" * 5000,
                      log=ctx.log("long")) as guest:
        guest.expect(rb"Kernel panic.*command line", timeout=120)


def no_long_mode(ctx):
    with qemu.Machine(kernel=ctx.kernel_image(), cpu="qemu32", panic_ok=True,
                      initrd=ctx.built("initramfs.cpio.gz"),
                      append=ctx.words, log=ctx.log("32bit")) as guest:
        guest.expect(rb"(?i)long mode|64-bit", timeout=60)


def run(ctx):
    ctx.kernel_image()
    for test in (death_of_init, init_that_is_missing,
                 init_word_is_not_for_an_initramfs, no_initramfs):
        ctx.attempt(test.__name__, test, ctx)
    if ctx.linux:
        return
    for test in (plain_initramfs, two_archives_in_a_row,
                 plain_archive_before_a_compressed_one, maxcpus_is_obeyed,
                 mem_is_obeyed, newest_cpu, reboot_resets, talks_unless_quiet,
                 damaged_initramfs, too_little_memory,
                 initramfs_over_the_kernel,
                 command_line_that_is_too_long, no_long_mode):
        ctx.attempt(test.__name__, test, ctx)
    if os.path.exists(ctx.built("keel.iso")):
        ctx.attempt(doors_pass_the_same_words.__name__,
                    doors_pass_the_same_words, ctx)
    ctx.attempt(grub_refuses_what_it_would_change.__name__,
                grub_refuses_what_it_would_change, ctx)
    doors(ctx)


def doors(ctx):
    """The table of machines, as far as this host can show them."""
    iso, uefi = os.path.exists(ctx.built("keel.iso")), qemu.find_uefi()
    room = host_memory_mib()
    for door, cpus, mem in combinations(ctx.full):
        name = f"{door}-{cpus}cpu-{mem}m"
        why = None
        if door != "direct" and not iso:
            why = "no keel.iso"
        elif door == "uefi" and not uefi:
            why = "no UEFI firmware"
        elif mem >= 8192 and room < 12288:
            why = "the host has less than 12 GiB"
        if why and ctx.wanted(name):
            ctx.report(name, True, why, skipped=True)
        elif not why:
            ctx.attempt(name, boots, ctx, name, door, cpus, mem)
