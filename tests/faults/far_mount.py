"""Mounts a folder as a client of a network file system would see it, by FUSE: one client for each start.

    far_mount.py FOLDER MOUNT_POINT SECONDS

FOLDER stands for what the server holds; two starts with it are two machines that share it. Each keeps what it has looked
up for SECONDS without asking again: sizes and times of files, which names there are, and which there are not. Opening a
file asks anew and drops its cached pages, as NFS promises (close to open) and nothing more. Nothing is told to a client
of what another does, no inotify event comes, and flock holds on one mount alone. It says `mounted`, and ends when it is
unmounted.

A client of NFS does more, and worse: it may write late, lose its server, and get its answers out of order. This is the
part about what it does not see, as strict as its rules allow.
"""

import ctypes
import errno
import os
import stat
import struct
import sys

SERVED, POINT, SECONDS = os.path.realpath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ROOT = 1

fuse = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0".encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"quell-test", os.fsencode(POINT), b"fuse.quell-test", 0, options):
    sys.exit(f"mount: {os.strerror(ctypes.get_errno())}")
print("mounted", flush=True)

paths, nodes, last = {ROOT: SERVED}, {SERVED: ROOT}, ROOT


class Refused(Exception):
    """No answer but an errno."""


def node_of(path):
    global last
    if path not in nodes:
        last += 1
        nodes[path], paths[last] = last, path
    return nodes[path]


def path_of(node):
    if node not in paths:
        raise Refused(errno.ESTALE)
    return paths[node]


def forget(path):
    """A name that is no longer there: what comes in its place is another node."""
    for old in [old for old in nodes if old == path or old.startswith(path + "/")]:
        del paths[nodes.pop(old)]


def moved(old, new):
    forget(new)
    for path in [path for path in nodes if path == old or path.startswith(old + "/")]:
        node = nodes.pop(path)
        nodes[new + path[len(old):]], paths[node] = node, new + path[len(old):]


