"""Messages between supervisor and zygote: packets of fixed layout on a SOCK_SEQPACKET socket.

Both sides check the length of a packet before they read it; nothing is unpickled. The zygote is not
the program: a program never holds this socket.
"""

import struct

REQUEST = struct.Struct("<cIdIIII")
"""Kind, id, wall seconds, cpu seconds, memory MiB, file MiB, bytes of source; the source follows.
Descriptors sent along: stdin, stdout, stderr."""
REPLY = struct.Struct("<cIiIdB")
"""Kind, id, wait status, KiB of peak memory, cpu seconds, flags; text follows."""

RUN, KILL = b"R", b"K"
"""Kinds of a request."""
READY, DONE, BROKEN, THREADED = b"H", b"D", b"E", b"T"
"""Kinds of a reply: the zygote is up; a run ended; the sandbox is at fault (text says how); the
preloaded packages started threads, with which no zygote may fork."""

EXPIRED, OUT_OF_MEMORY = 1, 2
"""Flags of DONE: killed at the wall limit; ended with an uncaught MemoryError."""

MAX_SOURCE = 64 << 10
"""Bytes of source in a request."""
MAX_TEXT = 2000
"""Bytes of text in a reply."""
