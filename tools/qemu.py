#!/usr/bin/env python3
"""The one place that knows how QEMU is started, watched and ended.

As a command it runs a kernel on this terminal:

    tools/qemu.py [--kernel K --initrd I --append WORDS | --cdrom ISO]
                  [--uefi] [--mem MIB] [--smp N] [--cpu MODEL] [--kvm]
                  [--print] [-- MORE QEMU OPTIONS]

Ctrl-A x leaves QEMU, Ctrl-A c switches to its monitor, every other key
(Ctrl-C too) goes to the guest. The terminal is left as it was found.

As a module it is the tests' view of one guest, class Machine. The guest has
two serial ports: the console, which may be typed at, and a second one on
which tests report. Three rules make failures quick and flakes rare:

  * a panic, oops or assertion on the console ends the run at once, with the
    end of the log in the exception;
  * a guest that says nothing on either port for `silence` seconds has hung;
    the allowance is stretched by the host's load, and as long as a guest makes
    progress it may take as long as it likes up to the generous `limit`;
  * only our own child is ever killed, and it is always reaped: it dies with
    us too, however we end.

QEMU's exit status says nothing (a triple fault, a power-off and Ctrl-C all
give 0), so callers look for a result line on the second port.
"""

import argparse
import ctypes
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

QEMU = os.environ.get("QEMU", "qemu-system-x86_64")

PANIC = re.compile(
    rb"^.*(?:Kernel panic|\bBUG: |\bOops\b|\bASSERT|"
    rb"UBSAN: |KASAN: |WARNING: CPU|WARNING: .* at .*:\d+, |"
    rb"in use after umount).*$", re.M)

FIRMWARE_PLACES = ("/usr/share/OVMF", "/usr/share/edk2/x64",
                   "/usr/share/edk2/ovmf", "/usr/share/qemu",
                   "/opt/homebrew/share/qemu")
FIRMWARE_NAMES = (("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"),
                  ("OVMF_CODE.fd", "OVMF_VARS.fd"),
                  ("OVMF_CODE.4m.fd", "OVMF_VARS.4m.fd"),
                  ("edk2-x86_64-code.fd", "edk2-i386-vars.fd"))


class GuestFailure(Exception):
    """The guest panicked, hung or vanished; `tail` ends its console log."""

    def __init__(self, reason, tail=""):
        super().__init__(reason)
        self.reason, self.tail = reason, tail


def find_uefi():
    """The (code, variables) images of a UEFI firmware, or None."""
    for place in FIRMWARE_PLACES:
        for code, variables in FIRMWARE_NAMES:
            pair = os.path.join(place, code), os.path.join(place, variables)
            if all(os.path.exists(p) for p in pair):
                return pair
    return None


def have_qemu():
    return shutil.which(QEMU) is not None


def stretched(seconds):
    """A time-out for this moment's load: on a busy host everything waits."""
    try:
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
    except OSError:
        load = 1
    return seconds * min(max(1.0, load), 5.0)


def arguments(kernel=None, initrd=None, append="", cdrom=None, uefi=False,
              mem=256, smp=1, cpu=None, kvm=False, display="none", extra=()):
    """The QEMU command line without its serial ports."""
    # Where time is counted in instructions, the CPUs take turns in one thread.
    threads = ",thread=multi" if smp > 1 and "-icount" not in extra else ""
    accel = "kvm" if kvm else "tcg" + threads
    out = [QEMU, "-accel", accel, "-m", str(mem), "-smp", str(smp),
           "-no-reboot", "-display", display, "-nodefaults",
           "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    if display != "none":
        out += ["-vga", "std"]
    if cpu or kvm:
        out += ["-cpu", cpu or "host"]
    if uefi:
        code, variables = find_uefi() or (None, None)
        if not code:
            raise GuestFailure("no UEFI firmware found (package ovmf)")
        out += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
                "-drive", f"if=pflash,format=raw,snapshot=on,file={variables}"]
    if kernel:
        out += ["-kernel", kernel, "-append", append]
        if initrd:
            out += ["-initrd", initrd]
    if cdrom:
        out += ["-cdrom", cdrom, "-boot", "d"]
    return out + list(extra)


