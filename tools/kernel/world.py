# What tools/kernel needs of a real kernel: network namespaces, raw packets, the connection table. Reads jobs from standard
# input, one a line as JSON, and answers each with a line. Needs root.
import concurrent.futures
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
IPV6_RECVPKTINFO = 49
# Types of ICMP and ICMPv6 messages by which a node or a pod refuses.
UNREACHABLE = (1, 3)
# Seconds that an answer may take once the packet is there, and the most that links may take to carry.
ANSWER = 0.05
LINKS = 3
IPCTNL_MSG_CT_NEW, IPCTNL_MSG_CT_DELETE = 0x100, 0x102

home = os.open("/proc/self/ns/net", os.O_RDONLY)
spaces = {}
conntracks = {}
threads = concurrent.futures.ThreadPoolExecutor(max_workers=6)


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
    """Makes networks; each namespace in a thread of its own, since most of the time is spent waiting for the kernel."""
    lines = [f"netns add {name}" for name in job["names"]] + job["wires"]
    errors = {"": [run(["ip", "-force", "-batch", "-"], "".join(f"{line}\n" for line in lines))]}
    for name in job["names"]:
        spaces[name] = os.open(f"/run/netns/{name}", os.O_RDONLY)
    for name, found in zip(job["names"], threads.map(lambda name: fill(name, job), job["names"])):
        errors[name] = found
    for name in job["restore"]:
        with inside(name):
            conntracks[name] = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    for name in job["bridges"]:
        settle(name)
    return {"errors": {name: found for name, some in errors.items() if (found := [one for one in some if one])}}


def fill(name, job):
    errors = []
    with inside(name):
        write(job["sysctls"].get(name, []), errors)
        errors.append(run(["ip", "-force", "-batch", "-"], job["batches"].get(name, "")))
        write(job["late"].get(name, []), errors)
        for argv, text in job["restore"].get(name, []):
            errors.append(run(argv, text))
    return errors


def settle(name):
    """Waits until all bridge ports forward: the kernel looks at carriers once a second."""
    until = time.monotonic() + LINKS
    with inside(name):
        while '"state":"disabled"' in shown(["bridge", "-j", "link"]) and time.monotonic() < until:
            time.sleep(0.02)


def shown(argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout


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
    for name in job["nodes"]:
        ask(conntracks[name], IPCTNL_MSG_CT_DELETE, 0, 0)
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


def listen(name, family, protocol):
    with inside(name):
        one = socket.socket(family, socket.SOCK_RAW, protocol)
    if family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        if protocol == 58:
            one.setsockopt(58, 1, bytes(32))
    return one


def heard(name, one, family, length):
    """What a socket has received, and whether it is a packet of ours."""
    data, more, _, source = one.recvmsg(65536, 256)
    if family == socket.AF_INET:
        destination, body = socket.inet_ntop(family, data[16:20]), data[(data[0] & 15) * 4 :]
    else:
        destination, body = "".join(socket.inet_ntop(family, info[:16]) for _, kind, info in more if kind == 50), data
    seen = {"at": name, "source": source[0], "destination": destination, "head": body[:4].hex()}
    # A tunnel's packet around ours, and an error that quotes it, may end with the same bytes.
    return seen, body, data.endswith(MARK) and len(body) == length


def send(job):
    family = socket.AF_INET if job["family"] == 4 else socket.AF_INET6
    receivers = {listen(name, family, job["protocol"]): name for name in job["to"]}
    answers = {listen(job["from"], family, protocol): protocol for protocol in job["answers"]}
    sender = listen(job["from"], family, job["protocol"])
    try:
        sender.bind((job["source"], 0))
        try:
            sender.sendto(bytes.fromhex(job["payload"]), (job["target"], 0))
        except PermissionError:
            # A rule of this very machine took it, and may have answered.
            pass
        return gathered(job, family, receivers, answers)
    finally:
        for one in [sender, *receivers, *answers]:
            one.close()


def gathered(job, family, receivers, answers):
    found = {}
    until = time.monotonic() + job["wait"]
    while "arrived" not in found or (answers and "answer" not in found):
        left = until - time.monotonic()
        ready = select.select([*receivers, *answers], [], [], max(left, 0))[0]
        if not ready:
            break
        for one in ready:
            seen, body, marked = heard(receivers.get(one, job["from"]), one, family, len(job["payload"]) // 2)
            protocol = answers.get(one)
            if protocol is None:
                if marked and (job["type"] is None or body[0] == job["type"]) and "arrived" not in found:
                    found["arrived"] = seen
                    until = time.monotonic() + ANSWER
            elif (body[0] in UNREACHABLE) if protocol in (1, 58) else not marked:
                found.setdefault("answer", {**seen, "protocol": protocol})
    return found


def counters(job):
    time.sleep(job["wait"])
    return {"texts": list(threads.map(saved, job["asked"]))}


def saved(asked):
    argv = ["iptables-save" if asked["family"] == 4 else "ip6tables-save", "-c"]
    with inside(asked["name"]):
        return shown(argv + (["-t", asked["table"]] if "table" in asked else []))


JOBS = {"setup": setup, "clear": clear, "probe": probe, "counters": counters}
for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps(JOBS[job["op"]](job)), flush=True)
