"""Two network stacks and a wire between them that can be cut, slow, lossy, or open in one direction only.

Each stack is a network namespace with a TUN device; a process carries packets from one device to the other. Nobody
else's traffic is touched, and all of it is gone with the processes that hold it.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import itertools
import mmap
import os
import random
import select
import shutil
import struct
import subprocess
import time
from functools import partial
from pathlib import Path

from tests.faults.forked import Program

HUB, FAR = 0, 1
ADDRESSES = ("10.77.0.1", "10.77.0.2")
DEVICE = "wire"
TUN = Path("/dev/net/tun")
MAKE_DEVICE = 0x400454CA  # TUNSETIFF
PACKETS_ONLY = 0x1001  # IFF_TUN | IFF_NO_PI
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
LARGEST = 1 << 16
LOST_TO_HUB, LOST_TO_FAR, DELAY, DROPPED = range(4)
LIBC = ctypes.CDLL(None, use_errno=True)


def why_not() -> str:
    """Return why this machine can have no such wire, "" where it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not TUN.exists() or shutil.which("ip") is None:
        return f"{TUN} or the program ip is not here"
    return ""


class Wire:
    """A wire that is whole until `set`; `carry` must run in a process of its own."""

    def __init__(self) -> None:
        self._state = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")  # Shared with the process that carries.
        home = _this_network()
        self._networks, self._devices = zip(*map(_make_end, ADDRESSES), strict=True)
        _enter(home)
        os.close(home)

    def set(self, *, lost_to_hub: float = 0.0, lost_to_far: float = 0.0, delay: float = 0.0) -> None:
        """From now on lose these shares of the packets, and deliver the rest so many seconds later."""
        self._state[LOST_TO_HUB], self._state[LOST_TO_FAR], self._state[DELAY] = lost_to_hub, lost_to_far, delay

    @property
    def dropped(self) -> int:
        """Return how many packets were lost so far."""
        return int(self._state[DROPPED])

    def inside(self, end: int, program: Program) -> Program:
        """Return the program, run in the network of one end."""
        return partial(_run_inside, self._networks[end], program)

    def carry(self, seed: int) -> None:
        """Carry packets until killed."""
        chance, numbers = random.Random(seed), itertools.count()
        under_way: list[tuple[float, int, int, bytes]] = []
        while True:
            wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
            for device in select.select(self._devices, (), (), wait)[0]:
                packet, end = os.read(device, LARGEST), 1 - self._devices.index(device)
                if chance.random() < self._state[LOST_TO_FAR if end == FAR else LOST_TO_HUB]:
                    self._state[DROPPED] += 1
                else:
                    due = time.monotonic() + self._state[DELAY]
                    heapq.heappush(under_way, (due, next(numbers), end, packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(under_way)
                os.write(self._devices[end], packet)


def _make_end(address: str) -> tuple[int, int]:
    """Move this thread into a new network with one device; return both as descriptors."""
    _checked(LIBC.unshare(NEW_NETWORK))
    device = os.open(TUN, os.O_RDWR)
    fcntl.ioctl(device, MAKE_DEVICE, struct.pack("16sH22x", DEVICE.encode(), PACKETS_ONLY))
    for words in (f"addr add {address}/30 dev {DEVICE}", f"link set {DEVICE} up", "link set lo up"):
        subprocess.run(["ip", *words.split()], check=True)
    return _this_network(), device


def _this_network() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def _enter(network: int) -> None:
    _checked(LIBC.setns(network, NEW_NETWORK))


def _run_inside(network: int, program: Program) -> None:
    _enter(network)
    program()


def _checked(code: int) -> None:
    if code != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
