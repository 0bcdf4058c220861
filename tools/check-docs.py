#!/usr/bin/env python3
"""Hold the book to the code: every name in docs/ and README.md must exist.

    tools/check-docs.py             check; print every miss, exit 1 if any
    tools/check-docs.py --path      what the reading path's files count now

Between backticks, outside code blocks, these are looked up:

    `kernel/fork.c:copy_process`    the file exists and defines the symbol
    `kernel/task.h:task.parent`     ... the structure, and it has the member
    `mm/vma.c`, `fs/`               the file or folder exists
    `schedule()`, `read()`          some file of the kernel defines it, or it
                                    is a system call

A function of Linux has no brackets behind it in the book, and under a heading
"Beyond" bracketed names are not looked up. Links must lead to a file, and their
#anchors to a heading. In shell blocks `make` must be given targets that the
Makefile has, and T=suite:test must find a test wherever it stands.
docs/syscalls.md must be what its generator writes, and the files that
docs/path.md puts on the reading path must be few enough to be read. The rows of
docs/locking.md stand in the order of kernel/lock_rank.h.

A symbol is defined by a function's body, a variable, a macro, a structure,
union or enumeration, an enumerator, a typedef, or a label in assembly; a
prototype defines nothing. Each run first checks itself on names that are wrong.
"""

import functools
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOMS = ("arch", "boot", "docs", "drivers", "fs", "include", "ipc", "kernel",
         "lib", "mm", "net", "tests", "tools", "user", ".ci")
TOP = ("Makefile", "linker.ld", "README.md", "LICENSE")
KERNEL = ("arch", "boot", "drivers", "fs", "include", "ipc", "kernel", "lib",
          "mm", "net", "tests/kernel")
PATH_LIMIT = 12000
STOP_TOLERANCE = 0.25

WORDS = {"char", "int", "long", "short", "signed", "unsigned", "void", "bool",
         "struct", "union", "enum", "const", "static", "volatile"}

ATTRIBUTE = re.compile(
    r"\b__(?:aligned|section|printf|attribute__)\([^()]*(?:\([^()]*\))*[^()]*\)"
    r"|\b__(?:packed|ro_after_init|initdata|init|unused|used|noreturn|cold)\b")

FENCE = re.compile(r"^(```|~~~)(\w*)[^\n]*\n(.*?)^\1", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
SYMBOL = re.compile(r"([\w.][\w./-]*):([A-Za-z_.]\w*)(?:\.(\w+))?(?:\(\))?$")
CALL = re.compile(r"([a-z_]\w*)\(\)$")


# ---- what a file defines -------------------------------------------------

def blank(text):
    """C without comments and with empty strings; line count unchanged."""
    def keep(match):
        piece = match[0]
        if piece[0] == "/":
            return "\n" * piece.count("\n") or " "
        return piece[0] * 2
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|"
                  r"'(?:\\.|[^'\\\n])*'", keep, text, flags=re.S)


def flatten(text):
    """Cut C into its outermost declarations: (text with {} empty, bodies)."""
    depth, start, out, bodies, body = 0, 0, [], [], 0
    for match in re.finditer(r"[{};]", text):
        at, char = match.start(), match[0]
        if char == "{":
            if depth == 0:
                out.append(text[start:at])
                body = at + 1
            depth += 1
        elif char == "}":
            depth = max(0, depth - 1)
            if depth == 0:
                bodies.append(text[body:at])
                out.append("{}")
                start = at + 1
                head = "".join(out)
                # A function ends here, anything else at its semicolon.
                if head.rstrip(" {}\n\t").endswith(")") and "=" not in head:
                    yield head, bodies
                    out, bodies = [], []
        elif depth == 0:
            yield "".join(out) + text[start:at], bodies
            out, bodies, start = [], [], at + 1


def outside_parentheses(text):
    depth, out = 0, []
    for char in text:
        depth += char == "("
        if depth == 0:
            out.append(char)
        depth -= char == ")"
        if char == "(" and depth == 1:
            out.append("(")
    return "".join(out)


