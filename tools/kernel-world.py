# What tools/kernel-policy.ts needs of a real kernel: network namespaces, raw packets, the connection table. Reads jobs from
# standard input, one a line as JSON, and answers each with a line. Needs root.
import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
MARK = bytes([0xCA, 0x11, 0xC0, 0xDE])
NETLINK_NETFILTER = 12
IPCTNL_MSG_CT_NEW, IPCTNL_MSG_CT_DELETE = 0x100, 0x102

home = os.open("/proc/self/ns/net", os.O_RDONLY)
spaces = {}
conntracks = {}


def enter(fd):
    if LIBC.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class inside:
    """Everything in this block happens in a namespace."""

    def __init__(self, name):
        self.fd = spaces[name]

    def __enter__(self):
        enter(self.fd)

    def __exit__(self, *_):
        enter(home)


def run(argv, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{' '.join(argv)}: {done.stderr.strip() or done.stdout.strip()}"


def setup(job):
    errors = []
    lines = [f"netns add {name}" for name in job["names"]]
    lines += job["wires"]
    errors.append(run(["ip", "-force", "-batch", "-"], "\n".join(lines) + "\n"))
    for name in job["names"]:
        spaces[name] = os.open(f"/run/netns/{name}", os.O_RDONLY)
        with inside(name):
            write(job["sysctls"].get(name, []), errors)
            errors.append(run(["ip", "-force", "-batch", "-"], job["batches"].get(name, "")))
            write(job["late"].get(name, []), errors)
            for argv, text in job["restore"].get(name, []):
                errors.append(run(argv, text))
            if name in job["restore"]:
                conntracks[name] = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    return {"errors": [one for one in errors if one]}


def write(settings, errors):
    for path, value in settings:
        try:
            with open(f"/proc/sys/{path}", "w") as file:
                file.write(value)
        except OSError as error:
            errors.append(f"{path}: {error}")


def clear(_):
    for fd in spaces.values():
        os.close(fd)
    for one in conntracks.values():
        one.close()
    names = list(spaces)
    spaces.clear()
    conntracks.clear()
    return {"errors": [run(["ip", "-force", "-batch", "-"], "".join(f"netns del {name}\n" for name in names))]}


def attribute(kind, data):
    length = 4 + len(data)
    return struct.pack("=HH", length, kind) + data + bytes(-length % 4)


def nested(kind, *parts):
    return attribute(kind | 0x8000, b"".join(parts))


def ask(sock, kind, flags, family, body=b""):
    payload = struct.pack("=BBH", family, 0, 0) + body
    sock.send(struct.pack("=IHHII", 16 + len(payload), kind, flags | 5, 1, 0) + payload)
    answer = sock.recv(4096)
    code = struct.unpack_from("=i", answer, 16)[0]
    if code not in (0, -2):
        raise OSError(-code, os.strerror(-code))


def tuple_of(kind, family, one, protocol):
    v4 = family == 4
    pack = lambda text: socket.inet_pton(socket.AF_INET if v4 else socket.AF_INET6, text)
    first = 1 if v4 else 3
    ip = nested(1, attribute(first, pack(one["src"])), attribute(first + 1, pack(one["dst"])))
    ports = b""
    if "type" in one:
        base = 4 if v4 else 7
        ports = attribute(base, struct.pack(">H", one["id"])) + attribute(base + 1, bytes([one["type"]]))
        ports += attribute(base + 2, bytes([one["code"]]))
    elif "sport" in one:
        ports = attribute(2, struct.pack(">H", one["sport"])) + attribute(3, struct.pack(">H", one["dport"]))
    return nested(kind, ip, nested(2, attribute(1, bytes([protocol])), ports))


def seed(name, one):
    """A connection that was let through long ago: confirmed, answered, assured."""
    family = 4 if one["family"] == "inet" else 6
    protocol = one["protocol"]
    body = tuple_of(1, family, one["original"], protocol) + tuple_of(2, family, one["reply"], protocol)
    body += attribute(3, struct.pack(">I", 0x2 | 0x4 | 0x8)) + attribute(7, struct.pack(">I", 3600))
    if protocol == 6:
        # ESTABLISHED; liberal in windows, both ways.
        liberal = struct.pack("=BB", 0x08, 0x08)
        body += nested(4, nested(1, attribute(1, bytes([3])), attribute(4, liberal), attribute(5, liberal)))
    ask(conntracks[name], IPCTNL_MSG_CT_NEW, 0x600, 2 if family == 4 else 10, body)


def probe(job):
    for one in conntracks.values():
        ask(one, IPCTNL_MSG_CT_DELETE, 0, 0)
    for name, argv in job["before"]:
        with inside(name):
            error = run(argv)
            if error:
                return {"error": error}
    try:
        for name, one in job["seeds"]:
            seed(name, one)
        return send(job)
    except OSError as error:
        return {"error": str(error)}
    finally:
        for name, argv in job["after"]:
            with inside(name):
                run(argv)


def send(job):
    family = socket.AF_INET if job["family"] == 4 else socket.AF_INET6
    with inside(job["to"]):
        receiver = socket.socket(family, socket.SOCK_RAW, job["protocol"])
    with inside(job["from"]):
        sender = socket.socket(family, socket.SOCK_RAW, job["protocol"])
    with receiver, sender:
        if family == socket.AF_INET6 and job["protocol"] == 58:
            receiver.setsockopt(58, 1, bytes(32))
        sender.bind((job["source"], 0))
        try:
            sender.sendto(bytes.fromhex(job["payload"]), (job["target"], 0))
        except PermissionError:
            return {"seen": False}
        until = time.monotonic() + job["wait"]
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([receiver], [], [], left)[0]:
                return {"seen": False}
            data, source = receiver.recvfrom(65536)
            body = data[(data[0] & 15) * 4 :] if family == socket.AF_INET else data
            if not data.endswith(MARK) or (job["type"] is not None and body[0] != job["type"]):
                continue
            return {"seen": True, "source": source[0], "head": body[:4].hex()}


def counters(job):
    time.sleep(job["wait"])
    with inside(job["name"]):
        return {"text": subprocess.run(["iptables-save", "-c"], capture_output=True, text=True).stdout}


for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps({"setup": setup, "clear": clear, "probe": probe, "counters": counters}[job["op"]](job)), flush=True)