try:
    PRCTL = ctypes.CDLL(None).prctl
except (OSError, AttributeError):
    PRCTL = None


def die_with_parent():
    """Runs in the child: Linux kills it when we are gone. Elsewhere no-op."""
    if PRCTL:
        pr_set_pdeathsig = 1
        PRCTL(pr_set_pdeathsig, signal.SIGKILL)


class Machine:
    """One guest. Use it in a with statement: leaving it ends the guest."""

    def __init__(self, log=None, silence=120, limit=1800, panic_ok=False,
                 **options):
        self.command = arguments(**options)
        self.silence, self.limit, self.panic_ok = silence, limit, panic_ok
        self.log_path = log
        self.console = bytearray()      # all the console said
        self.tap = bytearray()          # all the second port said
        self.pos = 0                    # console: end of the last match
        self.checked = 0                # console: looked through for panics
        self.child = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        tap_read, tap_write = os.pipe()
        command = self.command + [
            "-chardev", "stdio,id=con,signal=off", "-serial", "chardev:con",
            "-chardev", f"file,id=tap,path=/dev/fd/{tap_write}",
            "-serial", "chardev:tap", "-monitor", "none"]
        self.log = None
        if self.log_path:
            os.makedirs(os.path.dirname(self.log_path) or ".", exist_ok=True)
            self.log = open(self.log_path, "wb")
        try:
            self.child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, pass_fds=[tap_write],
                preexec_fn=die_with_parent, bufsize=0)
        except OSError as error:
            os.close(tap_read)
            raise GuestFailure(f"cannot start {QEMU}: {error.strerror}")
        finally:
            os.close(tap_write)
        self.started = self.heard = time.monotonic()
        self.streams = selectors.DefaultSelector()
        self.streams.register(self.child.stdout, selectors.EVENT_READ,
                              self.console)
        self.tap_file = os.fdopen(tap_read, "rb", buffering=0)
        self.streams.register(self.tap_file, selectors.EVENT_READ, self.tap)

    def stop(self):
        """End and reap the guest, whatever state it is in."""
        if not self.child:
            return
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.streams.close()
        for stream in (self.child.stdin, self.child.stdout, self.tap_file,
                       self.log):
            try:
                if stream:
                    stream.close()
            except OSError:
                pass
        self.child = None

    @property
    def alive(self):
        return bool(self.streams.get_map())

    def pump(self, seconds):
        """Take what arrives within `seconds`; True if anything did.

        Raises GuestFailure for a panic, for silence and at the hard limit.
        """
        got = self._read(seconds)
        now = time.monotonic()
        if got:
            self.heard = now
            self._check_panic()
        elif self.alive:
            if now - self.heard > stretched(self.silence):
                self.fail(f"nothing heard for {now - self.heard:.0f} s")
        if now - self.started > stretched(self.limit):
            self.fail(f"still running after {now - self.started:.0f} s")
        return got

    def _read(self, seconds):
        got = False
        for key, _ in self.streams.select(seconds):
            data = os.read(key.fd, 65536)
            if not data:
                self.streams.unregister(key.fileobj)
                continue
            got = True
            key.data.extend(data)
            if key.data is self.console and self.log:
                self.log.write(data)
                self.log.flush()
        return got

    def _check_panic(self):
        if self.panic_ok:
            return
        found = PANIC.search(self.console, self.checked)
        if found:
            self._let_it_finish()
            line = found.group(0).decode(errors="replace").strip()
            self.fail(f"panic: {line}")
        # Begin the next search at the last, perhaps unfinished, line.
        self.checked = self.console.rfind(b"\n") + 1

    def _let_it_finish(self):
        """A panic's registers and stack trace follow its first line."""
        end = time.monotonic() + stretched(10)
        quiet = time.monotonic()
        while self.alive and time.monotonic() < end:
            if self._read(0.2):
                quiet = time.monotonic()
            elif time.monotonic() - quiet > 1.5:
                break

    def fail(self, reason):
        tail = self.tail()
        self.stop()
        raise GuestFailure(reason, tail)

    def tail(self, lines=60):
        text = self.console.decode(errors="replace").replace("\r", "")
        return "\n".join(line if len(line) < 300 else line[:300] + " ..."
                         for line in text.splitlines()[-lines:])

    def send(self, text):
        """Type `text` at the console."""
        if isinstance(text, str):
            text = text.encode()
        try:
            self.child.stdin.write(text)
        except OSError:
            pass        # the guest is gone; the next wait says so

    def expect(self, pattern, timeout=60):
        """Wait until the console says `pattern`; the match object.

        The search begins behind the previous match, so that each wait is for
        something new.
        """
        if isinstance(pattern, str):
            pattern = pattern.encode()
        wanted = re.compile(pattern, re.M)
        end = time.monotonic() + stretched(timeout)
        while True:
            found = wanted.search(self.console, self.pos)
            if found:
                self.pos = found.end()
                return found
            if not self.alive:
                self.fail(f"the guest ended before it said {pattern!r}")
            if time.monotonic() > end:
                self.fail(f"no {pattern!r} within {timeout} s")
            self.pump(1)

    def wait_exit(self, timeout=None):
        """Take output until the guest has powered off."""
        end = timeout and time.monotonic() + stretched(timeout)
        while self.alive:
            if end and time.monotonic() > end:
                self.fail(f"not powered off within {timeout} s")
            self.pump(1)
        try:
            return self.child.wait(stretched(20))
        except subprocess.TimeoutExpired:
            self.fail("QEMU closed its ports but does not end")

    def lines(self):
        """The second port's complete lines as they arrive, to the end."""
        done = 0
        while True:
            end = self.tap.find(b"\n", done)
            if end >= 0:
                line = self.tap[done:end].decode(errors="replace")
                done = end + 1
                yield line.rstrip("\r")
            elif not self.alive:
                return
            else:
                self.pump(1)