def declared(head, bodies):
    """The names that one outermost declaration defines."""
    for kind in re.finditer(r"\b(struct|union|enum)\s+(?:__\w+\s+)?(\w+)\s*"
                            r"(?:__\w+\s*)?\{", head):
        yield kind[2]
    if re.match(r"\s*(?:typedef\s+)?enum\b[^{]*\{", head) and bodies:
        yield from re.findall(r"(?:^|,)\s*(\w+)", re.sub(
            r"\([^()]*\)", "", bodies[0]))
    for macro, args in re.findall(r"\b([A-Z][A-Z0-9_]+)\(([^()]*)", head):
        names = re.findall(r"\w+", args)
        if macro.startswith("SYSCALL_DEFINE") and names:
            yield "sys_" + names[0]
        if macro.startswith("DEFINE"):
            yield from (n for n in names if n[0].islower() or n[0] == "_")
    head = ATTRIBUTE.sub(" ", head).rstrip()
    if re.match(r"\s*(?:extern\b|(?:struct|union|enum)\s+\w+$)", head):
        return
    if head.endswith("{}") and "=" not in head:
        yield from re.findall(r"(\w+)\s*\(", outside_parentheses(head))
        return
    if re.match(r"\s*typedef\b", head):
        pointer = re.search(r"\(\s*\*\s*(\w+)\s*\)", head)
        plain = re.search(r"(\w+)\s*(?:\[[^\]]*\]|\([^()]*\))?\s*$", head)
        if pointer or plain:
            yield (pointer or plain)[1]
        return
    flat = re.sub(r"\[[^\]]*\]", "[]", head.replace("{}", " "))
    before = flat.split("=")[0]
    if "(" in before:
        pointer = re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", before)
        if pointer:
            yield pointer[1]
        elif "=" in flat:
            yield from re.findall(r"(\w+)\s*(?:\[\])*\s*$", before)
        elif re.search(r"\)\s*\w+\s*(?:\[\])*\s*$", before):
            yield re.search(r"(\w+)\s*(?:\[\])*\s*$", before)[1]
        return
    for part in re.split(r",", re.sub(r"=[^,]*", "", flat)):
        name = re.search(r"(\w+)\s*(?:\[\]\s*)*(?:__\w+\s*)*$", part)
        if name:
            yield name[1]


def c_names(text):
    names = set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M))
    code = blank(text)
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", code, flags=re.M)
    for head, bodies in flatten(code):
        names.update(declared(head, bodies))
    return names - WORDS


def asm_names(text):
    code = re.sub(r";[^\n]*", "", text)
    return set(re.findall(r"^\s*([A-Za-z_.]\w*):", code, re.M)) | set(
        re.findall(r"^\s*(\w+)\s+equ\b", code, re.M)) | set(
        re.findall(r"^\s*%(?:macro|define|assign)\s+(\w+)", code, re.M))


def other_names(text):
    return set(re.findall(r"^\s*(?:def|class)\s+(\w+)", text, re.M)) | set(
        re.findall(r"^\s*(\w+)\s*(?:\(\)|[:?+]?=)", text, re.M)) | set(
        re.findall(r"^([\w./-]+)(?:\s+[\w./-]+)*\s*:", text, re.M)) | {
        name for line in re.findall(r"^([\w ]+):", text, re.M)
        for name in line.split()}


@functools.lru_cache(maxsize=None)
def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8",
              errors="replace") as file:
        return file.read()


@functools.lru_cache(maxsize=None)
def names_in(path):
    text = text_of(path)
    if path.endswith((".c", ".h")):
        return c_names(text)
    if path.endswith((".asm", ".inc")):
        return asm_names(text)
    return other_names(text)


def has_member(path, name, member):
    body = re.search(r"\b(?:struct|union|enum)\s+%s\s*\{(.*?)^\}"
                     % re.escape(name), blank(text_of(path)), re.M | re.S)
    return bool(body and re.search(r"\b%s\b" % re.escape(member), body[1]))


@functools.lru_cache(maxsize=None)
def kernel_sources():
    found = []
    for room in KERNEL:
        for folder, _, files in os.walk(os.path.join(ROOT, room)):
            found += [os.path.relpath(os.path.join(folder, name), ROOT)
                      for name in files
                      if name.endswith((".c", ".h", ".asm", ".inc"))]
    return sorted(found)


@functools.lru_cache(maxsize=None)
def defined_somewhere(name):
    word = re.compile(r"\b%s\b" % re.escape(name.removeprefix("sys_")))
    return any({name, "sys_" + name} & names_in(path)
               for path in kernel_sources() if word.search(text_of(path)))


# ---- what a page says ----------------------------------------------------

def is_ours(path):
    return path in TOP or path.split("/")[0] in ROOMS and "/" in path


