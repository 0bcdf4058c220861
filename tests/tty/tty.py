"""Terminal tests: someone types at the serial console of a running machine.

Each test is a function that types into a shell and says what must come back:
the line discipline's editing, echo and modes, signals from the keyboard, job
control. Nothing here sleeps: a job first prints a word, and only when that has
arrived is anything typed at it, so a slow machine changes nothing.

The busybox tests run on both kernels; those of our own shell on Keel only.
"""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

import qemu


class Shell:
    """A machine with a shell at its console, and a person's patience."""

    def __init__(self, ctx, name, image, prompt, wide):
        self.prompt = prompt
        # Linux with two emulated CPUs now and then loses an interrupt of the
        # serial port on a busy host, and waits for its output for ever.
        self.guest = qemu.Machine(kernel=ctx.kernel_image(), initrd=image,
                                  append=ctx.words, mem=256,
                                  smp=1 if ctx.linux else 2,
                                  log=ctx.log(name))
        self.guest.start()
        self.expect(prompt)
        # A line editor would fold what is longer than the terminal is wide.
        if wide:
            self.run(wide)

    def stop(self):
        self.guest.stop()

    def expect(self, pattern, timeout=60):
        return self.guest.expect(pattern, timeout).group(0)

    def type(self, text):
        self.guest.send(text)

    def run(self, command):
        """Type a command at the prompt; its output, without the echo."""
        start = self.guest.pos
        self.type(command + "\n")
        self.expect(self.prompt)
        text = bytes(self.guest.console[start:self.guest.pos])
        text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", text)
        text = text.decode(errors="replace").replace("\r", "")
        return "\n".join(text.split("\n")[1:-1])

    def job(self, command):
        """Start a job in the foreground and wait until it is there."""
        self.type(f"sh -c 'echo g''o; {command}'\n")
        self.expect(rb"^go\r?\n")

    def back(self):
        self.expect(self.prompt)


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


# ---- canonical mode ----

def echo_and_lines(sh):
    sh.job("exec cat")
    sh.type("hello\n")
    sh.expect(rb"hello\r\nhello\r\n")
    sh.type("two\nlines\n")
    sh.expect(rb"two\r\n")
    sh.expect(rb"lines\r\n")
    sh.type("\x04")
    sh.back()


def erase_takes_a_character(sh):
    sh.job("exec cat")
    sh.type("abX\x7fc\n")
    sh.expect(rb"abX\x08 \x08c\r\nabc\r\n")
    sh.type("a\tb\x7f\x7fc\n")          # a tab is one character
    sh.expect(rb"\nac\r\n")
    sh.type("\x7f\x7fx\n")              # nothing left to erase
    sh.expect(rb"x\r\nx\r\n")
    sh.type("\x04")
    sh.back()


def kill_takes_the_line(sh):
    sh.job("exec cat")
    sh.type("garbage\x15ok\n")
    sh.expect(rb"\nok\r\n")
    sh.type("\x04")
    sh.back()


def werase_takes_a_word(sh):
    sh.job("exec cat")
    sh.type("one two \x17three\n")
    sh.expect(rb"\none three\r\n")
    sh.type("\x04")
    sh.back()


def control_characters_are_echoed(sh):
    sh.job("exec od -An -tx1")
    sh.type("\x01\x1b\n")
    sh.expect(rb"\^A\^\[\r\n")
    sh.type("\x04")
    sh.expect(rb" 01 1b 0a")
    sh.back()


def literal_next(sh):
    sh.job("exec od -An -tx1")
    sh.type("\x16\x03\x16\x7f\n\x04")
    sh.expect(rb" 03 7f 0a")
    sh.back()


def eof_in_a_line_ends_the_read(sh):
    sh.job("exec cat")
    sh.type("abc\x04")
    sh.expect(rb"abcabc")
    sh.type("\x04")
    sh.back()


def carriage_return_is_newline(sh):
    sh.job("exec cat")
    sh.type("a\r")
    sh.expect(rb"a\r\na\r\n")
    sh.type("\x04")
    sh.back()


def output_gets_carriage_returns(sh):
    sh.type("printf 'q%sq\\nw\\n' u\n")
    sh.expect(rb"quq\r\nw\r\n")
    sh.back()


def lines_are_read_one_at_a_time(sh):
    sh.job("dd bs=100 count=1 2>/dev/null; exec cat")
    sh.type("one\ntwo\n")
    sh.expect(rb"^one\r\n(.|\r|\n)*^two\r\n")
    sh.type("\x04")
    sh.back()


def long_lines_are_cut(sh):
    sh.job("exec wc -c")
    sh.type("x" * 5000 + "\n\x04")
    sh.expect(rb"^4096\r\n")
    sh.back()


