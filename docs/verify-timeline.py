#!/usr/bin/env python3
"""Verify a quell session's timeline from its published format alone.

    verify-timeline.py [--json] [--allowed-signers FILE] [--kept FILE]... SESSION-FOLDER

What "ok-unsigned" (or "torn-tail") from this program shows: every record that is part of the session hashes to what
its line says, names the hash of its writer's record before it, carries the next number and a greater Lamport time,
and stands where openings and heads say it stands; whatever a head, a later segment or another writer remembers is
still there; bytes set aside are no more than were declared; the evidence that records name is there, with its hash;
checkpoints bind what is there. "ok" shows besides that signers whom FILE allows have signed all of it: ssh-keygen
is run for that, and without it no signature is looked at. With --kept the records that such a FILE remembers (a report, a
bundle, a checkpoint, what this program or quell printed of the session's heads) are there too.

What it doesn't show: who wrote a log that is not signed (whoever can write all of the files can build a new chain
that passes); that the newest records are there when nothing else remembers them, neither here nor in a kept FILE; that the times are true; that bytes
set aside are the declared ones when they are fewer.

Files are only read. Nothing of their content is printed but numbers, and writers' names of the one valid shape.
Exit status: 0 for ok, ok-unsigned and torn-tail, 1 for every other verdict, 2 when something couldn't be read.
"""
import argparse
import datetime
import hashlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import tarfile
import tempfile

VERDICTS = ("fork", "invalid-record", "missing-segment", "gap", "truncated", "bad-signature", "unknown-signer",
            "torn-tail", "ok-unsigned", "ok")
FORK, INVALID, MISSING, GAP, TRUNCATED, BAD_SIGNATURE, UNKNOWN_SIGNER, TORN, UNSIGNED, OK = VERDICTS
NAMESPACE = "quell-timeline"
MAX_LINE = 65536
MAX_FILE = 1 << 30
HASH_TAIL = 73                      # ,"h":"<64 hex>"} and the newline
NO_RECORD = bytes(32)               # the p of a writer's record 0
KEYS = ["v", "w", "n", "l", "t", "at", "seen", "k", "d", "p", "h"]
MOST = (1 << 53) - 1                # the highest number that a record holds
DEPTH = 64                          # of arrays and objects within one another
KEPT = 100                          # problems of one segment, or step, that are told one by one
SEGMENT_NAME = re.compile(r"([a-z2-7]{26})\.([0-9]{4}|[1-9][0-9]{4,8})\.ndjson")
HEAD_NAME = re.compile(r"([a-z2-7]{26})\.head")
WRITER = re.compile(r"[a-z2-7]{26}")
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}")
HEX64 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z")
HEAD_LINE = re.compile(rb'\{"file":"([a-z0-9.]{1,64})","bytes":(0|[1-9][0-9]{0,15}),"n":(0|[1-9][0-9]{0,15}),'
                       rb'"h":"([0-9a-f]{64})"\}\n')
JSON_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
WHITE_SPACE = re.compile(r"[ \t\r\n]")
BRACKET = re.compile(r"[\[\]{}]")
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
WRONG_ESCAPE = re.compile(r"/|u[0-9a-f]*[A-F]|u00(?:0[89acd]|[2-6].|7[0-9a-e])")
NEVER_RAW = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164\ue000-\uf8ff\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    + "".join("%c%c" % (plane * 65536 + 65534, plane * 65536 + 65535) for plane in range(15)) + "]")
CHECKPOINT = re.compile(
    rb"quell checkpoint v1\nsession ([A-Za-z0-9][A-Za-z0-9._-]{0,159})\nwriter ([a-z2-7]{26})\n"
    rb"file ([a-z2-7]{26}\.[0-9]{4,9}\.ndjson)\ncount ([1-9][0-9]{0,15})\nbytes (0|[1-9][0-9]{0,15})\n"
    rb"head ([0-9a-f]{64})\nprevious ([0-9a-f]{64})\nprevious-signature ([0-9a-f]{64})\n"
    rb"((?:seen [a-z2-7]{26} (?:0|[1-9][0-9]{0,15}) [0-9a-f]{64}\n)*)"
    rb"time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n")
CHECKPOINT_NAME = re.compile(r"[^./][^/]*\.txt")
HEAD_SAID = re.compile(r"[^0-9A-Za-z]*(?:[Hh]ead[^0-9A-Za-z]+of[^0-9A-Za-z]+([a-z2-7]{26})[^0-9A-Za-z]+record|"
                       r"noted[^0-9A-Za-z]+([a-z2-7]{26}))[^0-9A-Za-z]+([0-9]{1,16})[^0-9A-Za-z]+([0-9a-f]{64})[^0-9A-Za-z]*")