def wrong_reference(code):
    """What is wrong with the words between two backticks, or None."""
    match = SYMBOL.match(code)
    if match and is_ours(match[1]):
        path, name, member = match.groups()
        if not os.path.isfile(os.path.join(ROOT, path)):
            return f"there is no file {path}"
        if name not in names_in(path):
            return f"{path} does not define {name}"
        if member and not has_member(path, name, member):
            return f"{name} in {path} has no member {member}"
        return None
    if re.fullmatch(r"[\w./-]+", code) and is_ours(code):
        if not os.path.exists(os.path.join(ROOT, code)):
            return f"there is no {code}"
    return None


def anchors(text):
    """The names GitHub gives to the headings of a page."""
    heads = re.findall(r"^#+\s+(.*)", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-")
            for head in heads}


def wrong_link(page, target):
    if re.match(r"\w+:", target):
        return None
    path, _, anchor = target.partition("#")
    whole = os.path.normpath(os.path.join(os.path.dirname(page), path)
                             ) if path else page
    if not os.path.exists(os.path.join(ROOT, whole)):
        return f"a link leads to {target}, which is not there"
    if anchor and anchor not in anchors(text_of(whole)):
        return f"{whole} has no heading #{anchor}"
    return None


@functools.lru_cache(maxsize=None)
def make_targets():
    text = text_of("Makefile")
    for name in ("tests/tests.mk", "user/user.mk", "tests/unit/unit.mk",
                 "tests/user/user.mk"):
        if os.path.exists(os.path.join(ROOT, name)):
            text += text_of(name)
    found = set()
    for line in re.findall(r"^\.PHONY:(.*)", text, re.M):
        found.update(line.split())
    return found


def wrong_commands(block):
    """Targets given to make in a shell block that the Makefile has not."""
    for line in re.findall(r"^\s*(?:\$ )?make\b([^#|;&\n]*)", block, re.M):
        for word in re.sub(r"\"[^\"]*\"|'[^']*'", "", line).split():
            if re.fullmatch(r"[a-z][\w.-]*", word) and \
                    word not in make_targets():
                yield f"make has no target {word}"


@functools.lru_cache(maxsize=None)
def tests_of(suite):
    """The full names of a suite's tests, None when they cannot be told."""
    macro = {"guest": r"TEST(?:_SECONDS)?\((\w+)",
             "kernel": r"KERNEL_TEST\((\w+)"}.get(suite)
    if not macro:
        return None
    return [f"{path.stem}:{name}"
            for path in pathlib.Path(ROOT, "tests", suite).glob("*.c")
            for name in re.findall(macro, path.read_text(encoding="utf-8"))]


def wrong_tests(text):
    """T=suite:test that would run nothing: (where, complaint)."""
    suites = re.findall(r'^    "(\w+)": \(', text_of("tools/test.py"), re.M)
    for word in re.finditer(r"\bT=(\w+)(?::([\w:]+))?", text):
        known = tests_of(word[1])
        if word[1] not in suites:
            yield word.start(), f"no suite is called {word[1]}"
        elif word[2] and known and not any(word[2] in k for k in known):
            yield word.start(), f"no test in {word[1]} is called {word[2]}"


def without_beyond(text):
    return re.sub(r"^(#+)\s+[^\n]*\bBeyond\b.*?(?=^#{1,2}\s|\Z)",
                  lambda m: "\n" * m[0].count("\n"), text,
                  flags=re.M | re.S | re.I)


def misses(page, text):
    """Yield (line, complaint) for one page."""
    def line_of(at):
        return text.count("\n", 0, at) + 1
    for block in FENCE.finditer(text):
        if block[2] in ("sh", "bash", "console"):
            for wrong in wrong_commands(block[3]):
                yield line_of(block.start()), wrong
    for at, wrong in wrong_tests(text):
        yield line_of(at), wrong
    prose = FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    for code in CODE.finditer(prose):
        wrong = wrong_reference(code[1])
        if wrong:
            yield line_of(code.start()), wrong
    for code in CODE.finditer(without_beyond(prose)):
        call = CALL.match(code[1])
        if call and not defined_somewhere(call[1]):
            line = without_beyond(prose).count("\n", 0, code.start()) + 1
            yield line, f"nothing in the kernel defines {code[1]}"
    for link in LINK.finditer(prose):
        wrong = wrong_link(page, link[1])
        if wrong:
            yield line_of(link.start()), wrong


def pages():
    names = sorted(os.listdir(os.path.join(ROOT, "docs")))
    return ["README.md"] + ["docs/" + n for n in names if n.endswith(".md")]