def typing_ahead(sh):
    sh.type("sleep 0.3; echo o''ne\necho t''wo\n")
    sh.expect(rb"^one\r\n")
    sh.expect(rb"^two\r\n")
    sh.back()


def flow_control(sh):
    sh.job("exec cat")
    sh.type("\x13abc\n")
    sh.type("\x11")
    sh.expect(rb"abc\r\nabc\r\n")
    sh.type("\x04")
    sh.back()


# ---- other modes ----

def raw_mode_passes_everything(sh):
    sh.type("stty raw -echo; echo g''o; dd bs=1 count=4 2>/dev/null | "
            "od -An -tx1; stty sane\n")
    sh.expect(rb"go\n")                 # no carriage return any more
    sh.type(b"\x03\x1a\r\x7f")
    sh.expect(rb" 03 1a 0d 7f")
    sh.back()


def min_counts_characters(sh):
    sh.type("stty -icanon -echo min 2 time 0; echo g''o; "
            "dd bs=10 count=1 2>/dev/null | od -An -c; stty sane\n")
    sh.expect(rb"go\r\n")
    sh.type("x")
    sh.type("y")
    sh.expect(rb"x +y")
    sh.back()


def time_without_min_gives_up(sh):
    out = sh.run("stty -icanon min 0 time 1; dd bs=1 count=1 2>/dev/null | "
                 "wc -c; stty sane")
    same(out.strip(), "0")


def echo_off_hides_typing(sh):
    sh.type("stty -echo; echo g''o; read x; stty echo; echo got=$x\n")
    sh.expect(rb"^go\r\n")
    start = sh.guest.pos
    sh.type("secret\n")
    sh.expect(rb"^got=secret\r\n")
    shown = bytes(sh.guest.console[start:sh.guest.pos])
    same(shown.count(b"secret"), 1)
    sh.back()


def window_size_is_kept(sh):
    same(sh.run("stty rows 40 cols 500; stty size"), "40 500")


def window_change_is_told(sh):
    sh.type("sh -c 'trap \"echo win''ched\" WINCH; stty rows 41 cols 501; "
            "true; echo e''nd'\n")
    sh.expect(rb"^winched\r\n")
    sh.expect(rb"^end\r\n")
    sh.back()


def terminal_has_a_name(sh):
    same(sh.run("tty"), "/dev/ttyS0")
    same(sh.run("echo by-tty >/dev/tty"), "by-tty")


# ---- signals from the keyboard ----

def interrupt_kills_the_job(sh):
    sh.job("exec cat")
    sh.type("partial")
    sh.expect(rb"partial")
    sh.type("\x03")
    sh.expect(rb"\^C")
    sh.back()
    same(sh.run("echo $?"), "130")


def interrupt_stops_a_spinning_job(sh):
    sh.job("while :; do :; done")
    sh.type("\x03")
    sh.back()


def interrupt_reaches_the_whole_pipeline(sh):
    sh.type("sh -c 'echo g''o; exec cat' | cat\n")
    sh.expect(rb"^go\r\n")
    sh.type("\x03")
    sh.back()


def interrupt_spares_the_background(sh):
    sh.run("sleep 1000 &")
    sh.job("exec cat")
    sh.type("\x03")
    sh.back()
    same(sh.run("kill -0 $! && echo al''ive"), "alive")
    sh.run("kill $!; wait $!")


def quit_kills_the_job(sh):
    sh.job("exec cat")
    sh.type("\x1c")
    sh.expect(rb"\^\\")
    sh.back()
    same(sh.run("echo $?"), "131")


def trapped_interrupt_is_a_signal(sh):
    sh.type("sh -c 'trap \"echo cau\"ght INT; echo g''o | cat - /dev/tty; "
            "echo af\"\"ter'\n")
    sh.expect(rb"^go\r\n")
    sh.type("\x03")
    sh.expect(rb"caught\r\n")
    sh.expect(rb"^after\r\n")
    sh.back()


def isig_off_passes_interrupt(sh):
    sh.type("stty -isig; sh -c 'echo g''o; exec od -An -tx1'; stty sane\n")
    sh.expect(rb"^go\r\n")
    sh.type("\x03\n\x04")
    sh.expect(rb" 03 0a")
    sh.back()


# ---- job control ----

# Reads lines for ever and says so whenever it is continued.
READER = ("trap \"echo re\"sumed CONT; echo g''o; "
          "while :; do read x && echo got=$x; done")


def resume(sh):
    """Bring the stopped reader to the foreground and talk to it."""
    sh.type("fg\n")
    sh.expect(rb"resumed\r\n")
    sh.type("again\n")
    sh.expect(rb"got=again\r\n")