MADE = (
    '{"v":1,"w":"%s","n":%d,"l":%d,"t":"%s.000000000Z","k":"checkpoint.made","d":{"file":"%s","count":%d,"head":"%s",'
    '"sha256":"%s","signature":"%s"},"p":"%s"')
NAME_EVIDENCE = {"finding.attached", "runbook.opened", "evidence.added", "evidence.custody"}


class NoHead(Exception):
    """A file that was kept elsewhere and holds no head."""


class Line:
    """A sound record, and where it stands; chained: nothing before it in its segment is wrong."""
    __slots__ = ("segment", "number", "start", "end", "w", "n", "l", "p", "h", "seen", "k", "d", "chained")


class Segment:
    def __init__(self, writer, number, name):
        self.writer, self.number, self.name = writer, number, name
        self.records, self.faults, self.size = [], [], 0


def fault(file, line, byte, kind, detail):
    return {"file": file, "line": line, "byte": byte, "kind": kind, "detail": detail, "more": 0}


def keep(faults, new):
    """Take the next fault of a segment or a step; behind KEPT of them the first of each kind stands for all of its kind."""
    known = next((x for x in faults[KEPT:] if x["kind"] == new["kind"]), None)
    if known:
        known["more"] += 1
    else:
        faults.append(new)


def is_count(value, most=MOST):
    return type(value) is int and 0 <= value <= most


def is_match(pattern, value):
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def is_text(value):
    return isinstance(value, str)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_hash(value):
    return is_match(HEX64, value)


def is_time(text):
    """Whether RFC 3339's form, which text has, is a time of the years 0001 to 9998."""
    try:
        datetime.datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return "0001" <= text[:4] <= "9998"


def unique_keys(pairs):
    """An object's dict; two values for one key are refused."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice")
    return result


DECODER = json.JSONDecoder(
    object_pairs_hook=unique_keys, parse_constant=lambda name: int(name),
    parse_int=lambda digits: int(digits) if len(digits) <= 20 and digits != "-0" else -1)


def is_too_deep(bare):
    """Whether arrays and objects stand too deep within one another, in JSON text without its strings."""
    depth = 0
    for bracket in BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH:
            return True
    return False


def read_record(raw, writer, line):
    """Fill in line from its bytes; returns why they are no record of version 1, or None."""
    body_end = len(raw) - HASH_TAIL
    if body_end < 1 or raw[body_end:body_end + 6] != b',"h":"' or raw[-3:] != b'"}\n':
        return "the line doesn't end as a record does"
    digest = hashlib.sha256(raw[:body_end])
    if raw[body_end + 6:-3] != digest.hexdigest().encode():
        return "the hash is not that of the line"
    try:
        text = raw[:-1].decode("utf-8")
        if text.count("[") + text.count("{") > DEPTH and is_too_deep(JSON_STRING.sub("", text)):
            return "the line is nested too deep"
        record = DECODER.decode(text)
        if not isinstance(record, dict) or type(record.get("v")) is not int or record["v"] != 1:
            return "the line is no object of version 1"
        if list(record) != [key for key in KEYS if key in record or key not in ("at", "seen")]:
            return "keys are missing, too many or out of order"
        w, n, l, t, k, seen = (record.get(key) for key in ("w", "n", "l", "t", "k", "seen"))
        if not (w == writer and is_count(n) and is_count(l) and is_text(k) and isinstance(record["d"], dict)
                and is_hash(record["p"])):
            return "a value is not of its type, or the record is another writer's"
        if not all(is_match(TIME, record[key]) and is_time(record[key]) for key in ("t", "at") if key in record):
            return "a time is not in its form"
        if "\\ud" in text:
            json.dumps(record, ensure_ascii=False).encode("utf-8")      # half a character is a ValueError
    except (ValueError, RecursionError):
        return "the line is no UTF-8 JSON"
    if record.get("at") == t or ("seen" in record and not (isinstance(seen, dict) and list(seen) == sorted(seen) and all(
            is_match(WRITER, other) and other != w and is_count(seen[other]) for other in seen))):
        return "at is t, or seen is not other writers' numbers in their order"
    if WHITE_SPACE.search(text) and WHITE_SPACE.search(JSON_STRING.sub("", text)):
        return "there is white space between values"
    if ("\\" in text and any(map(WRONG_ESCAPE.match, ESCAPE.findall(text)))) or (
            not (text.isascii() and text.isprintable()) and NEVER_RAW.search(text)):
        return "a string is not in its form"
    line.w, line.n, line.l, line.k, line.seen = sys.intern(w), n, l, sys.intern(k), seen or {}
    line.p, line.h = bytes.fromhex(record["p"]), digest.digest()
    line.d = record["d"] if k in NAME_EVIDENCE or k in ("seg.open", "checkpoint.made") else None
    return None


def segment_number(writer, name):
    """The number of the segment that a name is, where it is one of this writer."""
    match = SEGMENT_NAME.fullmatch(name)
    return int(match.group(2)) if match and match.group(1) == writer else None


def fits(value, form):
    """Whether an object has these members, each as its test says; there may be more."""
    return isinstance(value, dict) and all(form[key](value.get(key)) for key in form)


def read_opening(line):
    """(after, aside, session) of a seg.open, or None where its shape is not known."""
    def is_long(value):
        return is_count(value, (1 << 64) - 1)

    def is_after(after):
        return after is None or fits(after, {"file": is_text, "bytes": is_long, "n": is_long, "h": is_text})

    def is_aside(aside):
        return aside is None or fits(aside, {"bytes": is_long, "sha256": is_text})

    known = fits(line.d, {
        "format": lambda value: is_count(value, (1 << 32) - 1), "session": lambda value: is_match(SLUG, value),
        "salt": is_text, "tool": is_text, "host": is_text, "user": is_text,
        "caller": lambda value: value is None or is_text(value), "after": is_after, "aside": is_aside})
    return (line.d.get("after"), line.d.get("aside"), line.d["session"]) if known else None


def open_regular(folder, name):
    """The file, or None if it is no regular one or can't be read (no link is followed, nothing can block)."""
    path = os.path.join(folder, name)
    try:
        if stat.S_ISREG(os.lstat(path).st_mode):
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except FileNotFoundError:
        raise
    except OSError:
        pass
    return None


