#!/usr/bin/env python3
"""Print compile_commands.json for editors: COMMAND FILE..."""
import json
import os
import sys

command, *files = sys.argv[1:]
print(json.dumps([{"directory": os.getcwd(), "file": name,
                   "command": f"{command} -c {name}"} for name in files],
                 indent=1))
