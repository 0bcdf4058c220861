#!/usr/bin/env python3
"""Write the kernel's symbol table as NASM source.

    symbols.py OUT.asm              an empty table, for the first link
    nm -n IMAGE | symbols.py OUT.asm -

The format is what kernel/kallsyms.c reads: base, count, offset of the names,
then the addresses and the name offsets as 32-bit numbers, then the names.
"""
import sys


def read_symbols(lines):
    """Addresses and names of functions and data in the higher half, sorted."""
    found = {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3 or fields[1] not in "tTdDbBrR":
            continue
        address, name = int(fields[0], 16), fields[2]
        if address < 0xffffffff80000000 or name.startswith((".L", "__start_",
                                                            "__stop_")):
            continue
        # Of two names for one place the function's own is the useful one.
        if address not in found or fields[1] in "tT" and not name.startswith("_"):
            found[address] = name
    return sorted(found.items())


def write_table(out, symbols):
    base = symbols[0][0] if symbols else 0
    count = len(symbols)
    names, offsets = [], []
    at = 0
    for _, name in symbols:
        offsets.append(at)
        names.append(name)
        at += len(name) + 1
    out.write("; Written by tools/symbols.py; read by kernel/kallsyms.c\n"
              "section .kallsyms alloc noexec nowrite align=16\n"
              "global kallsyms_table\nkallsyms_table:\n"
              f"\tdq 0x{base:x}\n\tdd {count}, {16 + 8 * count}\n")
    for address, _ in symbols:
        out.write(f"\tdd {address - base}\n")
    for offset in offsets:
        out.write(f"\tdd {offset}\n")
    for name in names:
        out.write(f'\tdb "{name}", 0\n')
    out.write("section .note.GNU-stack noalloc noexec nowrite progbits\n")


def main():
    symbols = read_symbols(sys.stdin) if len(sys.argv) > 2 else []
    with open(sys.argv[1], "w", encoding="ascii") as out:
        write_table(out, symbols)


if __name__ == "__main__":
    main()
