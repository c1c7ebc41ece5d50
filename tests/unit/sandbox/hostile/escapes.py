"""Python programs that reach for the machine: files, processes, network, kernel."""

from tests.unit.sandbox.hostile.corpus import attack

ESCAPES = [
    attack("secrets by path", "ok", """
for path in @PATHS@:
    unreadable(path)
for path in ("/etc/shadow", "/etc/passwd", "/etc/hostname", "/etc/ssh", "/root/.bashrc",
             "/root/.ssh/id_rsa", "/home", "/var/log/syslog", "/dev/mem", "/dev/kmsg", "/dev/sda",
             "/dev/vda", "/dev/kvm", "/dev/fuse", "/sys/kernel/notes", "/boot", "/proc/kcore"):
    unreadable(path)
for path in ("/home", "/var", "/boot", "/sys", "@FOLDER@", "@ROOT@", "/etc/ssl", "/root/.ssh"):
    must_fail("list " + path, os.listdir, path)
""", quick=True),
    attack("processes by /proc", "ok", """
import glob
numbers = {1, os.getppid(), @PID@, @PARENT@} | set(range(1, 60))
for number in numbers - {os.getpid()}:
    for name in ("environ", "cmdline", "maps", "mem", "auxv", "stat", "io", "fd/0", "fd/1", "cwd",
                 "root/etc/passwd", "task/%d/environ" % number, "exe", "fdinfo/3"):
        show("/proc/%d/%s" % (number, name))
    try:
        open("/proc/%d/mem" % number, "r+b").close()
        breach("memory of process %d is writable" % number)
    except OSError:
        pass
show("/proc/self/environ")
""", quick=True),
    attack("own environment", "ok", """
print(dict(os.environ))
names = (ctypes.c_char_p * 100).in_dll(libc, "environ")
pointer = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
index = 0
while pointer[index]:
    print(pointer[index])
    index += 1
print(sys.argv, sys.orig_argv, sys.executable)
"""),
    attack("roots and folders of others", "ok", """
for start in ("/proc/self/root", "/proc/self/cwd", "/proc/1/root", "/proc/1/cwd",
              "/proc/@PID@/root", "/proc/@PID@/cwd", "/proc/@PARENT@/root",
              "/proc/thread-self/root", "../../../../..", "/tmp/../..", "//", "/./."):
    for path in @PATHS@:
        unreadable(start + path)
fd = os.open("/", os.O_PATH)
for path in @PATHS@:
    must_fail("openat", os.open, "../../.." + path, os.O_RDONLY, 0o600)
    try:
        os.open(path.lstrip("/"), os.O_RDONLY, dir_fd=fd)
        breach("openat " + path)
    except OSError:
        pass
"""),
    attack("write outside", "ok", """
for folder in ("@FOLDER@", "/", "/etc", "/usr", "/usr/lib", "/var/tmp", "/var/run", "/dev",
               "/dev/shm", "/root", "/home", "/proc", "/proc/sys/kernel", "/sys", "/run", "/opt",
               sys.prefix, os.path.dirname(os.__file__)):
    must_fail("file in " + folder, open, folder + "/made", "w")
    must_fail("folder in " + folder, os.mkdir, folder + "/made")
    must_fail("link in " + folder, os.symlink, "/etc", folder + "/made")
    must_fail("pipe in " + folder, os.mkfifo, folder + "/made")
    must_fail("device in " + folder, os.mknod, folder + "/made", 0o666 | 0o020000, 0x0103)
for path in @PATHS@:
    for function in (os.unlink, os.rmdir):
        must_fail("%s %s" % (function, path), function, path)
    for function, argument in ((os.chmod, 0), (os.utime, (0, 0)), (os.truncate, 0),
                               (os.rename, "/tmp/stolen"), (os.link, "/tmp/linked")):
        must_fail("%s %s" % (function, path), function, path, argument)
    must_fail("chown", os.chown, path, os.getuid(), os.getgid())
    must_fail("attribute", os.setxattr, path, "user.x", b"1")
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
        must_fail("open %s" % path, os.open, path, flags)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
             "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups",
             "/proc/sys/vm/overcommit_memory", "/sys/kernel/uevent_helper", "/proc/self/loginuid"):
    def write(path=path):
        with open(path, "w") as file:
            file.write("0")
    if path != "/proc/self/oom_score_adj":
        must_fail("write " + path, write)
""", quick=True),
    attack("links", "ok", """
for index, path in enumerate(@PATHS@):
    try:
        os.symlink(path, "/tmp/s%d" % index)
    except OSError:
        pass
    unreadable("/tmp/s%d" % index)
    must_fail("hard link", os.link, path, "/tmp/h%d" % index)
    must_fail("append by link", open, "/tmp/s%d" % index, "a")
try:
    os.symlink("/tmp/loop", "/tmp/loop")
    os.symlink("/", "/tmp/root")
except OSError:
    pass
unreadable("/tmp/loop")
unreadable("/tmp/root@FOLDER@/expected.txt")
""", quick=True),
    attack("interpreter and descriptors reopened", "ok", """
for path in ("/proc/self/exe", sys.executable or "/usr/bin/python3", os.__file__):
    must_fail("write to " + path, os.open, path, os.O_RDWR)
    must_fail("append to " + path, os.open, path, os.O_WRONLY | os.O_APPEND)
try:
    fd = os.open("/proc/self/fd/0", os.O_RDWR)
    os.pwrite(fd, b"forged", 0)
    breach("the input is writable")
except OSError:
    pass
must_fail("seal", __import__("fcntl").fcntl, 0, 1033, 0)
""", stdin=b"given"),
    attack("inherited descriptors", "ok", """
import stat
for fd in range(3, 1024):
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        continue
    for write in (lambda: os.write(fd, b"ok 42 passed\\n"), lambda: os.pwrite(fd, b"ok", 0)):
        must_fail("write to descriptor %d, mode %o" % (fd, mode), write)
    must_fail("read of descriptor %d, mode %o" % (fd, mode), os.pread, fd, 100, 0)
    if stat.S_ISSOCK(mode):
        breach("descriptor %d is a socket" % fd)
    # A handle of the library's folder is no harm as long as nothing opens through it.
    must_fail("list descriptor %d" % fd, os.listdir, fd)
    for path in ("../" * 12 + "etc/passwd", "../" * 12 + "@FOLDER@/expected.txt"):
        try:
            found = os.open(path, os.O_RDONLY, dir_fd=fd)
            breach("%s through descriptor %d, mode %o" % (path, fd, mode))
        except OSError:
            pass
""", quick=True),
    attack("tcp", "ok", """
import socket
for host in ("127.0.0.1", "localhost", "0.0.0.0", "::1"):
    must_fail("connect to " + host, socket.create_connection, (host, @PORT@), 1)
must_fail("listen", socket.create_server, ("127.0.0.1", 0))
""", quick=True),
    attack("other sockets", "ok", """
import socket
def reach(family, kind, protocol, address):
    with socket.socket(family, kind, protocol) as own:
        own.settimeout(1)
        if kind == socket.SOCK_DGRAM and family != socket.AF_UNIX:
            return own.sendto(b"hello", address)
        return own.connect(address)
for what, family, kind, protocol, address in (
    ("udp", socket.AF_INET, socket.SOCK_DGRAM, 0, ("127.0.0.1", @PORT@)),
    ("unix", socket.AF_UNIX, socket.SOCK_STREAM, 0, "@FOLDER@/socket"),
    ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, 0, "\\0@NAME@"),
    ("raw", socket.AF_INET, socket.SOCK_RAW, 1, ("127.0.0.1", 0)),
    ("netlink", socket.AF_NETLINK, socket.SOCK_RAW, 0, (0, 0)),
    ("packet", socket.AF_PACKET, socket.SOCK_RAW, 0, ("lo", 0)),
    ("vsock", socket.AF_VSOCK, socket.SOCK_STREAM, 0, (2, 22)),
    ("crypto", socket.AF_ALG, socket.SOCK_SEQPACKET, 0, ("hash", "sha256")),
    ("bluetooth", 31, socket.SOCK_RAW, 1, (0,)),
):
    must_fail(what, reach, family, kind, protocol, address)
for family in range(46):
    for kind in (1, 2, 3, 5):
        refused("socket %d %d" % (family, kind), 41, 198, family, kind, 0)
""", quick=True),
    attack("names", "ok", """
import socket
must_fail("dns", socket.getaddrinfo, "example.com", 80)
must_fail("dns", socket.gethostbyname, "example.com")
import urllib.request
must_fail("http", urllib.request.urlopen, "http://127.0.0.1:@PORT@/", None, 2)
"""),
    attack("kill the parent", "ok", """
import signal
for number in (os.getppid(), @PID@, @PARENT@, 1):
    if number != os.getpid():
        must_fail("kill %d" % number, os.kill, number, signal.SIGKILL)
        refused("tgkill", 234, 131, number, number, 9)
        refused("tkill", 200, 130, number, 9)
        refused("sigqueue", 129, 138, number, 9, ctypes.create_string_buffer(128))
        refused("pidfd_open", 434, 434, number, 0)
""", quick=True),
    attack("kill everybody", "ok runtime_error", "os.kill(-1, 9)", quick=True),
    attack("kill the group", "ok runtime_error", """
os.killpg(os.getpgid(0), 9)
os.killpg(0, 9)
"""),
    attack("stop everybody", "ok runtime_error timeout", """
import signal
for number in (-1, 0, os.getppid()):
    try:
        os.kill(number, signal.SIGSTOP)
    except OSError:
        pass
os.kill(os.getpid(), signal.SIGSTOP)
"""),
    attack("ptrace", "ok", """
for number in (os.getppid(), @PID@, @PARENT@, 1):
    for request in (0, 16, 0x4206):
        refused("ptrace", 101, 117, request, number, 0, 0)
    refused("process_vm_readv", 310, 270, number, 0, 0, 0, 0, 0)
    refused("process_vm_writev", 311, 271, number, 0, 0, 0, 0, 0)
    refused("kcmp", 312, 272, os.getpid(), number, 0, 0, 0)
    refused("process_madvise", 440, 440, 0, 0, 0, 0, 0)
""", quick=True),
    attack("descriptors of others", "ok", """
refused("pidfd_open", 434, 434, os.getppid(), 0)
refused("pidfd_getfd", 438, 438, 0, 0, 0)
refused("open_by_handle_at", 304, 265, -100, ctypes.create_string_buffer(64), 0)
refused("name_to_handle_at", 303, 264, -100, b"/", ctypes.create_string_buffer(64), 0, 0)
import fcntl, signal
must_fail("owner of signals", fcntl.fcntl, 0, 8, @PID@)
must_fail("signal of files", fcntl.fcntl, 0, 10, 9)
must_fail("lease", fcntl.fcntl, 0, 1024, 0)
must_fail("watch", fcntl.fcntl, 0, 1026, 1)
"""),
    attack("namespaces", "ok", """
for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
    refused("unshare %x" % flag, 272, 97, flag)
    refused("clone %x" % flag, 56, 220, flag | 17, 0, 0, 0, 0)
    refused("clone thread %x" % flag, 56, 220, flag | 0x10000 | 0x800 | 0x100, 0, 0, 0, 0)
refused("setns", 308, 268, 0, 0)
refused("mount", 165, 40, b"none", b"/tmp", b"tmpfs", 0, 0)
refused("umount2", 166, 39, b"/proc", 2)
refused("pivot_root", 155, 41, b"/tmp", b"/tmp")
refused("chroot", 161, 51, b"/tmp")
refused("open_tree", 428, 428, -100, b"/", 0)
refused("move_mount", 429, 429, 0, 0, 0, 0, 0)
refused("fsopen", 430, 430, b"tmpfs", 0)
refused("fsmount", 432, 432, 0, 0, 0)
refused("mount_setattr", 442, 442, -100, b"/", 0, 0, 0)
""", quick=True),
    attack("identities", "ok", """
for function in (os.setuid, os.setgid, os.seteuid, os.setegid):
    must_fail("%s" % function, function, 0)
must_fail("setresuid", os.setresuid, 0, 0, 0)
must_fail("setgroups", os.setgroups, [0])
refused("capset", 126, 91, ctypes.create_string_buffer(8), ctypes.create_string_buffer(24))
refused("setfsuid", 122, 151, 0)
try:
    lines = open("/proc/self/status").read().splitlines()
except OSError:
    lines = []
must = {"CapEff": 0, "CapPrm": 0, "CapInh": 0, "CapAmb": 0, "NoNewPrivs": 1, "Seccomp": 2}
for line in lines:
    name, _, value = line.partition(":")
    if name in must and int(value, 16) != must[name]:
        breach(line)
if os.getuid() == 0 and os.path.exists("@FOLDER@"):
    breach("root")
""", quick=True),
    attack("kernel interfaces", "ok", """
buffer = ctypes.create_string_buffer(4096)
for what, x86, arm, *arguments in (
    ("keyctl", 250, 219, 0, -4, 0), ("add_key", 248, 217, b"user", b"x", b"y", 1, -4),
    ("request_key", 249, 218, b"user", b"x", 0, 0), ("bpf", 321, 280, 0, buffer, 64),
    ("perf_event_open", 298, 241, buffer, 0, -1, -1, 0), ("userfaultfd", 323, 282, 0),
    ("io_uring_setup", 425, 425, 8, buffer), ("io_uring_enter", 426, 426, 0, 0, 0, 0, 0, 0),
    ("io_setup", 206, 0, 8, buffer), ("kexec_load", 246, 104, 0, 0, 0, 0),
    ("init_module", 175, 105, buffer, 0, b""), ("finit_module", 313, 273, 0, b"", 0),
    ("delete_module", 176, 106, b"x", 0), ("syslog", 103, 116, 3, buffer, 100),
    ("reboot", 169, 142, 0xfee1dead - (1 << 32), 672274793, 0, 0), ("acct", 163, 89, 0),
    ("swapon", 167, 224, b"/tmp/x", 0), ("quotactl", 179, 60, 0, 0, 0, 0),
    ("fanotify_init", 300, 262, 0, 0), ("inotify_init1", 294, 26, 0), ("iopl", 172, None, 3),
    ("ioperm", 173, None, 0, 1, 1), ("modify_ldt", 154, None, 0, buffer, 16),
    ("personality", 135, 92, 0x40000), ("vhangup", 153, 58), ("lookup_dcookie", 212, 18, 0, 0, 0),
    ("move_pages", 279, 239, 0, 0, 0, 0, 0, 0), ("migrate_pages", 256, 238, 0, 0, 0, 0),
    ("mbind", 237, 235, 0, 0, 0, 0, 0, 0), ("nfsservctl", 180, 42, 0, 0, 0),
    ("vmsplice", 278, 75, 1, 0, 0, 0), ("tee", 276, 77, 0, 1, 1, 0),
    ("membarrier_cmd", 324, 283, -1, 0, 0) if False else ("seccomp", 317, 277, 1, 8, 0),
    ("uselib", 134, None, b"/tmp/x"), ("sysfs", 139, None, 3), ("ustat", 136, None, 0, buffer),
    ("landlock_create_ruleset", 444, 444, 0, 0, 1), ("futex_waitv", 449, 449, 0, 0, 0, 0, 0),
    ("map_shadow_stack", 453, 453, 0, 4096, 0), ("statmount", 457, 457, buffer, buffer, 64, 0),
    ("listmount", 458, 458, buffer, buffer, 8, 0),
):
    refused(what, x86, arm, *arguments)
""", quick=True),
    attack("clocks and names of the machine", "ok", """
import time
must_fail("clock_settime", time.clock_settime, time.CLOCK_REALTIME, 0)
refused("settimeofday", 164, 170, ctypes.create_string_buffer(16), 0)
refused("adjtimex", 159, 171, ctypes.create_string_buffer(256))
refused("clock_adjtime", 305, 266, 0, ctypes.create_string_buffer(256))
must_fail("sethostname", __import__("socket").sethostname, "taken")
refused("setdomainname", 171, 162, b"taken", 5)
os.environ["TZ"] = "@FOLDER@/expected.txt"
time.tzset()
print(time.tzname)
"""),
    attack("foreign system call tables", "ok runtime_error", """
if X86:
    import mmap
    for number in (39, 57, 41, 59, 101):
        if call(0x40000000 | number, 0, 0, 0) >= 0:
            breach("x32 call %d" % number)
""", quick=True),
    attack("32-bit system calls", "ok runtime_error", """
if X86:
    import mmap
    # mov eax, number; xor ebx, ebx; xor ecx, ecx; int 0x80; ret
    for number in (20, 2, 11, 102, 26):
        page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
                         prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(b"\\xb8" + bytes([number, 0, 0, 0]) + b"\\x31\\xdb\\x31\\xc9\\xcd\\x80\\xc3")
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        if ctypes.CFUNCTYPE(ctypes.c_int)(address)() >= 0:
            breach("32-bit call %d" % number)
""", quick=True),
    attack("shared memory and queues", "ok", """
refused("shmget", 29, 194, @KEY@, 4096, 0o1666)
refused("shmat", 30, 196, @SHARED@, 0, 0)
refused("shmctl", 31, 195, @SHARED@, 0, 0)
refused("semget", 64, 190, 1, 1, 0o1666)
refused("msgget", 68, 186, 1, 0o1666)
refused("mq_open", 240, 180, b"canary", 0o102, 0o666, 0)
refused("mq_unlink", 241, 181, b"canary")
unreadable("/dev/shm/@NAME@")
unreadable("/dev/mqueue/@NAME@")
must_fail("semaphore", __import__("multiprocessing").Semaphore)
must_fail("shared memory", lambda: __import__("multiprocessing.shared_memory").shared_memory
          .SharedMemory("@NAME@", create=False))
must_fail("new shared memory", lambda: __import__("multiprocessing.shared_memory").shared_memory
          .SharedMemory("fresh", create=True, size=4096))
"""),
    attack("terminal", "ok", """
import fcntl
for fd in (0, 1, 2):
    for request in (0x5412, 0x540E, 0x541C, 0x5402, 0x5414, 0x894C, 0x5423):
        must_fail("ioctl %x" % request, fcntl.ioctl, fd, request, b"x" * 64)
must_fail("terminal", os.open, "/dev/tty", os.O_RDWR)
must_fail("console", os.open, "/dev/console", os.O_RDWR)
must_fail("pseudo-terminal", os.openpty)
"""),
    attack("process attributes", "ok", """
for option, *arguments in ((1, 0), (4, 1), (36, 1), (35, 1, 0), (0x59616d61, -1), (8, 1), (24, 0),
                           (28, 0), (22, 0), (41, 1), (47, 2), (38, 0), (27, 0), (33, 1), (62, 0)):
    refused("prctl %d" % option, 157, 167, option, *(arguments + [0] * (4 - len(arguments))))
must_fail("new group of another", os.setpgid, @PID@, 0)
"""),
    attack("other programs", "ok", """
import subprocess
for command in (["/bin/sh", "-c", "echo BREACH"], ["/usr/bin/id"], ["/proc/self/exe", "-c", "1"],
                [sys.executable or "/usr/bin/python3", "-c", "print('BREACH')"]):
    must_fail("%s" % command, subprocess.run, command)
    must_fail("exec %s" % command, os.execv, command[0], command)
    must_fail("spawn %s" % command, os.posix_spawn, command[0], command, {})
if os.system("echo BREACH") == 0:
    breach("system")
must_fail("popen", lambda: os.popen("echo BREACH").read() or 1 / 0)
refused("execveat", 322, 281, 0, b"", 0, 0, 0x1000)
""", quick=True),
    attack("daemon", "ok", """
must_fail("daemon", libc.daemon, 0, 0) if libc.daemon(0, 0) == 0 else None
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            import time
            time.sleep(100)
        os._exit(0)
    breach("a child")
except OSError:
    pass
"""),
    attack("zombies", "ok", """
for _ in range(50):
    try:
        if os.fork() == 0:
            os._exit(0)
        breach("a child")
    except OSError:
        pass
"""),
    attack("project and packages", "ok", """
import glob
print(sys.path)
sys.path += ["@ROOT@", "@SITE@", os.path.dirname(os.__file__) + "/site-packages",
             "/usr/lib/python3/dist-packages", "/usr/local/lib/python3.11/dist-packages"]
for name in ("mm_rl", "data_synth", "torch", "numpy", "transformers", "pip", "pytest", "hydra"):
    must_fail("import " + name, __import__, name)
for path in ("@ROOT@/mm_rl/__init__.py", "@ROOT@/pyproject.toml", "@SITE@/torch/__init__.py"):
    unreadable(path)
must_fail("list", os.listdir, "@SITE@")
""", quick=True),
    attack("module by file", "ok", """
import importlib.util
for path in ("@ROOT@/mm_rl/__init__.py", "@FOLDER@/expected.txt"):
    def load(path=path):
        spec = importlib.util.spec_from_file_location("stolen", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    must_fail("load " + path, load)
must_fail("library", ctypes.CDLL, "@FOLDER@/expected.txt")
must_fail("zip import", lambda: __import__("zipimport").zipimporter("@FOLDER@/expected.txt"))
"""),
    attack("code from a file of its own", "ok runtime_error", """
try:
    with open("/tmp/own.py", "w") as file:
        file.write("value = 7")
    os.chmod("/tmp/own.py", 0o4755)
    sys.path.insert(0, "/tmp")
    import own
except (OSError, ImportError):
    pass
must_fail("exec of it", os.execv, "/tmp/own.py", ["own.py"])
"""),
]  # fmt: skip
"""All of them."""