def run_on_terminal(command):
    """Run QEMU in the foreground; give the terminal back as it was."""
    saved = None
    if sys.stdin.isatty():
        saved = termios.tcgetattr(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(command, preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL)).returncode
    finally:
        if saved:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)


def kvm_works():
    """Whether a guest truly starts under KVM, not only whether it exists."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with tempfile.TemporaryFile() as nothing:
        try:
            probe = subprocess.run(
                [QEMU, "-accel", "kvm", "-display", "none", "-nodefaults", "-S",
                 "-monitor", "stdio"], input=b"quit\n", stdout=nothing,
                stderr=nothing, timeout=20)
        except subprocess.TimeoutExpired:
            return False
    return probe.returncode == 0


def main():
    words, more = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, more = words[:at], words[at + 1:]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel")
    parser.add_argument("--initrd")
    parser.add_argument("--append", default="")
    parser.add_argument("--cdrom")
    parser.add_argument("--uefi", action="store_true")
    parser.add_argument("--mem", default="256")
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--cpu")
    parser.add_argument("--kvm", action="store_true")
    parser.add_argument("--display", default="none")
    parser.add_argument("--print", action="store_true",
                        help="print the command instead of running it")
    args = vars(parser.parse_args(words))
    only_print = args.pop("print")
    if args["kvm"] and not kvm_works():
        print("qemu: KVM does not work here, using TCG", file=sys.stderr)
        args["kvm"] = False

    command = arguments(**args, extra=more) + [
        "-chardev", "stdio,id=con,mux=on,signal=off",
        "-serial", "chardev:con", "-mon", "chardev=con"]
    if only_print:
        print(" ".join(command))
        return 0
    if not have_qemu():
        sys.exit(f"qemu: {QEMU} not found (package qemu-system-x86)")
    return run_on_terminal(command)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GuestFailure as failure:
        sys.exit(f"qemu: {failure}")