def read_segment(segment, file):
    """Fill in the segment's records and faults; no more than one line's bytes are held."""
    last, skipped, number, firsts = None, 0, 0, {}
    for raw in iter(lambda: file.readline(MAX_LINE + 1), b""):
        start, piece, number = segment.size, raw, number + 1
        segment.size += len(raw)
        while len(piece) == MAX_LINE + 1 and not piece.endswith(b"\n"):
            piece = file.readline(MAX_LINE + 1)
            segment.size += len(piece)
        line = Line()
        line.segment, line.number, line.start, line.end = segment, number, start, segment.size
        if not (piece or raw).endswith(b"\n") or not piece:
            keep(segment.faults, fault(segment.name, number, start, TORN, "the last line has no newline"))
            break
        long = segment.size - start > MAX_LINE
        wrong = "the line is longer than a record can be" if long else read_record(raw, segment.writer, line)
        if wrong:
            keep(segment.faults, fault(segment.name, number, start, INVALID, wrong))
            skipped += 1
            continue
        found = stands(line, last, skipped, firsts.setdefault(line.n, line.h))
        if found:
            keep(segment.faults, fault(segment.name, number, start, *found))
        line.chained = not segment.faults
        segment.records.append(line)
        if last is None or line.n > last.n:
            last, skipped = line, 0


def stands(line, last, skipped, first):
    """What is wrong with a record behind the segment's last one, or None."""
    found = None
    if last and line.n <= last.n:
        found = (INVALID, "record %d is repeated or out of order" % line.n)
    elif last and line.l <= last.l:
        found = (INVALID, "l doesn't grow")
    elif last and line.n > last.n + 1 + skipped:
        found = (GAP, "numbers are missing before record %d" % line.n)
    elif last and not skipped and line.p != last.h:
        found = (INVALID, "p is not the hash of the record before")
    if line.h != first:
        return FORK, "record %d has another content before" % line.n
    if line.k == "seg.open" and line.number > 1:
        return INVALID, "a seg.open stands inside a segment"
    return found


