"""gdb commands that know Keel's data structures.

    ktasks              every task: address, pid, state, CPU, name
    kcpus               what each CPU runs now
    kstack PID          the kernel stack of a task that is not running
    kareas PID          the memory areas of a process
    kwalk ADDR [PID]    the page-table walk for an address, level by level
    klog                the kernel's log buffer

Sourced by tools/gdb.sh with -x: no auto-load setting is needed. Everything is
read through the debugger, so the commands work whatever state the kernel is
in, a crashed one included; they change nothing.
"""

import gdb

DIRECT_MAP = 0xffff888000000000
PRESENT, WRITE, USER, LARGE, NX = 1, 2, 4, 1 << 7, 1 << 63
ADDRESS_BITS = 0x000ffffffffff000
MASK64 = (1 << 64) - 1


def pointer(expression):
    """The value of an expression as a number; of a function, its address."""
    value = gdb.parse_and_eval(expression)
    if value.type.code == gdb.TYPE_CODE_FUNC:
        value = value.address
    return int(value) & MASK64


def type_of(name):
    return gdb.lookup_type(name)


def object_at(address, type_name):
    return gdb.Value(address).cast(type_of(type_name).pointer()).dereference()


def offset_of(type_name, field):
    for member in type_of(type_name).fields():
        if member.name == field:
            return member.bitpos // 8
    raise gdb.GdbError(f"{type_name} has no member {field}")


def read_u64(address):
    data = gdb.selected_inferior().read_memory(address, 8)
    return int.from_bytes(bytes(data), "little")


def text(value, limit=16):
    return value.string(errors="replace", length=limit).split("\0")[0]


def list_members(head, type_name, field):
    """The objects on a struct list_head."""
    start, offset = int(head.address), offset_of(type_name, field)
    node = int(head["next"])
    while node and node != start:
        yield object_at(node - offset, type_name)
        node = int(object_at(node, "struct list_head")["next"])


def tasks():
    """All tasks but the idle ones: each process's threads."""
    for leader in list_members(gdb.parse_and_eval("all_tasks"),
                               "struct task", "tasks"):
        yield from list_members(leader["group"]["threads"], "struct task",
                                "group_node")


def find_task(pid):
    for task in tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"there is no task {pid}")


STATES = ((0x80, "dead"), (0x4, "stopped"), (0x8, "traced"),
          (0x2, "waiting"), (0x1, "sleeping"))


def state_of(task):
    if int(task["exit_state"]):
        return "zombie"
    bits = int(task["sched"]["state"])
    return next((name for bit, name in STATES if bits & bit), "running")


def symbol(address):
    where = gdb.execute(f"info symbol {address:#x}", to_string=True)
    return where.split(" in section")[0].strip()


class Command(gdb.Command):
    """A command whose arguments are expressions."""

    def __init__(self, name, usage):
        super().__init__(name, gdb.COMMAND_DATA)
        self.usage = usage

    def arguments(self, line, least, most):
        words = gdb.string_to_argv(line)
        if not least <= len(words) <= most:
            raise gdb.GdbError(f"usage: {self.usage}")
        try:
            return [pointer(word) for word in words]
        except gdb.error:
            raise gdb.GdbError(f"usage: {self.usage}") from None


class Tasks(Command):
    """List every task: address, pid, tgid, state, CPU, name."""

    def invoke(self, line, from_tty):
        self.arguments(line, 0, 0)
        print(f"{'task':18} {'pid':>6} {'tgid':>6} {'state':8} cpu name")
        for task in tasks():
            print(f"{int(task.address):#018x} {int(task['pid']):6} "
                  f"{int(task['tgid']):6} {state_of(task):8} "
                  f"{int(task['sched']['cpu']):3} {text(task['comm'])}")


class Cpus(Command):
    """Show what each CPU runs now."""

    def invoke(self, line, from_tty):
        self.arguments(line, 0, 0)
        template = pointer("&pcpu_hot")
        for cpu in range(int(gdb.parse_and_eval("nr_cpu_ids"))):
            offset = pointer(f"per_cpu_offset[{cpu}]")
            hot = object_at((template + offset) & MASK64, "struct pcpu_hot")
            task = int(hot["current_task"])
            if not task:
                print(f"CPU {cpu}: not started")
                continue
            running = object_at(task, "struct task")
            print(f"CPU {cpu}: pid {int(running['pid'])} "
                  f"{text(running['comm'])}, preempt_count "
                  f"{int(hot['preempt_count']) & 0x7fffffff:#x}")


