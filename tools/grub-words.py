#!/usr/bin/env python3
"""Put words for the kernel into GRUB's menu: WORDS < grub.cfg > grub.cfg

The kernel splits its command line at blanks outside of double quotes, and takes
the quotes off a value or a whole word (lib/parse.c:next_arg). GRUB splits too,
by rules of its own, and then quotes for the kernel: a word with a space in it
comes out as "x=a b", and before each quote or backslash stands a backslash,
which the kernel does not take off again. So the words are split here as the
kernel would, and given to GRUB one by one without their quotes. What GRUB
cannot hand on is refused, since it would boot with other words.
"""

import re
import sys

BLANKS = " \t\n\v\f\r"


def split(line):
    """The words of `line` as they are written, quotes and all."""
    word, quoted = "", False
    for char in line:
        quoted ^= char == '"'
        if char in BLANKS and not quoted:
            if word:
                yield word
            word = ""
        else:
            word += char
    if word:
        yield word


def unquote(word):
    """`word` without the quotes that the kernel takes off."""
    if word.startswith('"'):
        return re.sub('"$', "", word[1:])
    name, equals, value = word.partition("=")
    if value.startswith('"'):
        value = re.sub('"$', "", value[1:])
    return name + equals + value


def for_grub(line):
    words = []
    for word in split(line):
        plain = unquote(word)
        if not plain or re.search(r"[\\'\"\t\n\v\f\r]", plain):
            sys.exit(f"keel: APPEND: GRUB cannot pass on {word}; "
                     "DIRECT=1 boots without it")
        words.append(f"'{plain}'")
    return " ".join(words)


if __name__ == "__main__":
    sys.stdout.write(sys.stdin.read().replace(
        "@APPEND@\n", for_grub(sys.argv[1]) + "\n"))
