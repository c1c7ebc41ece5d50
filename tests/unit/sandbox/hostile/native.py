"""Hostile programs in other languages, and sources that attack the compiler."""

from tests.unit.sandbox.hostile.corpus import Hostile, attack

CPP_PRELUDE = r"""
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
using namespace std;
static void breach(const string& what) { cout << "BREACH " << what << endl; }
static void unreadable(const string& path) {
    ifstream file(path);
    string line;
    if (file && getline(file, line)) breach(path + " " + line);
}
"""


def cpp(name: str, statuses: str, source: str, **more: object) -> Hostile:
    """A C++ program; `prelude` here means the headers above."""
    headers = CPP_PRELUDE if more.pop("headers", True) else ""
    return attack(
        name, statuses, headers + source.lstrip("\n"), language="cpp", prelude=False, **more
    )


NATIVE = [
    cpp("fork bomb", "ok", r"""
int main() {
    for (int i = 0; i < 100; i++) if (fork() >= 0) breach("fork");
    for (int i = 0; i < 100; i++) if (syscall(SYS_vfork) >= 0) breach("vfork");
    for (int i = 0; i < 100; i++) if (syscall(SYS_clone, 17, 0, 0, 0, 0) >= 0) breach("clone");
    if (system("echo BREACH") == 0) breach("system");
}
"""),
    cpp("thread bomb", "ok runtime_error", r"""
int main() {
    try { for (int i = 0; i < 1000; i++) thread([] { sleep(9); }).detach(); breach("threads"); }
    catch (const system_error&) {}
    _exit(0);
}
"""),
    cpp("memory by a growing vector", "memory runtime_error", r"""
int main() { vector<long> v; while (true) v.push_back(1); }
"""),
    cpp("memory by mmap", "ok memory runtime_error", r"""
int main() {
    size_t total = 0;
    for (int flags : {MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS})
        for (int i = 0; i < 100; i++) {
            char* p = (char*)mmap(0, 16 << 20, PROT_READ | PROT_WRITE, flags, -1, 0);
            if (p == MAP_FAILED) break;
            memset(p, 1, 16 << 20);
            mprotect(p, 16 << 20, PROT_READ);
            total += 16 << 20;
        }
    if (total > (512u << 20)) breach("memory " + to_string(total));
}
"""),
    cpp("stack overflow", "runtime_error memory", r"""
int down(int n) { volatile char block[4096]; block[0] = n; return down(n + 1) + block[0]; }
int main() { return down(0); }
"""),
    cpp("busy loop without signals", "timeout", r"""
int main() {
    for (int i = 1; i < 65; i++) signal(i, SIG_IGN);
    volatile unsigned long n = 0;
    while (true) n++;
}
"""),
    cpp("sleep", "timeout", "int main() { while (true) pause(); }"),
    cpp("endless output", "output_limit", 'int main() { while (true) puts("yyyyyyyyyyyyyyyy"); }'),
    cpp("endless errors", "timeout", r"""
int main() { while (true) fputs("eeeeeeeeeeeeeeeeeeeeeeeeeeee\n", stderr); }
"""),
    cpp("secrets by path", "ok", r"""
int main() {
    vector<string> paths = {@CPATHS@, "/etc/passwd", "/etc/shadow", "/proc/self/environ", "/usr",
        "/proc/1/environ", "/proc/1/cmdline", "/proc/@PID@/environ", "/root/.bashrc", "/usr/bin/id",
        "/proc/self/maps", "/dev/shm/@NAME@", "@ROOT@/pyproject.toml", "/proc/1/root/etc/passwd"};
    for (const string& path : paths) unreadable(path);
    for (const char* path : {"/", "/etc", "/home", "/proc", "/usr", "/tmp", "@FOLDER@"})
        if (access(path, F_OK) == 0 && string(path) != "/") breach(path);
    for (char** p = environ; *p; p++) cout << *p << endl;
}
"""),
    cpp("write anywhere", "ok", r"""
int main() {
    for (string folder : {"/", "/tmp", "/dev", "/dev/shm", "/etc", "/usr", "@FOLDER@", "/var/tmp"})
        if (open((folder + "/made").c_str(), O_CREAT | O_WRONLY, 0666) >= 0) breach(folder);
    if (open("/program", O_WRONLY) >= 0 || unlink("/program") == 0) breach("/program");
    if (syscall(SYS_memfd_create, "x", 0) >= 0) breach("memfd");
}
"""),
    cpp("network", "ok", r"""
int main() {
    for (int family = 0; family < 46; family++)
        for (int kind : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET})
            if (socket(family, kind, 0) >= 0) breach("socket " + to_string(family));
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) breach("socketpair");
}
"""),
    cpp("kill, trace, escape", "ok", r"""
int main() {
    for (int pid : {@PID@, @PARENT@, 2, 3, 4, 5})
        if (kill(pid, SIGKILL) == 0) breach("kill");
    if (kill(-1, SIGKILL) == 0) breach("kill all");
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) breach("ptrace");
    if (syscall(SYS_process_vm_readv, @PID@, 0, 0, 0, 0, 0) >= 0) breach("process_vm_readv");
    if (unshare(CLONE_NEWUSER) == 0) breach("unshare");
    if (mount("none", "/", "tmpfs", 0, 0) == 0) breach("mount");
    if (umount2("/dev/null", MNT_DETACH) == 0) breach("umount");
    if (chroot("/") == 0) breach("chroot");
    if (setuid(0) == 0 || setgid(0) == 0 || getuid() == 0) breach("setuid");
    char* none[] = {nullptr};
    for (const char* path : {"/bin/sh", "/usr/bin/id", "/proc/self/exe"})
        if (execve(path, none, none) == 0) breach("exec");
}
"""),
    cpp("kernel interfaces by number", "ok", r"""
int main() {
    for (long n : {SYS_bpf, SYS_io_uring_setup, SYS_keyctl, SYS_perf_event_open, SYS_userfaultfd,
                   SYS_ptrace, SYS_socket, SYS_mount, SYS_unshare, SYS_setns, SYS_chroot,
                   SYS_memfd_create, SYS_shmget, SYS_mq_open, SYS_pidfd_open, SYS_process_vm_writev,
                   SYS_personality, SYS_setuid, SYS_sched_setscheduler, SYS_clock_settime,
                   SYS_init_module, SYS_kexec_load, SYS_open_by_handle_at, SYS_seccomp, SYS_clone,
                   SYS_add_key, SYS_shmat, SYS_semget, SYS_msgget, SYS_splice, SYS_mkdirat}) {
        long result = syscall(n, 0L, 0L, 0L, 0L, 0L, 0L);
        if (result >= 0 || (errno != EPERM && errno != ENOSYS)) breach("call " + to_string(n));
    }
}
"""),
    cpp("32-bit and x32 calls", "ok runtime_error", r"""
int main() {
#ifdef __x86_64__
    if (syscall(0x40000000 | 39) >= 0) breach("x32");
    int result;
    asm volatile("int $0x80" : "=a"(result) : "a"(20), "b"(0), "c"(0), "d"(0) : "memory");
    if (result >= 0) breach("int 0x80");
#endif
}
"""),
    cpp("inherited descriptors", "ok", r"""
int main() {
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) breach("descriptor " + to_string(fd));
    if (write(0, "forged", 6) >= 0) breach("the input is writable");
    if (ftruncate(0, 0) == 0) breach("the input is writable");
    char byte = 0;
    if (pread(0, &byte, 1, 0) == 1 && byte != 'g') breach("another input");
}
""", stdin=b"given"),
    cpp("limits raised", "ok", r"""
int main() {
    for (int kind : {RLIMIT_AS, RLIMIT_CPU, RLIMIT_NOFILE, RLIMIT_DATA, RLIMIT_STACK}) {
        rlimit limit, more = {RLIM_INFINITY, RLIM_INFINITY};
        getrlimit(kind, &limit);
        if (limit.rlim_max == RLIM_INFINITY) breach("no limit " + to_string(kind));
        if (setrlimit(kind, &more) == 0) breach("limit " + to_string(kind));
    }
}
"""),
    cpp("crash", "runtime_error", "int main() { *(volatile int*)0 = 1; }"),
    cpp("abort", "runtime_error", "int main() { abort(); }"),
    cpp("right answer, exit 3", "runtime_error", 'int main() { puts("42"); return 3; }',
        stdout=b"42\n"),
    cpp("exit 0 after a wrong answer", "ok", 'int main() { puts("wrong"); fflush(0); _exit(0); }',
        stdout=b"wrong\n"),
    # Against the compiler.
    cpp("include of /etc/passwd", "compile_error", '#include "/etc/passwd"\nint main() {}',
        headers=False, quick=True),
    cpp("include of a secret", "compile_error", '#include "@FOLDER@/expected.txt"\nint main() {}',
        headers=False),
    cpp("include of endless bytes", "compile_error", "#include </dev/urandom>\nint main() {}",
        headers=False),
    cpp("include of itself", "compile_error", '#include "program.cpp"\nint main() {}',
        headers=False),
    cpp("secret by the assembler", "compile_error",
        'asm(".incbin \\"@FOLDER@/expected.txt\\"");\nint main() {}', headers=False),
    cpp("endless assembler", "compile_error",
        'asm(".rept 100000000\\n.quad 1,2,3,4,5,6,7,8\\n.endr");\nint main() {}', headers=False),
    cpp("template bomb", "compile_error", """
template <int A, int B> struct T { static const long v = T<A - 1, B>::v + T<A - 1, B + 1>::v; };
template <int B> struct T<0, B> { static const long v = B; };
int main() { return T<30000, 0>::v; }
""", headers=False),
    cpp("endless constant expression", "compile_error", """
constexpr long f(long n) { long s = 0; for (long i = 0; i < n; i++) s += i; return s; }
static_assert(f(1L << 60) == 1);
int main() {}
""", headers=False),
    cpp("giant array in the program", "compile_error", "int a[1 << 29] = {1};\nint main() {}",
        headers=False),
    cpp("macro bomb", "compile_error", "#define A x x x x x x x x\n" + "\n".join(
        f"#define {chr(66 + i)} " + " ".join([chr(65 + i)] * 8) for i in range(12))
        + "\nint main() { M; }", headers=False),
    cpp("flood of complaints", "compile_error",
        "int main() {" + "undeclared;" * 5000 + "}", headers=False),
    cpp("source of a megabyte", "compile_error", "//" + "x" * (1 << 20) + "\nint main() {}",
        headers=False),
    cpp("compiler's own files", "compile_error ok", """
#if __has_include("/etc/passwd") || __has_include("@FOLDER@/expected.txt")
#include <cstdio>
int main() { puts("BREACH"); }
#else
int main() {}
#endif
""", headers=False),
    attack("processes, files, sockets", "ok", r"""
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>
static void breach(const char* what) { printf("BREACH %s\n", what); }
int main(void) {
    const char* paths[] = {@CPATHS@, "/etc/passwd", "/proc/self/environ", "/usr/bin/id", "/tmp"};
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
        if (open(paths[i], O_RDONLY) >= 0) breach(paths[i]);
    if (open("/made", O_CREAT | O_WRONLY, 0666) >= 0) breach("a file");
    if (fork() >= 0) breach("fork");
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) breach("socket");
    if (kill(@PID@, SIGKILL) == 0 || kill(-1, SIGKILL) == 0) breach("kill");
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) breach("ptrace");
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) breach("descriptor");
    return 0;
}
""", language="c", prelude=False, quick=True),
    attack("processes and files", "ok", r"""
for my $path (qw(/etc/passwd /etc/shadow /proc/self/environ /proc/1/environ),
              "@FOLDER@/expected.txt") {
    if (open(my $file, "<", $path)) { print "BREACH $path ", <$file>; }
}
for my $path (qw(/made /tmp/made /dev/made @FOLDER@/made /usr/made)) {
    print "BREACH write $path\n" if open(my $file, ">", $path);
}
for (1 .. 50) { my $pid = fork(); print "BREACH fork\n" if defined $pid; }
print "BREACH system\n" if system("/usr/bin/id") == 0;
print "BREACH kill\n" if kill(9, @PID@);
use Socket;
print "BREACH socket\n" if socket(my $s, PF_INET, SOCK_STREAM, 0);
print "$_=$ENV{$_}\n" for sort keys %ENV;
""", language="perl", prelude=False, quick=True),
    attack("memory", "memory runtime_error", "my @x; push @x, 'x' x 1000000 while 1;",
           language="perl", prelude=False),
    attack("processes, files, network", "ok", r"""
const fs = require("fs");
for (const path of ["/etc/passwd", "/proc/self/environ", "/proc/1/environ", "/proc/self/mem",
                    "@FOLDER@/expected.txt", "/root/.bashrc"])
  try { console.log("BREACH", path, fs.readFileSync(path)); } catch {}
for (const path of ["/made", "/tmp/made", "/dev/made", "@FOLDER@/made"])
  try { fs.writeFileSync(path, "x"); console.log("BREACH write", path); } catch {}
const child = require("child_process").spawnSync("/usr/bin/id");
if (child.status === 0) console.log("BREACH spawn");
try { process.kill(@PID@, 9); console.log("BREACH kill"); } catch {}
console.log(process.env);
try {
  const socket = require("net").connect(@PORT@, "127.0.0.1");
  socket.on("connect", () => { console.log("BREACH connected"); process.exit(0); });
  socket.on("error", () => process.exit(0));
} catch {}
""", language="javascript", prelude=False, quick=True),
    attack("worker bomb", "ok runtime_error timeout memory", r"""
const { Worker } = require("worker_threads");
for (let i = 0; i < 500; i++) {
  const worker = new Worker("while (true);", { eval: true });
  worker.on("error", () => {});
}
""", language="javascript", prelude=False),
    attack("memory off the heap", "ok memory runtime_error timeout", r"""
const held = [];
try { while (held.length < 4096) held.push(new Uint8Array(1 << 20).fill(1)); } catch {}
if (held.length >= 2048) console.log("BREACH", held.length, "MiB");
""", language="javascript", prelude=False),
    attack("busy loop", "timeout", "while (true);", language="javascript", prelude=False),
    attack("processes, files, network", "ok", r"""
import java.io.*;
import java.nio.file.*;
public class Main {
    interface Act { Object run() throws Exception; }
    static void mustFail(String what, Act act) {
        try { System.out.println("BREACH " + what + " " + act.run()); } catch (Throwable e) {}
    }
    public static void main(String[] a) {
        for (String path : new String[] {"/etc/passwd", "/proc/self/environ", "/proc/1/environ",
                "@FOLDER@/expected.txt", "/proc/self/mem"})
            mustFail(path, () -> Files.readString(Path.of(path)));
        for (String path : new String[] {"/made", "/tmp/made", "@FOLDER@/made"})
            mustFail(path, () -> Files.writeString(Path.of(path), "x"));
        mustFail("exec", () -> Runtime.getRuntime().exec("/usr/bin/id").pid());
        mustFail("socket", () -> new java.net.Socket("127.0.0.1", @PORT@));
        mustFail("server", () -> new java.net.ServerSocket(0));
        System.out.println(System.getenv());
    }
}
""", language="java", prelude=False),
    attack("thread bomb", "ok runtime_error timeout memory", r"""
public class Main {
    public static void main(String[] a) {
        for (int i = 0; i < 5000; i++) {
            Thread t = new Thread(() -> { while (true); });
            t.start();
        }
        System.out.println("BREACH 5000 threads");
    }
}
""", language="java", prelude=False),
    attack("memory", "memory runtime_error", r"""
public class Main {
    public static void main(String[] a) {
        java.util.List<byte[]> held = new java.util.ArrayList<>();
        while (true) held.add(new byte[1 << 20]);
    }
}
""", language="java", prelude=False),
]  # fmt: skip
"""All of them."""