class WriterLog:
    """One writer's segments, put together in their order: what is part of the session, and what is wrong."""

    def __init__(self, writer, folder):
        self.writer, self.folder, self.segments, self.head = writer, folder, {}, None
        self.list, self.superseded, self.faults, self.session, self.missing = [], [], [], None, 0
        self.records = {}           # by number, once all is put together

    def report(self, file, line, byte, kind, detail):
        self.faults.append(fault(file, line, byte, kind, detail))

    def add(self, segment):
        """Take the next segment."""
        first = segment.records[0] if segment.records and segment.records[0].number == 1 else None
        if first:
            self.join(segment, first)
        for line in segment.records:
            opening = read_opening(line) if line.k == "seg.open" else None
            self.session = opening[2] if opening else self.session
        self.faults += segment.faults
        self.list += segment.records
        self.segments[segment.number] = segment

    def join(self, segment, first):
        """Hold a segment's first record against what stands before it."""
        wrong, before = None, self.list[-1] if self.list else None
        next_n, opening = before.n + 1 if before else 0, read_opening(first) if first.k == "seg.open" else None
        if opening and opening[0]:
            wrong = self.go_on(segment, first, opening[0], opening[1])
        elif opening and before:
            wrong = (INVALID, "a later segment goes on from nothing")
        elif opening and first.n > 0:
            wrong = (GAP, "numbers are missing before record %d" % first.n)
        elif opening and first.p != NO_RECORD:
            wrong = (INVALID, "the first record names one before it")
        elif opening:
            pass
        elif first.k == "seg.open":
            if first.n != next_n or first.p != (before.h if before else NO_RECORD) or (before and first.l <= before.l):
                wrong = (INVALID, "the segment doesn't go on from the record before it")
        elif first.n > next_n:
            wrong = (GAP, "numbers are missing before record %d" % first.n)
        else:
            wrong = (INVALID, "the segment doesn't begin with a seg.open")
        if wrong:
            self.report(segment.name, 1, 0, *wrong)

    def go_on(self, segment, first, after, aside):
        """Hold an opening against the record that it goes on from; what is wrong with the opening, or None."""
        if first.n != after["n"] + 1 or first.p.hex() != after["h"]:
            return INVALID, "the opening's after is not the record that its n and p go on from"
        number = segment_number(self.writer, after["file"])
        if number is None or number >= segment.number:
            return INVALID, "the opening goes on from what is no earlier segment of this writer"
        base = self.segments.get(number)
        if base is None:
            self.report(after["file"], 0, 0, MISSING, "a segment goes on from this one, which is not there")
            return None
        same = [index for index, line in enumerate(self.list) if line.n == after["n"]]
        index = next((i for i in reversed(same) if self.list[i].h == first.p), None)
        if index is None and same:
            return FORK, "the record gone on from is there with another content"
        if index is None:
            self.report(base.name, 0, base.size, TRUNCATED, "the segment gone on from ends before the record named")
            return None
        line = self.list[index]
        moved = any(x["file"] == base.name and x["kind"] == GAP for x in self.faults)
        if line.segment is not base or (line.end != after["bytes"] and not moved):
            return INVALID, "the record gone on from stands at another place"
        if first.l <= line.l:
            return INVALID, "l doesn't grow from the record gone on from"
        return self.set_aside(segment, first, index, aside)

    def set_aside(self, segment, first, index, aside):
        """What stands behind the record that an opening goes on from is superseded, as far as it is declared."""
        line, pieces, total = self.list[index], [], 0
        starts = {}
        for number in sorted(self.segments):
            if number >= line.segment.number:
                piece, byte = self.segments[number], line.end if number == line.segment.number else 0
                starts[number] = total - byte
                pieces.append((piece, byte))
                total += piece.size - byte
        declared = aside["bytes"] if aside else 0
        self.missing += max(declared - total, 0)
        if not total:
            return None
        behind = self.list[index + 1:]
        beyond = [x for x in behind if starts[x.segment.number] + x.end > declared]
        self.superseded += [x for x in behind if starts[x.segment.number] + x.end <= declared]
        self.list[index + 1:] = beyond
        if aside and (total < declared or (total == declared and self.hash(pieces) == aside["sha256"])):
            later = {piece.name for piece, _ in pieces[1:]}
            self.faults = [x for x in self.faults if x["file"] not in later
                           and not (x["file"] == line.segment.name and x["byte"] >= line.end)]
        elif not beyond:
            return INVALID, "other bytes stand behind the record gone on from than are declared"
        elif any(x.h == first.h for x in beyond):
            return INVALID, "the segment repeats records of another one"
        elif beyond[0].p == segment.records[-1].h:
            return INVALID, "the segment stands behind one that goes on from it"
        else:
            return FORK, "others go on from the same record, undeclared"
        return None

    def hash(self, pieces):
        digest = hashlib.sha256()
        for segment, byte in pieces:
            with open_regular(self.folder, segment.name) or open(os.devnull, "rb") as file:
                file.seek(byte)
                for start in range(byte, segment.size, 1 << 20):
                    digest.update(file.read(min(1 << 20, segment.size - start)))
        return digest.hexdigest()

    def check_head(self, data):
        place, match = self.writer + ".head", HEAD_LINE.fullmatch(data)
        file = match.group(1).decode() if match else ""
        end, n = (int(match.group(2)), int(match.group(3))) if match else (0, 0)
        if not match or max(end, n) > MOST:
            self.report(place, 1, 0, INVALID, "the head can't be read")
            return
        if segment_number(self.writer, file) is None:
            self.report(place, 1, 0, INVALID, "the head names no segment of this writer")
        h = bytes.fromhex(match.group(4).decode())
        same = [line for line in self.list if line.n == n]
        line = next((line for line in same if line.h == h), None)
        if any(line.h == h for line in self.superseded):
            self.report(place, 1, 0, FORK, "the record that the head acknowledges was set aside")
        elif line:
            name = line.segment.name
            moved = any(x["file"] == name and x["kind"] == GAP for x in self.faults)
            if name != file or (line.end != end and not moved):
                self.report(place, 1, 0, INVALID, "the head's record stands at another place")
        elif same:
            self.report(place, 1, 0, FORK, "the head's hash is not that of record %d" % n)
        elif n > max((line.n for line in self.list), default=-1):
            there = segment_number(self.writer, file) in self.segments
            self.report(place, 1, 0, TRUNCATED if there else MISSING, "record %d, which the head knows, is not there" % n)

    def finish(self):
        """Of records with one number the one counts before which nothing in its segment is wrong, then the lower hash."""
        for line in sorted(self.list, key=lambda x: (not x.chained, x.h), reverse=True):
            self.records[line.n] = line


