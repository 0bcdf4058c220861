"""What python3 needs of a kernel: each function prints what it found."""

import concurrent.futures
import mmap
import multiprocessing
import os
import queue
import select
import signal
import subprocess
import tempfile
import threading
import time


def threads_share_a_counter():
    lock, total = threading.Lock(), [0]

    def work():
        for _ in range(2000):
            with lock:
                total[0] += 1
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("threads:", total[0], threading.active_count())


def conditions_and_queues():
    box, out = queue.Queue(maxsize=4), []

    def consumer():
        while (item := box.get()) is not None:
            out.append(item * item)
    thread = threading.Thread(target=consumer)
    thread.start()
    for i in range(100):
        box.put(i)
    box.put(None)
    thread.join()
    barrier, passed = threading.Barrier(5), []
    crowd = [threading.Thread(target=lambda: passed.append(barrier.wait()))
             for _ in range(5)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    event = threading.Event()
    print("queue:", sum(out), "barrier:", sorted(passed),
          "event:", event.wait(0.05))


def thread_pool():
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        print("pool:", sum(pool.map(lambda n: n % 7, range(500))))


def subprocesses():
    done = subprocess.run(["sh", "-c", "cat; echo err >&2; exit 3"],
                          input=b"in", capture_output=True)
    print("run:", done.returncode, done.stdout, done.stderr)
    first = subprocess.Popen(["seq", "5"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["tac"], stdin=first.stdout,
                              stdout=subprocess.PIPE)
    first.stdout.close()
    print("pipeline:", second.communicate()[0].split(), first.wait())
    sleeper = subprocess.Popen(["sleep", "100"])
    try:
        sleeper.wait(0.1)
    except subprocess.TimeoutExpired:
        sleeper.kill()
    print("killed:", sleeper.wait())
    try:
        subprocess.run(["/does/not/exist"])
    except FileNotFoundError as error:
        print("missing:", error.errno)
    quiet = subprocess.run("ulimit -c 0; kill -SEGV $$", shell=True)
    print("crashed:", quiet.returncode)


def signals():
    seen = []
    signal.signal(signal.SIGUSR1, lambda n, _: seen.append(n))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGALRM, lambda n, _: seen.append(n))
    # (Again and again: the first may come before the pause.)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    signal.pause()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    os.kill(os.getpid(), signal.SIGTERM)
    print("signals:", sorted(set(seen)), sorted(signal.sigpending()),
          signal.sigwait([signal.SIGTERM]))
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    old = signal.set_wakeup_fd(writer)
    threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGUSR1]).start()
    print("wakeup:", select.select([reader], [], [], 10)[0] == [reader],
          os.read(reader, 10))
    signal.set_wakeup_fd(old)


def processes():
    with multiprocessing.Pool(4) as pool:
        print("processes:", pool.map(abs, range(-10, 0)))
    counter = multiprocessing.Value("i", 0)

    def work():
        for _ in range(200):
            with counter.get_lock():
                counter.value += 1
    crowd = [multiprocessing.Process(target=work) for _ in range(4)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=lambda: there.send([1, "x"]))
    child.start()
    print("shared:", counter.value, "pipe:", here.recv(),
          [p.exitcode for p in crowd])
    child.join()


def fork_and_wait():
    pid = os.fork()
    if pid == 0:
        os._exit(7)
    print("wait:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    pid = os.posix_spawn("/bin/true", ["true"], os.environ)
    print("spawn:", os.waitid(os.P_PID, pid, os.WEXITED).si_status)


def memory():
    shared = mmap.mmap(-1, 4096)
    if os.fork() == 0:
        shared[:5] = b"hello"
        os._exit(0)
    os.wait()
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 10000)
        file.flush()
        view = mmap.mmap(file.fileno(), 0)
        view[9000:9003] = b"abc"
        file.seek(8999)
        print("mmap:", shared[:5], file.read(5))


def clocks():
    before = time.monotonic()
    time.sleep(0.05)
    print("clocks:", 0.05 <= time.monotonic() - before < 5,
          time.clock_getres(time.CLOCK_MONOTONIC) <= 0.01,
          time.time() > 1.6e9, time.process_time() > 0)


threads_share_a_counter()
conditions_and_queues()
thread_pool()
subprocesses()
signals()
processes()
fork_and_wait()
memory()
clocks()