def suspend_and_foreground(sh):
    sh.type(f"sh -c '{READER}'\n")
    sh.expect(rb"^go\r\n")
    for _ in range(3):
        sh.type("\x1a")
        sh.expect(rb"Stopped")
        sh.back()
        resume(sh)
    sh.type("\x03")
    sh.back()


def suspend_and_background(sh):
    sh.job("exec sleep 1000")
    sh.type("\x1a")
    sh.expect(rb"Stopped")
    sh.back()
    sh.run("bg")
    assert "Running" in sh.run("jobs") or "sleep" in sh.run("jobs")
    sh.run("kill %1; wait %1")


def suspend_a_pipeline(sh):
    sh.type(f"sh -c '{READER}' | cat\n")
    sh.expect(rb"^go\r\n")
    sh.type("\x1a")
    sh.expect(rb"Stopped")
    sh.back()
    resume(sh)
    sh.type("\x03")
    sh.back()


def background_reader_is_stopped(sh):
    sh.run("cat &")
    sh.run("until grep -q '^State:.T' /proc/$!/status; do :; done")
    sh.type("fg\n")
    sh.expect(rb"^cat\r\n")            # the shell has let go of the terminal
    sh.type("read\n")
    sh.expect(rb"read\r\nread\r\n")
    sh.type("\x04")
    sh.back()


def background_writer_is_stopped_if_asked(sh):
    sh.run("stty tostop")
    sh.run("sh -c 'echo hid''den' &")
    sh.run("until grep -q '^State:.T' /proc/$!/status; do :; done")
    sh.run("stty -tostop")
    sh.type("fg\n")
    sh.expect(rb"^hidden\r\n")
    sh.back()


def background_writer_writes(sh):
    sh.type("sh -c 'echo see''n' & wait\n")
    sh.expect(rb"^seen\r\n")
    sh.back()


def nested_shells_have_their_own_jobs(sh):
    sh.type("PS1=\"$PS1\" sh\n")
    sh.back()
    sh.job("exec cat")
    sh.type("\x1a")
    sh.expect(rb"Stopped")
    sh.back()
    sh.type("fg\n")
    sh.expect(rb"exec cat.*\r\n")
    sh.type("\x04")
    sh.back()
    sh.type("exit\n")
    sh.back()
    same(sh.run("jobs"), "")


def leaving_the_shell_powers_off(sh):
    sh.type("exit\n")
    sh.guest.wait_exit(120)


BUSYBOX_TESTS = [
    echo_and_lines, erase_takes_a_character, kill_takes_the_line,
    werase_takes_a_word, control_characters_are_echoed, literal_next,
    eof_in_a_line_ends_the_read, carriage_return_is_newline,
    output_gets_carriage_returns, lines_are_read_one_at_a_time,
    long_lines_are_cut, typing_ahead, flow_control,
    raw_mode_passes_everything, min_counts_characters,
    time_without_min_gives_up, echo_off_hides_typing, window_size_is_kept,
    window_change_is_told, terminal_has_a_name, interrupt_kills_the_job,
    interrupt_stops_a_spinning_job, interrupt_reaches_the_whole_pipeline,
    interrupt_spares_the_background, quit_kills_the_job,
    trapped_interrupt_is_a_signal, isig_off_passes_interrupt,
    suspend_and_foreground, suspend_and_background, suspend_a_pipeline,
    background_reader_is_stopped, background_writer_is_stopped_if_asked,
    background_writer_writes, nested_shells_have_their_own_jobs,
    leaving_the_shell_powers_off,
]


# ---- our own shell ----

def own_pipeline(sh):
    same(sh.run("echo one two three | cat | wc -w").strip(), "3")


def own_editing(sh):
    same(sh.run("echo abX\x7fc"), "abc")
    same(sh.run("garbage\x15echo ok"), "ok")


def own_interrupt(sh):
    sh.job("exec cat")
    sh.type("\x03")
    sh.back()
    same(sh.run("echo $?"), "130")
    sh.type("half a line\x03")
    sh.back()
    same(sh.run("echo whole"), "whole")


def own_job_control(sh):
    sh.type(f"sh -c '{READER}'\n")
    sh.expect(rb"^go\r\n")
    sh.type("\x1a")
    sh.expect(rb"Stopped")
    sh.back()
    assert "Stopped" in sh.run("jobs")
    resume(sh)
    sh.type("\x03")
    sh.back()


def own_background(sh):
    sh.run("sleep 1000 &")
    same(sh.run("kill $!; wait $!; echo $?").splitlines()[-1], "143")


def own_shell_is_respawned(sh):
    sh.type("exit\n")
    sh.back()
    same(sh.run("echo re''born"), "reborn")


