"""What python3's asyncio needs of a kernel: each coroutine prints what it
found. Everything waits for what it waits for; a time-out is only ever the
thing asked about."""

import asyncio
import concurrent.futures
import os
import signal
import socket
import sys
import tempfile
import threading
import time


async def processes():
    """Before there are threads, which must not be forked."""
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        print("processes:", await asyncio.gather(
            *(loop.run_in_executor(pool, abs, -n) for n in range(8))))


async def streams():
    """A server and many clients, over a socket with a name."""
    async def shout(reader, writer):
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    async def ask(path, n):
        reader, writer = await asyncio.open_unix_connection(path)
        answers = []
        for word in ("one", "two", f"client {n}"):
            writer.write(word.encode() + b"\n")
            answers.append(await reader.readline())
        writer.write_eof()
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answers[-1], rest

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        server = await asyncio.start_unix_server(shout, path)
        async with server:
            answers = await asyncio.gather(*(ask(path, n) for n in range(8)))
        print("streams:", sorted(answers)[:2], len(set(answers)))
        try:
            await asyncio.open_unix_connection(path)
        except OSError as error:
            print("closed server:", type(error).__name__)
        try:
            await asyncio.open_unix_connection(path + "-none")
        except OSError as error:
            print("no server:", type(error).__name__)


async def flow_control():
    """More than a socket holds: drain() waits until the reader has read."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    far_reader, far_writer = await asyncio.open_connection(sock=theirs)
    size = 3 << 20

    async def produce():
        for _ in range(size >> 16):
            writer.write(b"x" * 65536)
            await writer.drain()
        writer.close()
    task = asyncio.create_task(produce())
    total = 0
    while data := await far_reader.read(100000):
        total += len(data)
    await task
    far_writer.close()
    print("flow control:", total == size, await reader.read())


async def raw_sockets():
    loop = asyncio.get_running_loop()
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.setblocking(False)
    b.setblocking(False)
    waiting = asyncio.create_task(loop.sock_recv(b, 100))
    await asyncio.sleep(0)
    await loop.sock_sendall(a, b"datagram")
    print("sock_recv:", await waiting)
    came = asyncio.Event()
    loop.add_reader(b, came.set)
    a.send(b"more")
    await came.wait()
    print("add_reader:", b.recv(10), loop.remove_reader(b))
    gone = asyncio.create_task(loop.sock_recv(b, 100))
    await asyncio.sleep(0)
    gone.cancel()
    print("cancelled:", await asyncio.gather(gone, return_exceptions=True))
    a.close()
    b.close()


async def pipes():
    loop = asyncio.get_running_loop()
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader),
        os.fdopen(read_end, "rb", 0))
    out, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(write_end, "wb", 0))
    writer = asyncio.StreamWriter(out, protocol, None, loop)
    size = 1 << 20

    async def produce():
        writer.write(b"p" * size)
        await writer.drain()
        out.close()
    task = asyncio.create_task(produce())
    data = await reader.read()
    await task
    transport.close()
    print("pipes:", len(data) == size)


async def subprocesses():
    program = "import sys; d = sys.stdin.read(); print(d[::-1], end='');" \
              "print('err', file=sys.stderr); sys.exit(5)"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", program,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE)
    out, err = await child.communicate(b"abc")
    print("subprocess:", out, err, child.returncode)

    async def status(command):
        child = await asyncio.create_subprocess_shell(command)
        return await child.wait()
    print("many:", await asyncio.gather(*(status(f"exit {n}")
                                          for n in range(6))))
    big = await asyncio.create_subprocess_exec(
        "head", "-c", "1000000", "/dev/zero", stdout=asyncio.subprocess.PIPE)
    print("big:", len(await big.stdout.read()), await big.wait())
    for name in ("terminate", "kill"):
        sleeper = await asyncio.create_subprocess_exec("sleep", "1000")
        getattr(sleeper, name)()
        print(name + ":", await sleeper.wait())
    sleeper = await asyncio.create_subprocess_exec("sleep", "1000")
    try:
        await asyncio.wait_for(sleeper.wait(), 0.05)
    except asyncio.TimeoutError:
        sleeper.send_signal(signal.SIGUSR1)
    print("timed out, then signal:", await sleeper.wait())
    try:
        await asyncio.create_subprocess_exec("/does/not/exist")
    except FileNotFoundError as error:
        print("missing:", error.errno)


async def signals():
    loop = asyncio.get_running_loop()
    got = asyncio.Queue()
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
        loop.add_signal_handler(number, got.put_nowait, number.name)
    os.kill(os.getpid(), signal.SIGUSR1)
    print("signal:", await got.get())
    threading.Timer(0, os.kill, (os.getpid(), signal.SIGUSR2)).start()
    print("from a thread:", await got.get())
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    print("from a timer:", await got.get())
    child = await asyncio.create_subprocess_shell("kill -USR1 $PPID")
    print("from a child:", await got.get(), await child.wait())
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM):
        loop.remove_signal_handler(number)


async def timers():
    loop = asyncio.get_running_loop()
    order, done = [], loop.create_future()
    for delay in (0.05, 0.01, 0.03):
        loop.call_later(delay, order.append, delay)
    loop.call_later(0.06, done.set_result, None)
    loop.call_soon(order.append, "soon")
    before = loop.time()
    await done
    print("timers:", order, 0.055 < loop.time() - before)
    try:
        async with asyncio.timeout(0.02):
            await asyncio.Event().wait()
    except TimeoutError:
        print("timeout: yes")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(1000))
            group.create_task(asyncio.wait_for(asyncio.sleep(1000), 0.01))
    except* TimeoutError as errors:
        print("group:", len(errors.exceptions))


async def executors():
    loop = asyncio.get_running_loop()
    print("default executor:", await asyncio.gather(
        *(loop.run_in_executor(None, pow, n, 2) for n in range(8))))
    print("to_thread:", await asyncio.to_thread(threading.active_count) >= 2)
    done = asyncio.Event()

    def elsewhere():
        time.sleep(0.02)
        loop.call_soon_threadsafe(done.set)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    await done.wait()
    thread.join()
    future = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "value"), loop)
    print("woken by a thread:", await asyncio.wrap_future(future))


async def synchronisation():
    lock, full, log = asyncio.Lock(), asyncio.Semaphore(3), []
    box = asyncio.Queue(2)
    inside = most = 0

    async def work(n):
        nonlocal inside, most
        async with full:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1
        async with lock:
            log.append(n)
        await box.put(n)
    tasks = [asyncio.create_task(work(n)) for n in range(10)]
    got = [await box.get() for _ in range(10)]
    await asyncio.gather(*tasks)
    print("locks:", most, sorted(log) == sorted(got) == list(range(10)))


async def watchers():
    """The other ways of waiting for children: SIGCHLD, a pidfd."""
    for kind in (asyncio.ThreadedChildWatcher, asyncio.PidfdChildWatcher,
                 asyncio.SafeChildWatcher, asyncio.FastChildWatcher):
        watcher = kind()
        watcher.attach_loop(asyncio.get_running_loop())
        asyncio.set_child_watcher(watcher)
        with watcher:
            child = await asyncio.create_subprocess_shell("exit 9")
            print(kind.__name__ + ":", await child.wait())
        watcher.close()
    asyncio.set_child_watcher(None)


async def main():
    for part in (processes, streams, flow_control, raw_sockets, pipes,
                 subprocesses, signals, timers, executors, synchronisation,
                 watchers):
        await part()
    print("tasks left:", len(asyncio.all_tasks()) - 1)


asyncio.run(main())