# ---- the reading path ----------------------------------------------------

def stops():
    """(title, lines promised, files) of each stop of docs/path.md.

    A stop is a heading "## N. Title (about L lines)"; its files are the
    `path` words in the first column of the table below it.
    """
    text = text_of("docs/path.md")
    for part in re.split(r"^## (?=\d)", text, flags=re.M)[1:]:
        title = part.splitlines()[0]
        promised = re.search(r"about ([\d,]+) lines", title)
        files = re.findall(r"^\| `([\w./-]+)`", part, re.M)
        yield title, int(promised[1].replace(",", "")) if promised else 0, files


def length(path):
    return len(text_of(path).splitlines())


def path_misses():
    total, seen = 0, set()
    for title, promised, files in stops():
        files = [f for f in files if os.path.isfile(os.path.join(ROOT, f))]
        real = sum(length(f) for f in files)
        total += real
        if abs(real - promised) > max(60, STOP_TOLERANCE * promised):
            yield f"docs/path.md: \"{title}\" has {real} lines"
        for twice in seen.intersection(files):
            yield f"docs/path.md: {twice} is on the path twice"
        seen.update(files)
    if total > PATH_LIMIT:
        yield f"docs/path.md: the path has {total} lines, {PATH_LIMIT} at most"


def show_path():
    total = 0
    for title, _, files in stops():
        real = sum(length(f) for f in files)
        total += real
        print(f"{real:6} {title}")
        for path in files:
            print(f"{length(path):12} {path}")
    print(f"{total:6} in all")


# ---- the other checks ----------------------------------------------------

def stale_syscalls():
    spec = importlib.util.spec_from_file_location(
        "gen_syscalls", os.path.join(ROOT, "tools/gen-syscalls.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fault()


GOOD_PAGE = """\
# A page
`kernel/main.c:start_kernel`, `boot/entry.asm:pvh_entry`, `mm/`,
`kernel/task.h:task.parent`, `schedule()`, `linker.ld:_image_end`,
`kernel/mutex.h:MUTEX_GUARD`, `tools/check-docs.py:misses`, `/proc/self`,
`kernel/syscall_table.c:sys_call_table`, [here](#a-page).
```sh
make run SMP=4 APPEND="some words"
```
## Beyond
`ftrace_call()`
"""

BAD_PAGE = """\
`kernel/main.c:start_kernels`
`kernel/mane.c:start_kernel`
`kernel/task.h:task.parents`
`mm/nothing.c`
`shedule()`
[there](nowhere.md)
[there](#nothing)
`kernel/sched.c:wake_up_new`
`make test T=guest:fork:of_nothing`
`make test T=guests`
```sh
make runs
```
"""


# ---- the order of locks --------------------------------------------------

def rank_misses():
    """Each table of docs/locking.md has its ranks in the order that holds."""
    ranks = re.findall(r"^\t(RANK_\w+)", text_of("kernel/lock_rank.h"), re.M)
    last = -1
    for at, line in enumerate(text_of("docs/locking.md").splitlines(), 1):
        row = re.match(r"\| `(RANK_\w+)`", line)
        if not row:
            last = -1
        elif row[1] not in ranks:
            yield f"docs/locking.md:{at}: there is no {row[1]}"
        elif ranks.index(row[1]) < last:
            yield f"docs/locking.md:{at}: {row[1]} comes before what is above"
        else:
            last = ranks.index(row[1])


def check_itself():
    for line, wrong in misses("docs/self.md", GOOD_PAGE):
        if "heading" not in wrong and "not there" not in wrong:
            yield f"the self-check's right line {line} is called wrong: {wrong}"
    found = {line for line, _ in misses("docs/self.md", BAD_PAGE)}
    for line in range(1, 12):
        if line not in found:
            yield (f"the self-check's wrong line {line} is not found: "
                   + BAD_PAGE.splitlines()[line - 1])


def main():
    if sys.argv[1:] == ["--path"]:
        show_path()
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(check_itself())
    count = 0
    for page in pages():
        text = text_of(page)
        count += len(CODE.findall(text))
        found += [f"{page}:{line}: {wrong}"
                  for line, wrong in sorted(misses(page, text))]
    found += path_misses()
    found += rank_misses()
    stale = stale_syscalls()
    if stale:
        found.append(stale)
    for wrong in found:
        print(wrong, file=sys.stderr)
    print(f"docs: {len(found)} misses" if found else
          f"docs: {len(pages())} pages, {count} words of code, no miss")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