class Checkpoint:
    """A checkpoint's file: its text and signature, and what it binds: heads, None where it is no checkpoint."""

    def __init__(self, name, text, signature):
        self.name, self.text, self.signature, self.heads = name, text, signature, None
        self.principal = None
        match = CHECKPOINT.fullmatch(text)
        if not match:
            return
        session, writer, file, count, size, head, previous, previous_signature, seen, time = match.groups()
        others = [line.split(" ")[1:] for line in seen.decode().splitlines()]
        self.writer, self.time = writer.decode(), time.decode()
        writers = [other[0] for other in others]
        self.session, self.file, self.size = session.decode(), file.decode(), int(size)
        counts = [int(count), int(size)] + [int(other[1]) for other in others]
        if not is_time(self.time) or segment_number(self.writer, self.file) is None or max(counts) > MOST:
            return
        if name != "%s.%d.txt" % (self.writer, int(count) - 1) or writers != sorted(set(writers) - {self.writer}):
            return
        self.previous, self.previous_signature = previous.decode(), previous_signature.decode()
        self.heads = [(self.writer, int(count) - 1, head.decode())] + [(w, int(n), h) for w, n, h in others]

    def ssh_keygen(self, what, *more):
        """What ssh-keygen -Y says: (whether it agrees, what it prints); None where it can't be run."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.signature)
            file.flush()
            try:
                run = subprocess.run(["ssh-keygen", "-Y", what, "-n", NAMESPACE, "-s", file.name, *more], check=False,
                                     input=self.text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            except OSError:
                return None
        return run.returncode == 0, run.stdout.decode("utf-8", "replace")

    def words(self, refused):
        """What a person is told of the signature: an allowed signer's name, made harmless, or what is known instead."""
        if self.signature is None:
            return "chain only, not signed"
        if refused is None:
            return "signed by %s" % ascii(self.principal)[1:-1]
        return refused or "signed; whose key that is was not checked"

    def check_signature(self, allowed):
        """None where it counts, else why not: a verdict, or "" where it was not asked."""
        intact = self.ssh_keygen("check-novalidate")
        if intact is None:
            return ""
        if not intact[0]:
            return BAD_SIGNATURE
        if not allowed:
            return ""
        at = ("-f", allowed, "-Overify-time=" + re.sub("[-:T]", "", self.time))
        _, printed = self.ssh_keygen("find-principals", *at)
        principals = [name.strip() for line in printed.splitlines() for name in line.split(",") if name.strip()]
        found = [principal for principal in principals if self.ssh_keygen("verify", *at, "-I", principal)[0]]
        self.principal = found[0] if found else None
        return None if found else UNKNOWN_SIGNER


