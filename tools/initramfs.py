#!/usr/bin/env python3
"""Pack an initramfs: a newc cpio archive made from a manifest, without root.

    tools/initramfs.py -o OUT [-D NAME=VALUE]... MANIFEST...

A device node is only a header in a cpio archive, so nobody needs mknod, root
or the cpio program to make one. The same manifest and the same files always
give the same bytes: entries stand in the order of the manifest, inode numbers
count up, every time stamp is 0. OUT is compressed when it ends in .gz.

A manifest is a text file, one entry a line, # begins a comment, $NAME is
replaced by -D's VALUE. Paths are absolute in the archive; missing parent
folders are made (755 root). MODE is octal, UID and GID default to 0.

    dir   PATH        [MODE [UID GID]]
    file  PATH SOURCE [MODE [UID GID]]      MODE defaults to the source's
    slink PATH TARGET
    link  PATH OLD                          hard link to an earlier file
    nod   PATH c|b MAJOR MINOR [MODE [UID GID]]
    tree  PATH FOLDER                       everything below FOLDER

-M prints the files read as a make rule, for dependency tracking.
"""

import argparse
import gzip
import os
import stat
import string
import sys


class Problem(Exception):
    """A mistake in the manifest, with its place."""


class Entry:
    """One inode of the archive and all the names it has."""

    def __init__(self, mode, data=b"", uid=0, gid=0, rdev=(0, 0)):
        self.mode, self.data, self.uid, self.gid = mode, data, uid, gid
        self.rdev = rdev
        self.names = []


class Archive:
    def __init__(self):
        self.entries = []
        self.by_name = {}
        self.sources = []

    def add(self, path, entry):
        path = "/".join(p for p in path.split("/") if p)
        parent = os.path.dirname(path)
        if parent and parent not in self.by_name:
            self.add(parent, Entry(stat.S_IFDIR | 0o755))
        if path in self.by_name:
            old = self.by_name[path]
            if not (stat.S_ISDIR(old.mode) and stat.S_ISDIR(entry.mode)):
                raise Problem(f"/{path} is named twice")
            old.mode, old.uid, old.gid = entry.mode, entry.uid, entry.gid
            return
        if not entry.names:
            self.entries.append(entry)
        entry.names.append(path)
        self.by_name[path] = entry

    def add_file(self, path, source, mode=None, uid=0, gid=0):
        try:
            with open(source, "rb") as f:
                data = f.read()
                if mode is None:
                    mode = 0o755 if os.fstat(f.fileno()).st_mode & 0o100 \
                        else 0o644
        except OSError as error:
            raise Problem(f"{source}: {error.strerror}")
        self.sources.append(source)
        self.add(path, Entry(stat.S_IFREG | mode, data, uid, gid))

    def add_tree(self, path, folder):
        if not os.path.isdir(folder):
            raise Problem(f"{folder} is not a folder")
        for name in sorted(os.listdir(folder)):
            source, target = os.path.join(folder, name), f"{path}/{name}"
            if os.path.islink(source):
                link = os.readlink(source).encode()
                self.add(target, Entry(stat.S_IFLNK | 0o777, link))
            elif os.path.isdir(source):
                self.add(target, Entry(stat.S_IFDIR | 0o755))
                self.add_tree(target, source)
            else:
                self.add_file(target, source)

    def pack(self):
        out = bytearray()
        for number, entry in enumerate(self.entries, 1):
            for name in entry.names:
                # Hard links carry their data once, with the last name.
                last = name == entry.names[-1]
                out += header(number, name, entry,
                              entry.data if last else b"")
        out += header(0, "TRAILER!!!", Entry(0), b"")
        out += bytes(-len(out) % 512)
        return bytes(out)


def header(number, name, entry, data):
    links = max(len(entry.names), 1) + (1 if stat.S_ISDIR(entry.mode) else 0)
    fields = (number, entry.mode, entry.uid, entry.gid, links, 0, len(data),
              0, 0, *entry.rdev, len(name) + 1, 0)
    out = b"070701" + b"".join(b"%08x" % f for f in fields)
    out += name.encode() + b"\0"
    out += bytes(-len(out) % 4)
    return out + data + bytes(-len(data) % 4)


def owner(words, default_mode):
    """MODE [UID GID] at the end of a line."""
    mode = int(words[0], 8) if words else default_mode
    uid, gid = (int(words[1]), int(words[2])) if len(words) > 1 else (0, 0)
    return mode, uid, gid


def read_line(archive, words):
    kind, path, rest = words[0], words[1], words[2:]
    if kind == "dir":
        mode, uid, gid = owner(rest, 0o755)
        archive.add(path, Entry(stat.S_IFDIR | mode, b"", uid, gid))
    elif kind == "file":
        archive.add_file(path, rest[0], *owner(rest[1:], None))
    elif kind == "slink":
        archive.add(path, Entry(stat.S_IFLNK | 0o777, rest[0].encode()))
    elif kind == "link":
        archive.add(path, archive.by_name[rest[0].strip("/")])
    elif kind == "nod":
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}
        mode, uid, gid = owner(rest[3:], 0o600)
        archive.add(path, Entry(kinds[rest[0]] | mode, b"", uid, gid,
                                (int(rest[1]), int(rest[2]))))
    elif kind == "tree":
        archive.add_tree(path, rest[0])
    else:
        raise Problem(f"unknown kind {kind}")


def read_manifest(archive, name, variables):
    with open(name) as f:
        for number, line in enumerate(f, 1):
            try:
                line = string.Template(line.split("#")[0])
                words = line.substitute(variables).split()
                if words:
                    read_line(archive, words)
            except Problem as problem:
                raise Problem(f"{name}:{number}: {problem}")
            except (IndexError, KeyError, ValueError) as error:
                raise Problem(f"{name}:{number}: not understood ({error})")
    archive.sources.append(name)


def write_atomically(path, data):
    if path.endswith(".gz"):
        data = gzip.compress(data, 6, mtime=0)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.rename(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="out", required=True)
    parser.add_argument("-D", dest="define", action="append", default=[])
    parser.add_argument("-M", dest="depend", action="store_true")
    parser.add_argument("manifest", nargs="+")
    args = parser.parse_args()

    variables = dict(d.split("=", 1) for d in args.define)
    archive = Archive()
    for name in args.manifest:
        read_manifest(archive, name, variables)
    write_atomically(args.out, archive.pack())
    if args.depend:
        print(args.out + ": " + " ".join(archive.sources))


if __name__ == "__main__":
    try:
        main()
    except (Problem, OSError) as problem:
        sys.exit(f"initramfs: {problem}")
