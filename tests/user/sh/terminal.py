"""
Tests of user/sh at a terminal: prompts, Ctrl-C, Ctrl-Z and job control.

Each test drives a shell on a pseudo-terminal of its own as a user would: it
types, and waits for what must appear. Nothing sleeps for a fixed time; a
command that must be running before a key is pressed says so first (with its
message split by quotes, so that the terminal's echo of what was typed is not
taken for it). What does not appear within the deadline fails the test.
"""

import os
import pathlib
import pty
import re
import select
import signal
import tempfile
import termios
import time
import traceback

DEADLINE_S = 120
PROMPT = "@> "
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Terminal:
    """A shell, as a session leader, on a pseudo-terminal."""

    def __init__(self, shell, home, argv0=None, prompt=True):
        self.home = home
        self.seen = ""
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": home,
            "LC_ALL": "C",
            "SH": shell[-1],
        }
        if prompt:
            env["PS1"] = PROMPT
        argv = list(shell)
        if argv0:
            argv[0] = argv0
        self.pid, self.fd = pty.fork()
        if not self.pid:
            # Who runs the tests in the background, or with nohup(1), has some
            # ignored, which all that the shell starts would inherit.
            for sig in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
                signal.signal(sig, signal.SIG_DFL)
            os.chdir(home)
            os.execve(shell[0], argv, env)
        if prompt:
            self.expect(PROMPT)

    def type(self, text):
        os.write(self.fd, text.encode())

    def key(self, letter):
        self.type(chr(ord(letter) & 0x1f))

    def expect(self, pattern):
        """Wait for a regular expression, and drop what was up to its end."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            match = re.search(pattern, self.seen)
            if match:
                before = self.seen[:match.start()]
                self.seen = self.seen[match.end():]
                return before, match
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                raise AssertionError(
                    f"no {pattern!r} in {self.seen!r}")

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            return False
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def run(self, line):
        """Type a command, and return what it printed up to the prompt."""
        self.type(line + "\n")
        self.expect(re.escape(line) + "\n")
        before, _ = self.expect(re.escape(PROMPT))
        return before

    def wait_exit(self):
        while self.read(DEADLINE_S):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def owner(self):
        return os.tcgetpgrp(self.fd)

    def wait_foreground(self):
        """Wait until a job has the terminal, and is not stopped any more.

        A shell says what it continues before it gives the terminal away, and
        a stop that comes before the continuing is taken back by it.
        """
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            owner = self.owner()
            if owner != self.pid:
                with open(f"/proc/{owner}/stat", encoding="ascii") as f:
                    if f.read().rpartition(")")[2].split()[0] != "T":
                        return
            time.sleep(0.01)
        raise AssertionError("no job was brought to the foreground")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


READY = "echo rea''dy"


def start_sleep(t, line="sh -c '%s; exec sleep 1000'"):
    """Run something long in the foreground, and see it running."""
    t.type(line.replace("%s", READY.replace("''", "\"\"")) + "\n")
    t.expect("\nready\n")


def stop(t):
    t.key("z")
    t.expect(r"\[\d+\]\+ Stopped ")
    t.expect(re.escape(PROMPT))


@test
def prompts(t):
    assert t.run("echo hel''lo") == "hello\n"
    t.type("if true\n")
    t.expect("> ")
    t.type("then echo cont''inued; fi\n")
    t.expect("\ncontinued\n" + PROMPT)
    t.type("echo 'a\n")
    t.expect("> ")
    t.type("b'\n")
    t.expect("\na\nb\n" + PROMPT)


@test
def prompt_is_expanded(t):
    t.type("x=1; PS1='<$x> '\n")
    t.expect("\n<1> ")
    t.type("x=2\n")
    t.expect("\n<2> ")
    t.type("PS1='${bad!} '\n")
    t.expect(r"\$\{bad!\} ")
    t.type("PS1='@''> '\n")
    t.expect(PROMPT)


@test
def survives_errors(t):
    assert "syntax error" in t.run("if; then")
    assert "not set" in t.run("echo ${nosuch?}; echo never")
    assert "not found" in t.run("nosuchcommand")
    t.run("readonly r=1; r=2; echo never")
    t.run("shift 99; echo never")
    t.run(". ./nosuch; echo never")
    t.run("set -u; echo $nosuch; echo never")
    t.run("exec nosuchcommand; echo never")
    t.run("f() { f; }; f")
    assert t.run("echo ali''ve") == "alive\n"


@test
def interrupt_at_prompt(t):
    t.type("echo abandoned")
    t.expect("echo abandoned")
    t.key("c")
    t.expect(r"\^C\n" + PROMPT)
    assert t.run("echo $?") == "130\n"
    t.type("if true\n")
    t.expect("> ")
    t.key("c")
    t.expect(PROMPT)
    assert t.run("echo fre''sh") == "fresh\n"


@test
def interrupt_ends_the_line(t):
    start_sleep(t, "sh -c '%s; exec sleep 1000'; echo nev''er")
    t.key("c")
    before, _ = t.expect(re.escape(PROMPT))
    assert "never" not in before
    assert t.run("echo $?") == "130\n"


@test
def interrupt_of_builtins(t):
    t.type(READY + "; while :; do :; done; echo nev''er\n")
    t.expect("\nready\n")
    t.key("c")
    before, _ = t.expect(re.escape(PROMPT))
    assert "never" not in before


@test
def interrupt_of_substitution(t):
    t.type("x=$(echo rea''dy >&2; sleep 1000); echo nev''er\n")
    t.expect("\nready\n")
    t.key("c")
    before, _ = t.expect(re.escape(PROMPT))
    assert "never" not in before


@test
def interrupt_of_read_and_wait(t):
    t.type(READY + "; read x; echo nev''er\n")
    t.expect("\nready\n")
    t.key("c")
    before, _ = t.expect(re.escape(PROMPT))
    assert "never" not in before
    t.run("sleep 1000 &")
    t.type(READY + "; wait; echo nev''er\n")
    t.expect("\nready\n")
    t.key("c")
    before, _ = t.expect(re.escape(PROMPT))
    assert "never" not in before
    t.run("kill $!")


@test
def interrupt_spares_background(t):
    t.run("sleep 1000 &")
    start_sleep(t)
    t.key("c")
    t.expect(re.escape(PROMPT))
    assert "Running" in t.run("jobs")
    t.run("kill %1")


@test
def interrupt_trap(t):
    t.run("trap 'echo trap''ped' INT")
    t.type(READY + "; i=0; while [ $i -lt 3 ]; do read x; i=$((i+1)); done\n")
    t.expect("\nready\n")
    t.key("c")
    t.expect("trapped\n")
    t.type("\n\n\n")
    t.expect(re.escape(PROMPT))
    t.run("trap - INT")


@test
def quit_spares_shell(t):
    t.key("\\")
    assert "alive\n" in t.run("echo ali''ve")
    start_sleep(t)
    t.key("\\")
    t.expect(re.escape(PROMPT))
    assert t.run("echo $?") == "131\n"


@test
def stop_and_continue(t):
    start_sleep(t)
    t.key("z")
    _, match = t.expect(r"\n\[(\d)\]\+ Stopped +(.*)\n")
    assert match[1] == "1" and "sleep 1000" in match[2], match
    t.expect(re.escape(PROMPT))
    assert t.run("echo $?") == "148\n"
    assert re.match(r"\[1\]\+ Stopped +sh -c ", t.run("jobs"))
    t.type("fg\n")
    t.expect("fg\nsh -c .*\n")
    t.wait_foreground()
    t.key("z")
    t.expect(r"\n\[1\]\+ Stopped")
    t.expect(re.escape(PROMPT))
    assert re.match(r"\[1\] sh -c .* &\n", t.run("bg"))
    assert re.match(r"\[1\]\+ Running +sh -c ", t.run("jobs"))
    t.type("fg %1\n")
    t.expect("fg %1\nsh -c .*\n")
    t.wait_foreground()
    t.key("c")
    t.expect(re.escape(PROMPT))
    assert t.run("jobs") == ""


@test
def stop_pipeline(t):
    start_sleep(t, "sh -c '%s; exec sleep 1000' | cat | cat")
    stop(t)
    assert "| cat | cat" in t.run("jobs")
    t.type("fg %sh\n")
    t.expect("cat\n")
    t.wait_foreground()
    t.key("c")
    t.expect(re.escape(PROMPT))
    assert t.run("jobs") == ""
    assert t.owner() == t.pid


@test
def stop_subshell_and_function(t):
    t.type("( %s; sleep 1000; echo in si''de )\n" % READY)
    t.expect("\nready\n")
    stop(t)
    t.run("kill %1")
    t.run("f() { sh -c 'echo rea\"\"dy; kill -STOP $$; echo resu\"\"med'; }")
    t.type("f\n")
    t.expect("\nready\n")
    t.expect(r"Stopped \(signal\)")
    t.expect(re.escape(PROMPT))
    t.type("fg\n")
    t.expect("\nresumed\n")
    t.expect(re.escape(PROMPT))


@test
def several_jobs(t):
    for _ in range(3):
        start_sleep(t)
        stop(t)
    t.run("sleep 1000 &")
    lines = t.run("jobs").splitlines()
    assert [line[:4] for line in lines] == ["[1] ", "[2]-", "[3]+", "[4] "], \
        lines
    assert re.search(r"\[2\]- \d+ Stopped ", t.run("jobs -l"))
    t.run("bg %2")
    out = t.run("jobs %2")
    assert "Running" in out, out
    assert "no such job" in t.run("fg %9")
    assert "no such job" in t.run("fg %sh")
    t.run("kill %1 %2 %3 %4")
    deadline = time.monotonic() + DEADLINE_S
    while t.run("jobs >/dev/null; jobs"):
        assert time.monotonic() < deadline, "jobs do not end"


def expect_notice(t, pattern):
    """Press Return until the shell tells this of a job.

    It tells before a prompt: perhaps before the one that follows the command
    itself, so that this must not be dropped.
    """
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        out, _ = t.expect(re.escape(PROMPT))
        if re.search(pattern, out):
            return
        time.sleep(0.001)
        t.type("\n")
    raise AssertionError(f"no {pattern!r}")


@test
def background_notice(t):
    t.type("sh -c 'exit 3' &\n")
    t.expect(r"\n\[1\] \d+\n")
    expect_notice(t, r'\[1\]\+ Done\(3\) +sh -c "exit 3"\n')


@test
def background_reader_stops(t):
    t.type("cat &\n")
    expect_notice(t, r"\[1\]\+ Stopped \(tty input\) ")
    t.type("fg\n")
    t.expect("fg\ncat\n")
    t.type("line\n")
    t.expect("line\nline\n")
    t.key("d")
    t.expect(re.escape(PROMPT))


@test
def terminal_modes(t):
    # What a command that ends normally has set is meant.
    t.run("stty -echo")
    assert not t.echoes()
    t.type("stty echo\n")
    t.expect(re.escape(PROMPT))
    t.run("sh -c 'stty -echo; kill -9 $$'")
    assert t.echoes()
    t.type("sh -c 'stty -echo; kill -STOP $$; stty -a | grep -o .echo\\ ; "
           "stty echo'\n")
    t.expect(r"\[1\]\+ Stopped")
    t.expect(re.escape(PROMPT))
    assert t.echoes()
    t.type("fg\n")
    t.expect("-echo \n")
    t.expect(re.escape(PROMPT))
    assert t.echoes()


@test
def terminal_comes_back(t):
    for _ in range(50):
        t.run("true | true | true; (true); x=$(true)")
        assert t.owner() == t.pid
    t.type("i=0; while [ $i -lt 50 ]; do true | /bin/true; "
           "i=$((i+1)); done; echo finis''hed\n")
    t.expect("\nfinished\n" + PROMPT)
    assert t.owner() == t.pid


@test
def nested_shell(t):
    t.type("PS1='in> ' $SH\n")
    t.expect("\nin> ")
    start_sleep(t)
    t.key("z")
    t.expect(r"\[1\]\+ Stopped ")
    t.expect("in> ")
    t.type("kill -STOP $$\n")
    t.expect(r"\[1\]\+ Stopped \(signal\) ")
    t.expect(re.escape(PROMPT))
    assert t.owner() == t.pid
    t.type("fg\n")
    t.expect("in> |\n")
    t.type("\n")
    t.expect("in> ")
    t.type("exit\n")
    t.expect("stopped jobs")
    t.expect("in> ")
    t.type("exit 5\n")
    t.expect(re.escape(PROMPT))
    assert t.run("echo $?") == "5\n"
    assert t.owner() == t.pid


@test
def exit_warns_of_stopped_jobs(t):
    start_sleep(t)
    stop(t)
    t.key("d")
    t.expect("stopped jobs")
    t.expect(re.escape(PROMPT))
    t.key("d")
    assert t.wait_exit() == 128 + signal.SIGTSTP


@test
def end_of_input(t):
    t.run("(exit 7)")
    t.key("d")
    assert t.wait_exit() == 7


@test
def exit_trap(t):
    t.run("trap 'echo by''e' EXIT")
    t.type("exit 3\n")
    t.expect("\nbye\n")
    assert t.wait_exit() == 3


@test
def hangup(t):
    t.run("trap 'echo hung >hup; exit 9' HUP")
    os.kill(t.pid, signal.SIGHUP)
    assert t.wait_exit() == 9
    assert pathlib.Path(t.home, "hup").read_text() == "hung\n"


@test
def monitor_off(t):
    t.run("set +m")
    start_sleep(t)
    t.key("c")
    t.expect(re.escape(PROMPT))
    t.run("set -m")
    start_sleep(t)
    stop(t)
    t.run("kill -9 %1")
    assert t.owner() == t.pid


def login(shell, home):
    pathlib.Path(home, ".profile").write_text(
        "PS1='pro> '; echo profile $0; false; nosuch${x?}; echo never\n")
    t = Terminal(shell, home, argv0="-sh", prompt=False)
    try:
        before, _ = t.expect("pro> ")
        assert "profile -sh\n" in before and "never" not in before, before
    finally:
        t.close()


def default_prompt(shell, home):
    t = Terminal(shell, home, prompt=False)
    try:
        t.expect("keel# " if not os.geteuid() else r"keel\$ ")
    finally:
        t.close()


def run_one(function, shell, home):
    if function in (login, default_prompt):
        function(shell, home)
        return
    t = Terminal(shell, home)
    try:
        function(t)
    finally:
        t.close()


def run(shell, first, names):
    """Run the tests; returns how many there were and how many failed."""
    tests = [f for f in TESTS + [login, default_prompt]
             if not names or "terminal-" + f.__name__ in names]
    failed = 0
    for number, function in enumerate(tests, first + 1):
        with tempfile.TemporaryDirectory(prefix="sh-test-") as home:
            try:
                run_one(function, shell, home)
                verdict = "ok"
            except Exception:
                verdict = "not ok"
                failed += 1
                for line in traceback.format_exc().splitlines()[-6:]:
                    print("#", line)
        print(f"{verdict} {number} - terminal-{function.__name__}",
              flush=True)
    return len(tests), failed