def listed(folder):
    """The names in a folder; none where it is none."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


class Verification:
    def __init__(self, allowed=None, kept=None):
        self.steps, self.logs, self.allowed, self.signed, self.signers = [[]], {}, allowed, False, []
        self.kept, self.uncovered, self.covered, self.missing = kept, {}, False, 0

    def problems(self):
        return [problem for step in self.steps for problem in step]

    def report(self, kind, place, detail):
        """place is a line, a file's name, or "" for the whole log"""
        name, line, byte = place, 1 if place else 0, 0
        if isinstance(place, Line):
            name, line, byte = place.segment.name, place.number, place.start
        keep(self.steps[-1], fault(name, line, byte, kind, detail))

    def read(self, folder, name, log, number):
        """Read a segment, or a head where number is None."""
        file = open_regular(folder, name)
        if file is None or os.fstat(file.fileno()).st_size > MAX_FILE:
            self.report(INVALID, name, "this is no regular file, or longer than 1 GiB")
            return
        with file:
            if number is None:
                log.head = file.read(1024)
                return
            segment = Segment(log.writer, number, name)
            read_segment(segment, file)
            log.add(segment)

    def verify(self, folder):
        for pattern in (HEAD_NAME, SEGMENT_NAME):           # heads first: a writer may be at work
            found = []
            for match in filter(None, map(pattern.fullmatch, os.listdir(folder))):
                found.append((match.group(1), int(match.group(2)) if pattern is SEGMENT_NAME else None, match.group()))
            for writer, number, name in sorted(found):
                log = self.logs.setdefault(writer, WriterLog(writer, folder))
                self.read(folder, name, log, number)
        for writer in sorted(self.logs):
            log = self.logs[writer]
            if log.head is not None:
                log.check_head(log.head)
            self.steps.append(log.faults)
            log.finish()
        self.steps.append([])
        self.check_across_writers()
        session = os.path.dirname(folder)
        name = os.path.basename(os.path.realpath(session or "."))
        if self.sessions() and name not in self.sessions():
            self.report(INVALID, "", "the folder bears another name than the session whose records lie in it")
        self.steps.append([])
        self.check_evidence(os.path.join(session, "evidence"))
        self.steps.append([])
        self.check_checkpoints(os.path.join(session, "checkpoints"))
        self.steps.append([])
        self.check_kept()

    def check_kept(self):
        """Hold the session against what was kept of it elsewhere."""
        aside = {line.h.hex() for log in self.logs.values() for line in log.superseded}
        for writer, n, h in sorted(self.kept or ()):
            records = self.logs[writer].records if writer in self.logs else {}
            if n in records and records[n].h.hex() == h:
                continue
            if n in records or h in aside:
                self.report(FORK, "kept", "record %d of writer %s was kept with another content" % (n, writer))
            elif n > max(records, default=-1):
                self.report(TRUNCATED if records else MISSING, "kept", "record %d of writer %s was kept" % (n, writer))

    def heads(self):
        """Each writer's last record."""
        lasts = [(writer, max(log.records)) for writer, log in sorted(self.logs.items()) if log.records]
        return [[writer, n, self.logs[writer].records[n].h.hex()] for writer, n in lasts]

    def check_checkpoints(self, folder):
        holes = any(problem["kind"] != TORN for problem in self.problems())
        files, covered, announced = {}, {}, {}
        for name in filter(CHECKPOINT_NAME.fullmatch, listed(folder)):
            files[name] = self.read_checkpoint(folder, name)
        for name, file in files.items():
            if file is None or file.heads is None:
                self.report(INVALID, "checkpoints/" + name, "this is no checkpoint, or stands under another name")
                continue
            refused = "" if file.signature is None else file.check_signature(self.allowed)
            self.signers.append((name, file.words(refused)))
            if refused:
                self.report(refused, "checkpoints/" + name, "the signature doesn't count")
            elif refused is None:
                for writer, n, _ in file.heads:
                    covered[writer] = max(n, covered.get(writer, 0))
                announced.update(self.announced(file))
            self.check_bound(file, holes)
            if file.previous != "0" * 64:
                before = next((x for x in files.values() if x and sha256(x.text) == file.previous), None)
                self.check_named("checkpoints/" + name, before, file.previous, file.previous_signature)
        records = [line for log in self.logs.values() for line in log.records.values()]
        for line in records:
            if line.k == "checkpoint.made":
                if is_text(line.d.get("file")):
                    self.check_named(line, files.get(line.d["file"]), line.d.get("sha256"), line.d.get("signature"))
        self.uncovered, self.covered = {}, bool(covered)
        for line in records:
            if line.n > covered.get(line.w, -1) and announced.get((line.w, line.n)) != line.h.hex():
                self.uncovered.setdefault(line.w, []).append(line.n)
        self.missing = sum(log.missing for log in self.logs.values())
        self.signed = self.covered and not self.uncovered and not self.missing

    def announced(self, file):
        """The record behind a signed checkpoint every byte of which follows from it: its place and hash."""
        writer, n, head = file.heads[0]
        last = self.logs[writer].records.get(n) if writer in self.logs else None
        if last is None or last.h.hex() != head:
            return {}
        line = MADE % (writer, n + 1, last.l + 1, file.time[:-1], file.name, n + 1, head,
                       sha256(file.text), sha256(file.signature), head)
        return {(writer, n + 1): sha256(line.encode())}

    def read_checkpoint(self, folder, name):
        pieces = []
        for part in (name, name + ".sig"):
            try:
                file = open_regular(folder, part)
            except FileNotFoundError:
                pieces.append(None)
                continue
            if file is None:
                return None
            with file:
                pieces.append(file.read(MAX_LINE + 1))
        too_long = any(piece and len(piece) > MAX_LINE for piece in pieces)
        return None if too_long or pieces[0] is None else Checkpoint(name, *pieces)

    def check_bound(self, file, holes):
        place = "checkpoints/" + file.name
        sessions = self.sessions()
        if sessions and file.session not in sessions:
            self.report(INVALID, place, "this is another session's checkpoint")
        for writer, n, head in file.heads:
            records = self.logs[writer].records if writer in self.logs else {}
            if n in records and records[n].h.hex() != head:
                self.report(FORK, place, "record %d of writer %s has another content than is bound" % (n, writer))
            elif n not in records and n > max(records, default=-1):
                self.report(TRUNCATED if records else MISSING, place, "record %d of writer %s is bound" % (n, writer))
        writer, n, head = file.heads[0]
        line = self.logs[writer].records.get(n) if writer in self.logs else None
        is_bound = line and line.h.hex() == head and not holes
        if is_bound and (line.segment.name, line.end) != (file.file, file.size):
            self.report(INVALID, place, "its record stands at another place")

    def sessions(self):
        """The session that each writer's last opening of a known shape names."""
        return {log.session for log in self.logs.values() if log.session is not None}

    def check_named(self, place, file, text, signature):
        """A checkpoint that a record or a later checkpoint names by the hashes of its text and signature."""
        if file is None:
            self.report(MISSING, place, "the checkpoint that is named here is not there")
        elif is_hash(text) and sha256(file.text) != text:
            self.report(INVALID, place, "the checkpoint is not the one that is named here")
        elif is_hash(signature) and signature != "0" * 64 and file.signature is None:
            self.report(MISSING, place, "the signature that is named here is not there")
        elif is_hash(signature) and signature != "0" * 64 and sha256(file.signature) != signature:
            self.report(BAD_SIGNATURE, place, "the signature is not the one that is named here")

    def check_evidence(self, folder):
        """Each file that a record names by its SHA-256 is there, is a regular one, and has that hash."""
        lines = (line for log in self.logs.values() for line in log.records.values() if line.k in NAME_EVIDENCE)
        for name in sorted({line.d["blob"] for line in lines if is_text(line.d.get("blob"))}):
            place = "evidence/" + name
            if not is_hash(name):
                self.report(INVALID, "evidence", "a record names evidence by something else than a SHA-256")
                continue
            try:
                file = open_regular(folder, name)
            except FileNotFoundError:
                self.report(MISSING, place, "evidence that a record names is not there")
                continue
            digest = hashlib.sha256()
            if file:
                with file:
                    for piece in iter(lambda: file.read(1 << 20), b""):
                        digest.update(piece)
            if digest.hexdigest() != name or not file:
                self.report(INVALID, place, "the evidence has another hash, or is no regular file")

    def check_across_writers(self):
        kinds, known = set(), {writer: log.records for writer, log in self.logs.items()}
        newest = {writer: max(records, default=-1) for writer, records in known.items()}
        aside = {(writer, line.n) for writer, log in self.logs.items() for line in log.superseded}
        for log in [self.logs[writer] for writer in sorted(self.logs)]:
            reported = set()
            for line in log.records.values():
                kinds.add(line.k if line.k in ("seg.open", "session.opened") else "")
                for writer in line.seen:
                    n, records = line.seen[writer], known.get(writer, {})
                    if (writer, n) in aside:
                        continue
                    if n in records and line.l <= records[n].l and "" not in reported:
                        reported.add("")
                        self.report(INVALID, line, "l is not greater than that of a record it had seen")
                    elif n not in records and writer not in reported and n > newest.get(writer, -1):
                        reported.add(writer)
                        self.report(TRUNCATED if records else MISSING, line, "it had seen record %d of writer %s, who "
                                    "has %s" % (n, writer, "fewer" if records else "none"))
        if len(self.sessions()) > 1:
            self.report(INVALID, "", "the writers' openings name more than one session")
        if not kinds and not self.problems():
            self.report(MISSING, "", "there is no record at all")
        elif "" in kinds and "session.opened" not in kinds and all(p["kind"] == TORN for p in self.problems()):
            self.report(MISSING, "", "there are records, but none is session.opened")

    def result(self):
        problems = self.problems()
        found = {problem["kind"] for problem in problems}
        for problem in problems:
            more, problem["file"] = problem.pop("more"), ascii(problem["file"])[1:-1]
            if more:
                problem["detail"] += "; and {:,} more that are {}".format(more, problem["kind"])
        whole = OK if self.signed else UNSIGNED
        return {"verdict": next((verdict for verdict in VERDICTS if verdict in found), whole),
                "records": sum(len(log.records) for log in self.logs.values()),
                "writers": sum(bool(log.records) for log in self.logs.values()), "problems": problems,
                "heads": self.heads(), "aside_missing": self.missing, **({} if self.kept is None else {"kept": len(self.kept)})}


