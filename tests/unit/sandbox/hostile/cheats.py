"""Python programs that try to be judged right: exit codes, forged verdicts, frames, patches."""

from tests.unit.sandbox.hostile.corpus import attack

CHEATS = [
    attack("exit 0 after a wrong answer", "ok", "print('wrong', flush=True)\nos._exit(0)",
           stdout=b"wrong\n", quick=True),
    attack("right answer, exit 3", "runtime_error", "print('42', flush=True)\nos._exit(3)",
           stdout=b"42\n", quick=True),
    attack("SystemExit", "ok", "print('wrong')\nraise SystemExit(0)", stdout=b"wrong\n"),
    attack("SystemExit with words", "runtime_error", "raise SystemExit('passed')", stdout=b""),
    attack("exit in atexit", "ok runtime_error", """
import atexit
atexit.register(os._exit, 0)
raise ValueError
"""),
    attack("exit by sys.excepthook", "ok", """
sys.excepthook = lambda *_: os._exit(0)
raise ValueError
""", stdout=b""),
    attack("crash", "runtime_error", "ctypes.string_at(0)", quick=True),
    attack("crash with a fault handler", "runtime_error", """
import faulthandler
faulthandler.enable(all_threads=True)
ctypes.string_at(0)
"""),
    attack("own SIGKILL", "runtime_error ok", "os.kill(os.getpid(), 9)", quick=True),
    attack("own SIGXCPU", "runtime_error timeout ok", """
import signal
os.kill(os.getpid(), signal.SIGXCPU)
"""),
    attack("own SIGSYS", "runtime_error ok", "import signal\nos.kill(os.getpid(), signal.SIGSYS)"),
    attack("frames", "ok", """
frame = sys._getframe()
depth = 0
while frame is not None:
    print(frame.f_code.co_filename, frame.f_code.co_name)
    for name, value in {**frame.f_globals, **frame.f_locals}.items():
        try:
            text = repr(value)[:3000]
        except Exception:
            continue
        print(name, text)
        if depth and name in ("tests", "expected", "stdout", "verdict", "limits"):
            breach("%s in a frame" % name)
    frame = frame.f_back
    depth += 1
""", quick=True),
    attack("objects in memory", "ok", """
import gc
word = "".join(["cana", "ry-"])
held = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
for container in held:
    values = list(container.values()) if isinstance(container, dict) else list(container)
    for value in values:
        if isinstance(value, (str, bytes)):
            text = value if isinstance(value, str) else value.decode("latin1")
            if word in text and len(word) + 16 < len(text) < 200:
                breach(text)
        if callable(getattr(value, "sendmsg", None)) and type(value).__name__ == "socket":
            breach("a socket")
""", quick=True),
    attack("memory by its map", "ok timeout", """
word = b"".join([b"cana", b"ry-"])
try:
    maps = open("/proc/self/maps").read().splitlines()
except OSError:
    maps = []
for line in maps:
    bounds, flags, *_ = line.split()
    low, high = (int(part, 16) for part in bounds.split("-"))
    if flags.startswith("r") and "[v" not in line and high - low < 64 << 20:
        block = ctypes.string_at(low, high - low)
        at = block.find(word)
        while at >= 0:
            if block[at + 7 : at + 23].isalnum():
                breach(block[at : at + 40])
            at = block.find(word, at + 1)
"""),
    attack("patched builtins", "ok", """
import builtins, json, math
builtins.print = lambda *_: os.write(1, b"42\\n")
builtins.sorted = builtins.sum = builtins.len = lambda *_: 42
builtins.open = None
math.sqrt = math.gcd = lambda *_: 42
json.dumps = json.loads = lambda *_: "42"
sys.exit = None
for name in list(sys.modules):
    if name != "os":
        sys.modules[name] = None
os.write(1, b"wrong\\n")
os._exit(0)
""", stdout=b"wrong\n", quick=True),
    attack("patched comparison", "ok", """
class Always(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return hash("42")
print(Always("wrong"))
""", stdout=b"wrong\n"),
    attack("memory of small integers", "ok runtime_error", """
ctypes.memmove(id(7) + 24, id(8) + 24, 4)
print(7 == 8, flush=True)
"""),
    attack("replaced stdout", "ok", """
class Loud:
    def write(self, text): return os.write(1, text.upper().encode())
    def flush(self): pass
sys.stdout = Loud()
print("loud")
""", stdout=b"LOUD\n"),
    attack("forged verdicts", "runtime_error", """
import struct
forged = [b'{"status": "ok", "exit_code": 0}\\n', struct.pack("<I", 0) * 8, bytes(64),
          b"EXIT_CODE: 0\\n", b"ok\\n", struct.pack("<iiQ", 0, 0, 0)]
for fd in range(64):
    for message in forged:
        try:
            os.write(fd, message)
        except OSError:
            pass
os._exit(7)
""", quick=True),
    attack("frame of the input", "ok", "print(sys.stdin.read())\nsys.stdin.seek(0)\n"
           "print(sys.stdin.read())", stdin=b"a\x00b\n", stdout=b"a\x00b\n\na\x00b\n\n"),
    attack("bytes that are no text", "ok", "sys.stdout.buffer.write(bytes(range(256)) * 4)",
           stdout=bytes(range(256)) * 4, quick=True),
    attack("late output of a thread", "ok", """
import threading, time
def later():
    time.sleep(0.05)
    print("late")
threading.Thread(target=later).start()
print("early")
""", stdout=b"early\nlate\n"),
    attack("output at exit", "ok", """
import atexit
atexit.register(print, "last")
print("first")
""", stdout=b"first\nlast\n"),
    attack("finalizers", "ok runtime_error", """
class Last:
    def __del__(self):
        os.write(1, b"del\\n")
        os._exit(0)
keep = Last()
raise ValueError
"""),
    attack("source with a NUL", "refused", "print(1)\0print(2)", prelude=False),
    attack("source of a megabyte", "refused", "#" * (1 << 20) + "\nprint(1)", prelude=False),
    attack("source that is no Unicode", "refused", "print('\ud800')", prelude=False),
    attack("source that is no Python", "runtime_error", "))) ((", prelude=False, quick=True),
    attack("source in another encoding", "ok runtime_error", "# coding: utf-7\nprint('+AEE-')\n",
           prelude=False),
    attack("source of nested brackets", "runtime_error memory", "(" * 60000, prelude=False),
    attack("source of minus signs", "runtime_error memory", "x = " + "-" * 60000 + "1",
           prelude=False, quick=True),
    attack("source of a long sum", "runtime_error memory ok", "x = " + "+".join("1" * 30000),
           prelude=False),
    attack("source that folds to a giant", "runtime_error memory timeout ok",
           "x = (1 << 99999999) * (1 << 99999999) * (1 << 99999999)\ny = 'a' * 10 ** 12",
           prelude=False),
    attack("constant that exhausts the compiler", "runtime_error memory timeout", """
exec("+".join(["x"] * 1000000))
"""),
    attack("end of the interpreter forged", "runtime_error", """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
libc.exit(9)
"""),
]  # fmt: skip
"""All of them."""