class Stack(Command):
    """Show the kernel stack of a task that is not running."""

    def invoke(self, line, from_tty):
        task = find_task(self.arguments(line, 1, 1)[0])
        if int(task["sched"]["on_cpu"]):
            raise gdb.GdbError("it is running: use bt on its CPU's thread")
        # What switch_stacks pushed: r15 r14 r13 r12 rbx rbp, return address.
        sp = int(task["thread"]["sp"])
        frame, address = read_u64(sp + 40), read_u64(sp + 48)
        low = int(task["stack"])
        high = low + 16384
        print(f"{text(task['comm'])} ({int(task['pid'])}), {state_of(task)}:")
        for number in range(64):
            print(f"#{number:<2} {address:#018x} {symbol(address)}")
            if not low <= frame < high - 8:
                break
            address, above = read_u64(frame + 8), read_u64(frame)
            if above <= frame:
                print(f"#{number + 1:<2} {address:#018x} {symbol(address)}")
                break
            frame = above


FLAGS = ((1, "r"), (2, "w"), (4, "x"), (8, "s"))


class Areas(Command):
    """Show the memory areas of a process, as /proc/PID/maps does."""

    def invoke(self, line, from_tty):
        task = find_task(self.arguments(line, 1, 1)[0])
        if not int(task["mm"]):
            raise gdb.GdbError("a kernel thread: it has no areas")
        for area in self.walk(int(task["mm"]["vmas"]["node"])):
            flags = int(area["flags"])
            rights = "".join(c if flags & bit else "-" for bit, c in FLAGS)
            print(f"{int(area['start']):012x}-{int(area['end']):012x} "
                  f"{rights} {self.name(area)}")

    def walk(self, node):
        """In order of address: left, node, right."""
        if not node:
            return
        rb = object_at(node, "struct rb_node")
        yield from self.walk(int(rb["left"]))
        yield object_at(node - offset_of("struct vma", "node"), "struct vma")
        yield from self.walk(int(rb["right"]))

    @staticmethod
    def name(area):
        if not int(area["file"]):
            return "stack" if int(area["flags"]) & 0x100 else "anonymous"
        dentry = area["file"]["path"]["dentry"]
        return text(dentry["name"], 255)


class Walk(Command):
    """Walk the page tables for an address: kwalk ADDR [PID].

    Without PID, those of the selected thread, which is a CPU.
    """

    def invoke(self, line, from_tty):
        args = self.arguments(line, 1, 2)
        address = args[0]
        if len(args) == 2:
            mm = find_task(args[1])["mm"]
            if not int(mm):
                raise gdb.GdbError("a kernel thread: it has no tables")
            table = int(mm["pgd"])
        else:
            # What the CPU uses: at first the loader's, later a process's.
            table = DIRECT_MAP + (pointer("$cr3") & ADDRESS_BITS)
        for name, shift in (("PML4", 39), ("PDPT", 30), ("PD", 21),
                            ("PT", 12)):
            index = address >> shift & 511
            entry = read_u64(table + 8 * index)
            print(f"{name:4} [{index:3}] = {entry:#018x} {self.describe(entry)}")
            if not entry & PRESENT:
                print("not mapped")
                return
            if shift == 12 or entry & LARGE:
                size = 1 << shift
                physical = entry & ADDRESS_BITS & ~(size - 1)
                print(f"physical {physical + address % size:#x}")
                return
            table = DIRECT_MAP + (entry & ADDRESS_BITS)

    @staticmethod
    def describe(entry):
        if not entry & PRESENT:
            return "empty" if not entry else "not present"
        words = ["writable" if entry & WRITE else "read-only",
                 "user" if entry & USER else "kernel"]
        if entry & LARGE:
            words.append("large")
        if entry & NX:
            words.append("no-execute")
        return " ".join(words)


class Log(Command):
    """Print the kernel's log buffer."""

    def invoke(self, line, from_tty):
        self.arguments(line, 0, 0)
        ring = gdb.parse_and_eval("descriptors")
        size = ring.type.range()[1] + 1
        last = int(gdb.parse_and_eval("next_seq")["counter"])
        buffer = gdb.parse_and_eval("log_text")
        length = buffer.type.range()[1] + 1
        data = bytes(gdb.selected_inferior().read_memory(
            int(buffer.address), length))
        for number in range(max(0, last - size), last):
            entry = ring[number % size]
            if int(entry["state"]) != (number + 1) << 1:
                continue        # being written
            start = int(entry["text_pos"])
            count = int(entry["record"]["len"])
            line_text = bytes(data[(start + i) % length]
                              for i in range(count)).decode("latin-1")
            time_ns = int(entry["record"]["time_ns"])
            print(f"[{time_ns // 10**9:5}.{time_ns // 1000 % 10**6:06}] "
                  f"{line_text}")


Tasks("ktasks", "ktasks")
Cpus("kcpus", "kcpus")
Stack("kstack", "kstack PID")
Areas("kareas", "kareas PID")
Walk("kwalk", "kwalk ADDR [PID]")
Log("klog", "klog")
