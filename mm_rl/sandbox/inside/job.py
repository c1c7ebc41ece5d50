"""One request, and the prepared containment of the level."""

import os

from . import protocol


class Containment:
    """What a zygote prepared once for all its runs."""

    def __init__(self, *, namespaces: bool, seccomp_filter: bytes) -> None:
        self.namespaces = namespaces
        """Which of the two levels."""
        self.filter = seccomp_filter
        """See `seccomp.program_filter`."""
        self.rules = -1
        """Landlock ruleset, as descriptor."""
        self.private_user = True
        """Whether no other process on the machine counts in this user's process limit."""
        self.base_memory = 0
        """Bytes of address space of the bare interpreter."""
        self.proc = False
        """Whether a run gets a /proc."""
        self.threads = 1
        """Threads of the zygote; it may not fork with more than one."""
        self.pid_namespace = -1
        """The zygote's own process namespace, as descriptor."""


class Job:
    """One program with its limits and its three descriptors."""

    def __init__(self, packet: bytes, fds: list[int]) -> None:
        """Reads a packet of kind RUN; ValueError if it is not one."""
        _, self.run, self.wall_s, self.cpu_s, self.memory_mb, self.file_mb, length = (
            protocol.REQUEST.unpack_from(packet)
        )
        self.source = packet[protocol.REQUEST.size :]
        if len(self.source) != length or len(fds) != 3:
            raise ValueError("malformed request")
        self.fds = fds

    def close(self) -> None:
        """Closes the descriptors in the calling process."""
        for fd in self.fds:
            os.close(fd)
