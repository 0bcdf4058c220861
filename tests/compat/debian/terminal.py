"""Programs that own a terminal, typed at: bash, script, htop, tmux.

Each runs on a pseudo-terminal of its own. What a screen shows at which moment
is nobody's promise, so what is printed is what a person would look for: the
lines between two prompts of bash, and words that must appear elsewhere.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time


os.environ["PS1"] = "READY> "
PROMPT = rb"READY> "


class Terminal:
    """A program with a terminal of @rows times @columns."""

    def __init__(self, argv, term="dumb", rows=24, columns=80):
        self.seen = b""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ["TERM"] = term
            os.execvp(argv[0], argv)
        self.pid = pid
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("4H", rows, columns, 0, 0))

    def send(self, text):
        os.write(self.fd, text.encode())

    def more(self):
        """Read what has come; False at the end of all output."""
        if not select.select([self.fd], [], [], 120)[0]:
            raise TimeoutError(f"silence after {self.seen[-500:]!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def until(self, pattern):
        """Everything up to and with @pattern, which is then forgotten."""
        while not (match := re.search(pattern, self.seen)):
            if not self.more():
                raise EOFError(f"no {pattern!r} in {self.seen[-500:]!r}")
        text, self.seen = self.seen[:match.end()], self.seen[match.end():]
        return text

    def end(self):
        """The exit status, all output having been read."""
        while self.more():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def plain(text):
    """Output as a person reads it: no control sequences, no numbers.

    Nor the echo of a key that sends a signal: who dies of it may give the
    terminal back, and the shell end its echo, before the key is echoed.
    """
    text = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\^[CZ\\]", "", text.decode())
    text = text.replace("\r", "")
    return re.sub(r"^(\[\d\][+-]?\s*)\d{2,}$", r"\1PID", text, flags=re.M)


def states(name):
    found = subprocess.run(["ps", "-o", "s=", "-C", name],
                           capture_output=True, text=True).stdout.split()
    return "".join(sorted(found))


def until_state(name, state):
    while states(name) != state:
        time.sleep(0.05)


def bash_controls_jobs():
    shell = Terminal(["bash", "--norc", "--noprofile", "-i"])
    shell.until(PROMPT)

    def say(line, keys="", state=None):
        """Type @line, and when its program is in @state, @keys."""
        shell.send(line + "\n")
        if state:
            until_state(*state)
        shell.send(keys)
        print(plain(shell.until(PROMPT)).removesuffix("READY> "), end="")

    say("echo $- | grep -o m; tty | tr -d 0-9")
    say("stty size; stty -a | grep -o 'isig icanon'")
    say("sleep 1000", "\x1a", ("sleep", "S"))
    until_state("sleep", "T")
    say("jobs")
    say("bg")
    until_state("sleep", "S")
    say("jobs")
    say("sleep 2000 &")
    say("jobs | sed 's/  */ /g'")
    say("kill %2; wait %2; echo status $?")
    say("fg", "\x03", ("sleep", "S"))
    say("echo status $?")
    say("tail -f /dev/null", "\x1c", ("tail", "S"))
    say("cat &")
    until_state("cat", "T")
    say("jobs")
    say("fg", "a line\n\x04", ("cat", "S"))
    # Whether the prompt or the news of it comes first is chance.
    shell.send("stty tostop; (echo from behind) &\n"
               "while [ \"$(jobs -s | wc -l)\" = 0 ]; do :; done\n")
    shell.until(PROMPT + b"(.|\n)*" + PROMPT)
    say("jobs")
    say("stty -tostop; fg")
    say("sleep 1000 | cat | cat", "\x03", ("sleep", "S"))
    say("echo status ${PIPESTATUS[@]}")
    # The shell itself may redraw its line after this: it comes last.
    shell.send("bash -c 'trap \"stty size; kill \\$!; exit\" WINCH; "
               "sleep 3000 & wait'\n")
    until_state("sleep", "S")
    shell.resize(30, 100)
    print(plain(shell.until(rb"30 100")))
    shell.until(PROMPT)
    shell.send("exit 7\n")
    print("bash ended with", shell.end())


def script_records():
    run = Terminal(["script", "-q", "-e", "-c",
                    "tty | tr -d 0-9; stty size; read l; echo got $l; exit 3",
                    "/tmp/typescript"], rows=11, columns=44)
    run.send("hello\n")
    print("script ended with", run.end())
    with open("/tmp/typescript", "rb") as file:
        for line in plain(file.read()).split("\n"):
            if not line.startswith("Script"):
                print("|", line)


def htop_draws_and_quits():
    htop = Terminal(["htop", "--no-color"], "vt100")
    for word in (b"Tasks:", b"Load average:", b"Uptime:", b"PID",
                 b"F10", b"Quit"):
        while word not in htop.seen:
            htop.more()
    htop.send("tq")
    print("htop ended with", htop.end())


def tmux(*words):
    done = subprocess.run(["tmux", "-f", "/dev/null", *words],
                          capture_output=True, text=True)
    return done.stdout + done.stderr


def captured(pane):
    return plain(tmux("capture-pane", "-p", "-t", pane).encode())


def until_pane(pane, text):
    end = time.monotonic() + 120
    while text not in (seen := captured(pane)):
        if time.monotonic() > end:
            raise TimeoutError(f"no {text!r} in {seen!r}")
        time.sleep(0.1)


def tmux_splits_a_screen():
    print(tmux("new-session", "-d", "-s", "work", "-x", "80", "-y", "24",
               "PS1='READY> ' bash --norc"), end="")
    until_pane("work:0.0", "READY>")
    tmux("send-keys", "-t", "work:0.0", "echo $((6 * 7)) $TERM", "Enter")
    until_pane("work:0.0", "42 tmux")
    print(tmux("split-window", "-h", "-t", "work:0",
               "PS1='OTHER> ' bash --norc"), end="")
    until_pane("work:0.1", "OTHER>")
    print(tmux("list-panes", "-t", "work:0", "-F",
               "#{pane_index} #{pane_width}x#{pane_height} "
               "#{pane_current_command}"), end="")
    tmux("send-keys", "-t", "work:0.1", "stty size; tail -f /dev/null",
         "Enter")
    until_pane("work:0.1", "24 39")
    until_state("tail", "S")
    tmux("send-keys", "-t", "work:0.1", "C-c")
    until_pane("work:0.1", "\n\nOTHER>")
    print(captured("work:0.1").strip())
    seen = Terminal(["tmux", "attach", "-t", "work"], "vt100")
    seen.until(rb"\[work\]")
    seen.send("\x02d")
    seen.until(rb"\[detached \(from session work\)\]")
    print("tmux detached with", seen.end())
    print(tmux("list-sessions", "-F", "#{session_name} "
               "#{session_windows} #{session_attached}"), end="")
    tmux("kill-server")
    while os.path.exists("/proc") and states("tmux: server"):
        time.sleep(0.1)
    print("tmux is gone")


for act in (bash_controls_jobs, script_records, htop_draws_and_quits,
            tmux_splits_a_screen):
    if os.environ.get("only", act.__name__) not in act.__name__:
        continue
    print("==", act.__name__)
    sys.stdout.flush()
    act()
    sys.stdout.flush()
