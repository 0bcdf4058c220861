#!/usr/bin/env python3
"""Print compile_commands.json for editors, from the commands make would run.

    make --always-make --dry-run V=1 all test-images | compile_commands.py

So each file is listed with its own flags. A file that is compiled twice, for
the kernel and with sanitizers for a unit test, is listed as the kernel's.
"""
import json
import os
import shlex
import sys


def compilations(text):
    """Each command that compiles one C file, as (file, its words)."""
    for line in text.replace("\\\n", " ").splitlines():
        if ".c" not in line:
            continue
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        files = [word for word in words if word.endswith(".c")]
        if len(files) == 1 and ("-c" in words or "-S" in words):
            yield files[0], words


found = {}
for name, command in compilations(sys.stdin.read()):
    if name not in found or "-fsanitize=address,undefined" in found[name]:
        found[name] = command
print(json.dumps([{"directory": os.getcwd(), "file": name,
                   "arguments": command} for name, command in found.items()],
                 indent=1))