def attributes(found):
    whole = lambda ns: (ns // 10**9, ns % 10**9)
    (a, an), (m, mn), (c, cn) = map(whole, (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns))
    numbers = (found.st_ino, found.st_size, found.st_blocks, a, m, c, an, mn, cn, found.st_mode, found.st_nlink,
               found.st_uid, found.st_gid, 0, 4096, 0)
    return struct.pack("<6Q10I", *numbers)


def entry(path):
    found = os.lstat(path)
    return struct.pack("<4Q2I", node_of(path), 0, SECONDS, SECONDS, 0, 0) + attributes(found)


def looked_at(found):
    return struct.pack("<Q2I", SECONDS, 0, 0) + attributes(found)


def name(data):
    return os.fsdecode(data.split(b"\0")[0])


def inside(node, data):
    return os.path.join(path_of(node), name(data))


def lookup(node, data):
    try:
        return entry(inside(node, data))
    except FileNotFoundError:
        # That it is not there is remembered, too.
        return struct.pack("<4Q2I", 0, 0, SECONDS, 0, 0, 0) + bytes(88)


def getattr_(node, data):
    flags, _, handle = struct.unpack_from("<2IQ", data)
    return looked_at(os.fstat(handle) if flags & 1 else os.lstat(path_of(node)))


def setattr_(node, data):
    valid, _, handle, size, _, atime, mtime, _, atime_ns, mtime_ns, _, mode, _, uid, gid, _ = struct.unpack_from(
        "<2I6Q8I", data
    )
    path = handle if valid & 64 else path_of(node)
    if valid & 1:
        os.chmod(path, mode & 0o7777)
    if valid & 6:
        os.chown(path, uid if valid & 2 else -1, gid if valid & 4 else -1)
    if valid & 8:
        os.truncate(path, size)
    if valid & 48:
        now = os.stat(path)
        times = (atime * 10**9 + atime_ns if valid & 16 else now.st_atime_ns,
                 mtime * 10**9 + mtime_ns if valid & 32 else now.st_mtime_ns)
        # With 384 it is the server's own time.
        os.utime(path) if valid & 384 else os.utime(path, ns=times)
    return looked_at(os.stat(path) if isinstance(path, int) else os.lstat(path))


def mkdir(node, data):
    mode, umask = struct.unpack_from("<2I", data)
    path = inside(node, data[8:])
    os.mkdir(path)
    os.chmod(path, mode & ~umask & 0o7777)
    return entry(path)


def unlink(node, data):
    os.unlink(inside(node, data))
    forget(inside(node, data))
    return b""


def rmdir(node, data):
    os.rmdir(inside(node, data))
    forget(inside(node, data))
    return b""


def rename(node, data, skip=8):
    (to,) = struct.unpack_from("<Q", data)
    old, new = data[skip:].split(b"\0")[:2]
    old, new = inside(node, old), inside(to, new)
    if skip > 8 and struct.unpack_from("<I", data, 8)[0]:
        raise Refused(errno.EINVAL)
    os.rename(old, new)
    moved(old, new)
    return b""


def link(node, data):
    (old,) = struct.unpack_from("<Q", data)
    path = inside(node, data[8:])
    os.link(path_of(old), path)
    return entry(path)


def symlink(node, data):
    new, target = data.split(b"\0")[:2]
    os.symlink(os.fsdecode(target), inside(node, new))
    return entry(inside(node, new))


def opened(node, data):
    (flags,) = struct.unpack_from("<I", data)
    handle = os.open(path_of(node), flags & ~(os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_APPEND))
    # Whoever opens a file is told its size anew: FUSE_NOTIFY_INVAL_INODE, of the attributes alone.
    try:
        os.write(fuse, struct.pack("<IiQQqq", 40, 2, 0, node, -1, 0))
    except OSError:
        pass
    return struct.pack("<Q2I", handle, 0, 0)


def create(node, data):
    flags, mode, umask, _ = struct.unpack_from("<4I", data)
    path = inside(node, data[16:])
    handle = os.open(path, (flags | os.O_CREAT) & ~(os.O_NOFOLLOW | os.O_APPEND), mode & ~umask)
    return entry(path) + struct.pack("<Q2I", handle, 0, 0)


def read(node, data):
    handle, offset, size = struct.unpack_from("<2QI", data)
    return os.pread(handle, size, offset)


def write(node, data):
    handle, offset, size = struct.unpack_from("<2QI", data)
    return struct.pack("<2I", os.pwrite(handle, data[40 : 40 + size], offset), 0)


def release(node, data):
    os.close(struct.unpack_from("<Q", data)[0])
    return b""


def fsync(node, data):
    os.fsync(struct.unpack_from("<Q", data)[0])
    return b""


def statfs(node, data):
    found = os.statvfs(SERVED)
    return struct.pack("<5Q4I", found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree,
                       found.f_bsize, 255, found.f_frsize, 0) + bytes(24)


listings = {}


def opendir(node, data):
    # The listing is that of the moment in which it is opened, as of a file.
    path, handle = path_of(node), len(listings) + 1
    while handle in listings:
        handle += 1
    out, at = [], 0
    for one in [".", ".."] + sorted(os.listdir(path)):
        mode = os.lstat(os.path.join(path, one)).st_mode
        at += 1
        raw = os.fsencode(one)
        record = struct.pack("<2Q2I", at, at, len(raw), stat.S_IFMT(mode) >> 12) + raw
        out.append(record + bytes(-len(record) % 8))
    listings[handle] = out
    return struct.pack("<Q2I", handle, 0, 0)


def readdir(node, data):
    handle, offset, size = struct.unpack_from("<2QI", data)
    out = b""
    for record in listings[handle][offset:]:
        if len(out) + len(record) > size:
            break
        out += record
    return out


def releasedir(node, data):
    del listings[struct.unpack_from("<Q", data)[0]]
    return b""


def nothing(node, data):
    return b""


def init(node, data):
    # No flags: no locks of its own, no shared cache, nothing that is looked up in advance.
    return struct.pack("<4I2H2I2H", 7, 31, 65536, 32, 16, 12, 131072, 1, 32, 0) + bytes(32)


CALLS = {
    1: lookup, 3: getattr_, 4: setattr_, 5: lambda node, data: os.fsencode(os.readlink(path_of(node))), 6: symlink,
    9: mkdir, 10: unlink, 11: rmdir, 12: rename, 13: link, 14: opened, 15: read, 16: write, 17: statfs, 18: release,
    20: fsync, 25: nothing, 26: init, 27: opendir, 28: readdir, 29: releasedir, 30: nothing, 35: create,
    45: lambda node, data: rename(node, data, 16),
}
# forget, interrupt and batch_forget take no answer.
SILENT = {2, 36, 42}

while True:
    try:
        asked = os.read(fuse, 1 << 18)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINTR):
            continue
        break
    _, call, unique, node = struct.unpack_from("<2I2Q", asked)
    if call in SILENT:
        continue
    if call == 38:
        break
    wrong, body = 0, b""
    try:
        if call not in CALLS:
            raise Refused(errno.ENOSYS)
        body = CALLS[call](node, asked[40:])
    except Refused as refused:
        wrong = refused.args[0]
    except OSError as error:
        wrong = error.errno or errno.EIO
    try:
        os.write(fuse, struct.pack("<IiQ", 16 + len(body), -wrong, unique) + body)
    except FileNotFoundError:
        pass