def kept_in(name, data):
    """The heads in one file: a checkpoint, a report, or what was printed of heads; of a bundle both of the former."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            found = set()
            for member in archive:
                inner = member.name.split("/")[1:]
                if member.isreg() and (inner == ["derived", "report.md"] or (
                        len(inner) == 2 and inner[0] == "checkpoints" and inner[1].endswith(".txt"))):
                    found |= kept_in(inner[-1], archive.extractfile(member).read())
            return found
    except tarfile.TarError:
        pass
    match = CHECKPOINT.fullmatch(data)
    if match:
        name = "%s.%d.txt" % (match.group(2).decode(), int(match.group(4)) - 1)
        return set(Checkpoint(name, data, None).heads or ())
    text = data.decode("utf-8", "replace")
    try:
        heads = json.loads(text)["heads"]
        return {tuple(head) for head in heads if fits(dict(enumerate(head)), {
            0: lambda w: is_match(WRITER, w), 1: is_count, 2: is_hash}) and len(head) == 3}
    except (ValueError, KeyError, TypeError):
        pass
    lines = re.split(r"\r?\n", text)
    if text.startswith("# ") and "## Integrity" in lines:
        lines = lines[len(lines) - lines[::-1].index("## Integrity"):]
    said = [match.groups() for match in map(HEAD_SAID.fullmatch, lines) if match]
    return {(a or b, int(n), h) for a, b, n, h in said if int(n) <= MOST}


def read_kept(names):
    """The heads in files that were kept elsewhere; None where there is no file."""
    heads = set() if names else None
    for name in names:
        with open(name, "rb") as file:
            found = kept_in(name, file.read(MAX_FILE))
        if not found:
            raise NoHead(name)
        heads |= found
    return heads


def main():
    parser = argparse.ArgumentParser(description="Verify the timeline of a quell session.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--allowed-signers", metavar="FILE", help="whose signatures count, as ssh-keygen reads it")
    parser.add_argument("--kept", metavar="FILE", action="append", default=[],
                        help="hold it against heads that were kept elsewhere: a report, a bundle, what was printed")
    parser.add_argument("folder", help="the session's folder, which holds log/")
    options = parser.parse_args()
    try:
        verification = Verification(options.allowed_signers, read_kept(options.kept))
        open(options.allowed_signers or os.devnull, "rb").close()
        verification.verify(os.path.join(options.folder, "log"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no path"
        file = getattr(error, "filename", None) or options.folder
        print("verify-timeline: can't read %s: %s" % (ascii(file), reason), file=sys.stderr)
        return 2
    except NoHead as error:
        print("verify-timeline: there is no head in %s" % ascii(error.args[0]), file=sys.stderr)
        return 2
    result = verification.result()
    as_text = ["%(file)s line %(line)d byte %(byte)d: %(kind)s: %(detail)s" % problem for problem in result["problems"]]
    as_text += ["checkpoints/%s: %s" % (ascii(name)[1:-1], words) for name, words in verification.signers]
    if verification.covered:
        as_text += ["not covered by a signature: %d of %s, from record %d to %d" % (len(ns), writer, min(ns), max(ns))
                    for writer, ns in sorted(verification.uncovered.items())]
    as_text += ["not there: %d of the bytes that were set aside; nothing binds what is left of them" % verification.missing
                ] * (verification.missing > 0)
    as_text += ["head of %s: record %d, %s" % tuple(head) for head in verification.heads()]
    as_text += ["held against nothing that was kept elsewhere" if verification.kept is None else
                "held against %d heads that were kept elsewhere" % len(verification.kept)]
    print(json.dumps(result) if options.json else "\n".join(as_text + [result["verdict"]]))
    return 0 if result["verdict"] in (OK, UNSIGNED, TORN) else 1


if __name__ == "__main__":
    sys.exit(main())