def own_poweroff(sh):
    sh.type("poweroff\n")
    sh.guest.wait_exit(120)


OWN_TESTS = [own_pipeline, own_editing, own_interrupt, own_job_control,
             own_background, own_shell_is_respawned, own_poweroff]


# ---- the terminal that make run was typed at ----

def children(pid):
    """The children of process `pid`, as (number, name)."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/stat") as f:
                name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == pid:
            found.append((int(number), name))
    return found


def default_signals():
    """Runs in the child: what nohup or & has us ignore, no shell can trap."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """tools/run.sh with a terminal of its own, until the first prompt."""

    def __init__(self, ctx, image):
        self.master, self.slave = pty.openpty()
        self.before, self.said = self.state(), b""
        self.script = subprocess.Popen(
            ["sh", "tools/run.sh"], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, start_new_session=True,
            preexec_fn=default_signals,
            env=dict(os.environ, BUILD=ctx.build, INITRD=image, SMP="1",
                     MEM="64", DIRECT="1", KVM="0", APPEND="quiet"))

    def __enter__(self):
        try:
            self.expect(b"keel# ")
            self.qemu = next(pid for pid, name in children(self.script.pid)
                             if name.startswith("qemu"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for pid, _ in children(self.script.pid):
            os.kill(pid, signal.SIGKILL)
        self.script.kill()
        self.script.wait()
        os.close(self.master)
        os.close(self.slave)

    def state(self):
        return (termios.tcgetattr(self.slave),
                fcntl.fcntl(self.slave, fcntl.F_GETFL))

    def type(self, text):
        os.write(self.master, text)

    def take(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.said += os.read(self.master, 65536)

    def expect(self, word):
        end = time.monotonic() + qemu.stretched(120)
        while word not in self.said:
            assert time.monotonic() < end, f"no {word!r} in {self.said!r}"
            assert self.script.poll() is None, f"ended: {self.said!r}"
            self.take(1)
        self.said = self.said.partition(word)[2]

    def left_as_it_was(self, status):
        end = time.monotonic() + qemu.stretched(60)
        while self.script.poll() is None:
            assert time.monotonic() < end, "run.sh does not end"
            self.take(0.1)
        same(self.script.returncode, status)
        assert not os.path.exists(f"/proc/{self.qemu}"), "QEMU lives on"
        same(self.state(), self.before)


def ctrl_a_x_ends_the_run(terminal):
    terminal.type(b"sh -c 'echo be\"\"gun; exec cat'\n")
    terminal.expect(b"begun")
    terminal.type(b"\x03")              # it is the guest's, not QEMU's
    terminal.expect(b"keel# ")
    terminal.type(b"\x01x")
    terminal.left_as_it_was(0)


def killing_qemu_spares_the_terminal(terminal):
    os.kill(terminal.qemu, signal.SIGKILL)
    terminal.left_as_it_was(128 + signal.SIGKILL)


def a_signal_ends_the_whole_run(number):
    def test(terminal):
        terminal.script.send_signal(number)
        terminal.left_as_it_was(-number)
    test.__name__ = f"{number.name}_ends_the_whole_run"
    return test


RUN_TESTS = [ctrl_a_x_ends_the_run, killing_qemu_spares_the_terminal] + [
    a_signal_ends_the_whole_run(number)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]


def run_on_terminals(ctx, image):
    for test in RUN_TESTS:
        def attempt():
            with Terminal(ctx, image) as terminal:
                test(terminal)
        ctx.attempt(test.__name__, attempt)


def run_session(ctx, label, image, prompt, tests, wide=None):
    """All tests at one machine; a new one behind a test that failed."""
    shell, boots = None, 0
    for test in tests:
        if not ctx.wanted(test.__name__):
            continue
        failed = ctx.failed

        def attempt():
            nonlocal shell, boots
            if not shell:
                boots += 1
                shell = Shell(ctx, f"{label}-{boots}", image, prompt, wide)
            try:
                test(shell)
            except AssertionError as wrong:
                raise AssertionError(f"{wrong}\n{shell.guest.tail(20)}")
        ctx.attempt(test.__name__, attempt)
        if ctx.failed > failed and shell:
            shell.stop()
            shell = None
    if shell:
        shell.stop()


def run(ctx):
    ctx.kernel_image()
    busybox = ctx.need(ctx.built("busybox.cpio.gz"))
    run_session(ctx, "busybox", busybox, rb"busybox# ", BUSYBOX_TESTS,
                "stty rows 24 cols 500")
    if not ctx.linux:
        own = ctx.need(ctx.built("initramfs.cpio.gz"))
        run_session(ctx, "own", own, rb"keel# ", OWN_TESTS)
        run_on_terminals(ctx, own)
