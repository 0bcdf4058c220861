"""Every door, with few and many CPUs, with little and much memory.

Each guest must come to its shell, run a command there and power off by itself.
A chosen few combinations by default, all of them with FULL=1.
"""

import os
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import qemu                                                     # noqa: E402

OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
SILENCE = 90        # seconds without a byte: the guest hangs
BAD = (b"Kernel panic", b"Oops:", b"ASSERT")

# door, CPUs, MiB
CHOSEN = [("direct", 1, 16), ("direct", 8, 64), ("direct", 4, 8192),
          ("bios", 2, 64), ("uefi", 2, 128)]
ALL = ([("direct", smp, mem) for smp in (1, 2, 4, 8)
        for mem in (16, 64, 256, 1024)]
       + [("direct", 4, 8192), ("direct", 255, 512)]
       + [("bios", smp, mem) for smp in (1, 4) for mem in (64, 256)]
       + [("uefi", smp, mem) for smp in (1, 4) for mem in (128, 512)])


def host_mib():
    with open("/proc/meminfo", encoding="ascii") as info:
        return int(info.readline().split()[1]) // 1024


def command(ctx, door, smp, mem):
    accel = "tcg,thread=multi" if smp > 1 else "tcg"
    line = ["qemu-system-x86_64", "-accel", accel, "-smp", str(smp), "-m",
            str(mem), "-display", "none", "-monitor", "none", "-no-reboot",
            "-nic", "none", "-serial", "stdio"]
    if door == "direct":
        return line + ["-kernel", ctx.built("keel.elf"), "-initrd",
                       ctx.built("initramfs.cpio.gz"), "-append",
                       "console=ttyS0"]
    if door == "uefi":
        line += ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}"]
    return line + ["-cdrom", ctx.built("keel.iso")]


class Guest:
    """One machine and what its console has said."""

    def __init__(self, words):
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.text = b""

    def fail(self, why):
        raise AssertionError(
            f"{why}; the console ends:\n"
            + self.text[-3000:].decode("latin-1"))

    def wait_for(self, wanted):
        """Read until `wanted` (None: the end) stands behind what was seen."""
        start = len(self.text)
        pipe = self.process.stdout.fileno()
        while wanted is None or wanted not in self.text[start:]:
            if not select.select([pipe], [], [], qemu.stretched(SILENCE))[0]:
                self.fail(f"silence instead of {wanted}")
            data = os.read(pipe, 65536)
            if not data:
                if wanted is None:
                    return
                self.fail(f"QEMU ended before {wanted}")
            self.text += data
            if any(bad in self.text for bad in BAD):
                time.sleep(1)
                self.text += os.read(pipe, 65536)
                self.fail("the kernel failed")

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def boot(ctx, door, smp, mem):
    guest = Guest(command(ctx, door, smp, mem))
    try:
        guest.wait_for(b"keel# ")
        guest.type("echo $((6 * 7)) $(grep -c ^processor /proc/cpuinfo)")
        guest.wait_for(f"\n42 {smp}".encode())
        guest.type("poweroff")
        guest.wait_for(None)
    finally:
        guest.close()


def run(ctx):
    ctx.need(ctx.built("keel.elf"), ctx.built("keel.iso"))
    for door, smp, mem in ALL if ctx.full else CHOSEN:
        if mem > 4096 and host_mib() < 12288:
            continue
        ctx.attempt(f"{door}-{smp}cpu-{mem}m", boot, ctx, door, smp, mem)
