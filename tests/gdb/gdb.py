"""The debugger's commands, each on a kernel that is running.

A guest is booted to its shell under gdb, stopped, and asked: what the commands
print must contain what is known to be there.
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import qemu                                                     # noqa: E402

# What to run, with a mark before each answer.
COMMANDS = ("ktasks", "kcpus", "kstack 2", "kareas 1", "kwalk start_kernel",
            "kwalk 0x1000 1", "klog", "kstack 99999")

EXPECTED = {
    "ktasks": [r"\b1 +1 +\w+ +\d+ init", r"\b2 +2 .*kthreadd"],
    "kcpus": [r"CPU 0: pid \d+", r"CPU 1: pid \d+"],
    "kstack 2": [r"kthreadd \(2\)", r"schedule", r"ret_from_fork"],
    "kareas 1": [r"r-x. init", r"rw-. stack"],
    "kwalk start_kernel": [r"PML4 \[511\]", r"read-only kernel", r"physical 0x"],
    "kwalk 0x1000 1": [r"not mapped"],
    "klog": [r"Linux version 6\.1\.0-keel", r"running /init as PID 1"],
    "kstack 99999": [r"there is no task 99999"],
}


def gdb_script(socket, elf, tools):
    """Run until the shell waits for its first line, then ask."""
    lines = ["set confirm off", "set pagination off", "set width 0",
             f"file {elf}", f"target remote {socket}",
             f"source {tools}/gdb/keel.py", "hbreak sys_ppoll",
             "continue", "delete"]
    for command in COMMANDS:
        lines += [f"echo \\n@@ {command}\\n",
                  f"python\ntry:\n    gdb.execute('{command}')\n"
                  "except gdb.error as e:\n    print(e)\nend"]
    return "\n".join(lines + ["echo \\n@@ end\\n", "kill", "quit"]) + "\n"


def answers(ctx, folder):
    elf = os.path.abspath(ctx.built("keel.elf"))
    socket = os.path.join(folder, "gdb.sock")
    guest = subprocess.Popen(
        ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2",
         "-m", "128", "-display", "none", "-monitor", "none", "-no-reboot",
         "-nic", "none", "-serial", f"file:{folder}/console", "-S",
         "-gdb", f"unix:{socket},server=on,wait=off", "-kernel", elf,
         "-initrd", ctx.built("initramfs.cpio.gz"),
         "-append", "console=ttyS0 quiet"],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as out:
            out.write(gdb_script(socket, elf, os.path.join(ctx.root, "tools")))
        wait_for(socket, guest)
        done = subprocess.run(["gdb", "-q", "-nx", "-batch", "-x", script],
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=qemu.stretched(120))
        return done.stdout
    finally:
        guest.kill()
        guest.wait()


def wait_for(socket, guest):
    import time
    for _ in range(600):
        if os.path.exists(socket):
            return
        if guest.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("QEMU did not start")


def run(ctx):
    ctx.need(ctx.built("keel.elf"), ctx.built("initramfs.cpio.gz"))
    with tempfile.TemporaryDirectory() as folder:
        try:
            output = answers(ctx, folder)
        except subprocess.TimeoutExpired:
            raise AssertionError("gdb hangs") from None
    parts = dict(re.findall(r"^@@ (.*)\n((?:(?!@@ ).*\n)*)", output, re.M))
    for command, patterns in EXPECTED.items():
        answer = parts.get(command, "no answer; all of it:\n" + output[-2000:])
        missing = [p for p in patterns if not re.search(p, answer)]
        ctx.report(command.replace(" ", "-"), not missing,
                   f"no {missing} in:\n{answer}")
