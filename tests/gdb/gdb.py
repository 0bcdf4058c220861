"""The debugger's commands, each on a kernel that is running.

What `make gdb` runs is run here, on a terminal: the guest boots to its shell,
is stopped there with Ctrl-C, and asked. What the commands print must contain
what is known to be there. In the end gdb kills itself, and the guest must go.
"""

import os
import pty
import re
import select
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools"))
import qemu                                                     # noqa: E402

# What the console says when the guest has nothing left to do.
PROMPT = re.compile(rb"# \Z")

FIRST_STOP = {
    "kwalk x86_start_kernel": [r"PML4 \[511\] = 0x0*[^0]", r"physical 0x"],
}

AT_THE_SHELL = {
    "ktasks": [r"\b1 +1 +\w+ +\d+ init", r"\b2 +2 .*kthreadd"],
    "kcpus": [r"CPU 0: pid \d+", r"CPU 1: pid \d+"],
    "kstack 2": [r"kthreadd \(2\)", r"schedule", r"ret_from_fork"],
    "kareas 1": [r"r-x. init", r"rw-. stack"],
    "kwalk start_kernel": [r"PML4 \[511\]", r"read-only kernel", r"physical 0x"],
    "kwalk 0x1000 1": [r"not mapped"],
    "klog": [r"Linux version 6\.1\.0-keel", r"running /init as PID 1"],
    "kstack 99999": [r"there is no task 99999"],
    "kwalk": [r"\Ausage: kwalk ADDR \[PID\]\n\Z"],
    "kwalk zzz": [r"\Ausage: kwalk ADDR \[PID\]\n\Z"],
    "kstack x": [r"\Ausage: kstack PID\n\Z"],
    "kareas x": [r"\Ausage: kareas PID\n\Z"],
}

STOPPED = {
    "ctrl-c": [r"SIGINT, Interrupt"],
    "end": [],
}

EXPECTED = {**FIRST_STOP, **STOPPED, **AT_THE_SHELL}


def ask(command):
    return [f"echo \\n@@ {command}\\n",
            f"python\ntry:\n    gdb.execute('{command}')\n"
            "except gdb.error as e:\n    print(e)\nend"]


def gdb_script():
    """Ask at the first stop, run until someone types Ctrl-C, ask again."""
    lines = ["set width 0", "set style enabled off", "continue"]
    for command in FIRST_STOP:
        lines += ask(command)
    lines += ["delete", "echo \\n@@ ctrl-c\\n", "continue"]
    for command in AT_THE_SHELL:
        lines += ask(command)
    lines += ["echo \\n@@ end\\n",
              "python import os; os.kill(os.getpid(), 9)"]
    return "\n".join(lines) + "\n"


def start(ctx, folder):
    """Run tools/gdb.sh on a terminal. Return: its pid, our end."""
    script = os.path.join(folder, "script")
    with open(script, "w", encoding="utf-8") as out:
        out.write(gdb_script())
    # Its socket and log are its own: somebody may be using make gdb.
    os.symlink(os.path.abspath(ctx.built("keel.elf")),
               os.path.join(folder, "keel.elf"))
    env = dict(os.environ, BUILD=folder, SMP="2", MEM="128", TERM="dumb",
               INITRD=os.path.abspath(ctx.built("initramfs.cpio.gz")),
               GDB_ARGS=f"-nx -x {script}")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ctx.root)
        os.execvpe("sh", ["sh", "tools/gdb.sh"], env)
    return pid, terminal


def at_prompt(folder):
    try:
        with open(os.path.join(folder, "gdb-console.log"), "rb") as console:
            return PROMPT.search(console.read())
    except FileNotFoundError:
        return False


def conversation(terminal, folder):
    """All that is printed; Ctrl-C is typed when the guest shows its prompt."""
    output, typed = b"", False
    end = time.monotonic() + qemu.stretched(180)
    while time.monotonic() < end:
        if not typed and at_prompt(folder):
            os.write(terminal, b"\x03")
            typed = True
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:             # nobody is left at the other end
            data = b""
        if not data:
            return output.decode(errors="replace").replace("\r", "")
        output += data
    raise AssertionError("gdb hangs after:\n"
                         + output.decode(errors="replace")[-2000:])


def guest_lives(folder):
    with socket.socket(socket.AF_UNIX) as debugger:
        try:
            debugger.connect(os.path.join(folder, "gdb.sock"))
        except OSError:
            return False
    return True


def run(ctx):
    names = {c: c.replace(" ", "-") for c in EXPECTED}
    if not any(map(ctx.wanted, names.values())):
        return
    ctx.need(ctx.built("keel.elf"), ctx.built("initramfs.cpio.gz"))
    with tempfile.TemporaryDirectory() as folder:
        pid, terminal = start(ctx, folder)
        try:
            output = conversation(terminal, folder)
            os.waitpid(pid, 0)
            pid = 0
            lives = guest_lives(folder)
        finally:
            os.close(terminal)
            if pid:
                os.kill(pid, signal.SIGKILL)    # and QEMU dies with it
                os.waitpid(pid, 0)
    parts = dict(re.findall(r"^@@ (.*)\n((?:(?!@@ ).*\n)*)", output, re.M))
    for command, patterns in EXPECTED.items():
        if not ctx.wanted(names[command]):
            continue
        answer = parts.get(command, "no answer; all of it:\n" + output[-2000:])
        missing = [p for p in patterns
                   if not re.search(p, answer.rstrip("\n") + "\n")]
        if command not in parts:
            missing.append(command)
        if command == "end" and lives:
            missing.append("end of the guest")
        ctx.report(names[command], not missing, f"no {missing} in:\n{answer}")
