"""Python programs that use up a resource: processes, memory, output, time, files."""

from tests.unit.sandbox.hostile.corpus import attack

RESOURCES = [
    attack("fork bomb", "ok", """
for _ in range(100):
    must_fail("fork", os.fork)
""", quick=True),
    attack("fork bomb by system call", "ok", """
for _ in range(50):
    refused("clone", 56, 220, 17, 0, 0, 0, 0)
    refused("fork", 57, None)
    refused("vfork", 58, None)
    refused("clone3", 435, 435, ctypes.create_string_buffer(88), 88)
""", quick=True),
    attack("thread bomb", "ok runtime_error memory", """
import threading, time
started = 0
try:
    for _ in range(5000):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        started += 1
except (RuntimeError, MemoryError):
    pass
if started > 1000:
    breach("%d threads" % started)
os._exit(0)
"""),
    attack("thread recursion", "ok runtime_error memory timeout", """
import threading
def spread():
    while True:
        threading.Thread(target=spread).start()
spread()
"""),
    attack("memory by bytes", "memory runtime_error", "x = b'x' * (1 << 36)", quick=True),
    attack("memory by list", "memory runtime_error", """
blocks = []
while True:
    blocks.append(bytearray(1 << 20))
"""),
    attack("memory by doubling", "memory runtime_error", """
x = [0]
while True:
    x += x
"""),
    attack("memory error caught a hundred times", "ok", """
for _ in range(100):
    try:
        bytearray(1 << 34)
    except MemoryError:
        continue
    breach("16 GiB")
"""),
    attack("memory by shared mapping", "ok", """
import mmap
held, size = [], 0
try:
    while size < 1 << 30:
        block = mmap.mmap(-1, 16 << 20)
        for offset in range(0, 16 << 20, 4096):
            block[offset] = 1
        held.append(block)
        size += 16 << 20
except (OSError, MemoryError):
    pass
if size >= 1 << 30:
    breach("1 GiB of shared memory")
""", quick=True),
    attack("memory by malloc", "ok memory runtime_error", """
libc.malloc.restype = ctypes.c_void_p
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
size = 0
while size < 1 << 30:
    block = libc.malloc(16 << 20)
    if not block:
        break
    libc.memset(block, 1, 16 << 20)
    size += 16 << 20
else:
    breach("1 GiB from malloc")
"""),
    attack("memory made read-only after use", "ok memory runtime_error", """
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
size = 0
while size < 1 << 30:
    block = libc.mmap(None, 16 << 20, 3, 0x22, -1, 0)
    if block in (None, 2**64 - 1):
        break
    libc.memset(block, 1, 16 << 20)
    libc.mprotect(block, 16 << 20, 1)
    size += 16 << 20
else:
    breach("1 GiB of read-only pages")
"""),
    attack("memory by memfd", "ok", """
def fill():
    fd = os.memfd_create("x")
    for _ in range(256):
        os.write(fd, bytes(4 << 20))
must_fail("1 GiB in a memfd", fill)
refused("memfd_secret", 447, 447, 0)
"""),
    attack("memory by pipes", "ok", """
import fcntl
pipes, held = [], 0
try:
    while len(pipes) < 2000:
        pipe = os.pipe()
        pipes.append(pipe)
        os.set_blocking(pipe[1], False)
        try:
            fcntl.fcntl(pipe[1], 1031, 1 << 20)
        except OSError:
            pass
        try:
            while True:
                held += os.write(pipe[1], bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    pass
if held > 256 << 20:
    breach("%d bytes in pipes" % held)
"""),
    attack("endless output", "output_limit", "while True: print('y' * 1000)", quick=True),
    attack("endless output without a newline", "output_limit", """
while True:
    sys.stdout.write("y" * 65536)
""", quick=True),
    attack("output a byte over the limit", "output_limit", """
sys.stdout.write("y" * ((1 << 20) + 1))
"""),
    attack("output to the last byte", "ok", "sys.stdout.write('y' * (1 << 20))",
           stdout=b"y" * (1 << 20)),
    attack("endless errors", "timeout", "while True: sys.stderr.write('e' * 65536)"),
    attack("errors and output in turn", "output_limit timeout", """
while True:
    os.write(2, b"e" * 65536)
    os.write(1, b"y" * 1024)
"""),
    attack("closed stdout", "ok runtime_error", """
print("before", flush=True)
os.close(1)
os.close(2)
for fd in range(3, 64):
    try:
        os.close(fd)
    except OSError:
        pass
""", stdout=b"before\n"),
    attack("closed stdin", "ok", "os.close(0)\nprint('alive')", stdout=b"alive\n"),
    attack("input never read", "ok", "print('deaf')", stdin=b"x" * (4 << 20), stdout=b"deaf\n"),
    attack("input read past its end", "ok", """
sys.stdin.buffer.read()
print(sys.stdin.buffer.read(), os.read(0, 10))
""", stdin=b"1\n", stdout=b"b'' b''\n"),
    attack("busy loop", "timeout", "while True: pass"),
    attack("sleep", "timeout", "import time\ntime.sleep(1000)"),
    attack("wait for a signal", "timeout", "import signal\nsignal.pause()"),
    attack("wait on a lock", "timeout", """
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""),
    attack("signals ignored", "timeout", """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    pass
""", quick=True),
    attack("threads that never end", "timeout", """
import threading
def spin():
    while True:
        pass
for _ in range(4):
    threading.Thread(target=spin).start()
print("main is done")
"""),
    attack("timer storm", "ok timeout", """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
total = 0
for i in range(10**6):
    total += i
print(total)
"""),
    attack("big integers", "timeout memory runtime_error", "print(9 ** 9 ** 9)"),
    attack("integer to text", "timeout runtime_error memory", """
sys.set_int_max_str_digits(0)
print(len(str(7 ** (10 ** 7))))
"""),
    attack("regular expression", "timeout", """
import re
re.match("(a+)+$", "a" * 60 + "b")
"""),
    attack("decimal precision", "timeout memory runtime_error", """
import decimal
decimal.getcontext().prec = 10 ** 8
decimal.getcontext().Emax = decimal.MAX_EMAX
print(decimal.Decimal(2).sqrt())
"""),
    attack("zip bomb", "memory timeout runtime_error", """
import zlib
packer = zlib.compressobj(9)
bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
print(len(zlib.decompress(bomb)))
"""),
    attack("pickle bomb", "memory timeout runtime_error", """
import pickle
code = b"(lp0\\n" + b"".join(b"(lp%d\\n" % i for i in range(1, 30))
x = []
for _ in range(60):
    x = [x, x]
print(len(repr(pickle.loads(pickle.dumps(x)))))
"""),
    attack("recursion", "runtime_error memory timeout", """
sys.setrecursionlimit(1 << 30)
def down(n):
    return down(n + 1) + 1
down(0)
"""),
    attack("recursion in C", "runtime_error memory ok timeout", """
sys.setrecursionlimit(1 << 30)
x = []
for _ in range(10 ** 6):
    x = [x]
print(len(repr(x)))
"""),
    attack("descriptors", "ok", """
held = []
try:
    while len(held) < 5000:
        held.append(os.dup(0))
except OSError:
    pass
if len(held) >= 5000:
    breach("5000 descriptors")
"""),
    attack("files filled with bytes", "ok", """
import glob
written = 0
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", "@FOLDER@"):
    for index in range(64):
        try:
            with open(folder + "/fill%d" % index, "wb", buffering=0) as file:
                while written < 1 << 28:
                    written += file.write(bytes(1 << 20))
        except OSError:
            continue
if written > 64 << 20:
    breach("%d bytes of files" % written)
""", quick=True),
    attack("files without bytes", "ok timeout", """
made = 0
for folder in ("/tmp", "/dev/shm", "/var/tmp", "@FOLDER@"):
    for index in range(60000):
        try:
            os.mkdir(folder + "/d%d" % index)
            made += 1
        except OSError:
            break
if made > 20000:
    breach("%d inodes" % made)
"""),
    attack("sparse file", "ok runtime_error", """
def sparse():
    with open("/tmp/sparse", "wb") as file:
        file.truncate(1 << 40)
must_fail("a file of 1 TiB", sparse)
"""),
    attack("limits raised", "ok", """
import resource
for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE,
             resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY and kind != resource.RLIMIT_NPROC:
        breach("no limit %d" % kind)
    must_fail("limit %d" % kind, resource.setrlimit, kind, (-1, -1))
    must_fail("limit of another", resource.prlimit, @PID@, kind, (1, 1))
""", quick=True),
    attack("priority", "ok", """
must_fail("nice", os.nice, -5)
must_fail("nice of another", os.setpriority, os.PRIO_PROCESS, @PID@, 19)
must_fail("real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
must_fail("affinity of another", os.sched_setaffinity, @PID@, {0})
refused("ioprio_set", 251, 30, 1, 0, 0)
"""),
    attack("core dump", "runtime_error", "os.abort()"),
]  # fmt: skip
"""All of them."""
