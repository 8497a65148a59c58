#!/usr/bin/env python3
"""Verify a quell session's timeline from its published format alone.

    verify-timeline.py [--json] [--allowed-signers FILE] SESSION-FOLDER | LOG-FOLDER

What "ok-unsigned" (or "torn-tail") from this program shows: every record that is part of the session hashes to what
its line says, names the hash of its writer's record before it, carries the next number and a greater Lamport time,
and stands where openings and heads say it stands; whatever a head, a later segment or another writer remembers is
still there; bytes set aside are no more than were declared; the evidence that records name is there, with its hash;
checkpoints bind what is there. "ok" shows besides that signers whom FILE allows have signed all of it: ssh-keygen
is run for that, and without it no signature is looked at.

What it doesn't show: who wrote a log that is not signed (whoever can write all of the files can build a new chain
that passes); that the newest records are there when nothing else remembers them; that the times are true; that bytes
set aside are the declared ones when they are fewer; that each string is in its only permitted form (just what needs
no particular Unicode version is checked).

Files are only read. Nothing of their content is printed but numbers, and writers' names of the one valid shape.
Exit status: 0 for ok, ok-unsigned and torn-tail, 1 for every other verdict, 2 when something couldn't be read.
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import unicodedata

VERDICTS = ("fork", "invalid-record", "missing-segment", "gap", "truncated", "bad-signature", "unknown-signer",
            "torn-tail", "ok-unsigned", "ok")
FORK, INVALID, MISSING, GAP, TRUNCATED, BAD_SIGNATURE, UNKNOWN_SIGNER, TORN, UNSIGNED, OK = VERDICTS
NAMESPACE = "quell-timeline"
MAX_LINE = 65536
HASH_TAIL = 73                      # ,"h":"<64 hex>"} and the newline
NO_RECORD = bytes(32)               # the p of a writer's record 0
KEYS = ["v", "w", "n", "l", "t", "at", "seen", "k", "d", "p", "h"]
SEGMENT_NAME = re.compile(r"([a-z2-7]{26})\.([0-9]{4})\.ndjson")
HEAD_NAME = re.compile(r"([a-z2-7]{26})\.head")
WRITER = re.compile(r"[a-z2-7]{26}")
HEX64 = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z")
HEAD_LINE = re.compile(rb'\{"file":"([a-z0-9.]{1,64})","bytes":(0|[1-9][0-9]{0,19}),"n":(0|[1-9][0-9]{0,19}),'
                       rb'"h":"([0-9a-f]{64})"\}\n')
JSON_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
WHITE_SPACE = re.compile(r"[ \t\r\n]")
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
WRONG_ESCAPE = re.compile(r"/|u[0-9a-f]*[A-F]|u00(?:0[89acd]|[2-6].|7[0-9a-e])")
CHECKPOINT = re.compile(
    rb"quell checkpoint v1\nsession ([^ /\n]{1,255})\nwriter ([a-z2-7]{26})\nfile ([a-z0-9.]{1,64})\n"
    rb"count ([1-9][0-9]{0,18})\nbytes (0|[1-9][0-9]{0,18})\nhead ([0-9a-f]{64})\nprevious ([0-9a-f]{64})\n"
    rb"previous-signature ([0-9a-f]{64})\n((?:seen [a-z2-7]{26} (?:0|[1-9][0-9]{0,18}) [0-9a-f]{64}\n)*)"
    rb"time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)\n")
CHECKPOINT_NAME = re.compile(r"[^./][^/]*\.txt")
SAYS_NOTHING = {"seg.open", "session.joined", "session.detached", "checkpoint.made"}
NEVER_RAW = {"Cc", "Cf", "Zl", "Zp", "Co"}
NAME_EVIDENCE = {"finding.attached", "runbook.opened", "evidence.added", "evidence.custody"}


class Line:
    """A line of a segment: a sound record, a faulty line (fault says why) or a cut one (not complete)."""
    __slots__ = ("segment", "number", "start", "end", "complete", "fault", "w", "n", "l", "p", "h", "seen", "k", "d",
                 "blob")

    def __init__(self, segment, start, end, complete):
        self.segment, self.number, self.start, self.end = segment, len(segment.lines) + 1, start, end
        self.complete, self.fault, self.w, self.blob = complete, None, None, None


class Segment:
    def __init__(self, writer, number, name):
        self.writer, self.number, self.name, self.lines, self.size = writer, number, name, [], 0
        self.opening = None         # (after, aside) of a sound seg.open in the first line
        self.live_count = None      # how many of the lines count; None: all
        self.doubt_from = 1 << 64   # numbers from here on may be set aside by a later opening that can't be read
        self.has_gap = False

    def own_records(self):
        return ((i, x) for i, x in enumerate(self.lines) if x.w == self.writer and not x.fault)


def is_count(value):
    return type(value) is int and 0 <= value < 1 << 64


def is_match(pattern, value):
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_hash(value):
    return is_match(HEX64, value)


def unique_keys(pairs):
    """An object's dict; two values for one key are refused."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice")
    return result


DECODER = json.JSONDecoder(object_pairs_hook=unique_keys, parse_constant=lambda name: int(name),
                           parse_int=lambda digits: int(digits) if len(digits) <= 20 else -1)


def read_record(raw, line):
    """Fill in line from its bytes; returns why they are no record of version 1, or None."""
    body_end = len(raw) - HASH_TAIL
    if body_end < 1 or raw[body_end:body_end + 6] != b',"h":"' or raw[-3:] != b'"}\n':
        return "the line doesn't end as a record does"
    digest = hashlib.sha256(raw[:body_end])
    if raw[body_end + 6:-3] != digest.hexdigest().encode():
        return "the hash is not that of the line"
    try:
        text = raw[:-1].decode("utf-8")
        record = DECODER.decode(text)
        if not isinstance(record, dict) or type(record.get("v")) is not int or record["v"] != 1:
            return "the line is no object of version 1"
        if list(record) != [key for key in KEYS if key in record or key not in ("at", "seen")]:
            return "keys are missing, too many or out of order"
        w, n, l, t, k, seen = (record.get(key) for key in ("w", "n", "l", "t", "k", "seen"))
        if not (is_match(WRITER, w) and is_count(n) and is_count(l) and isinstance(k, str)
                and isinstance(record["d"], dict) and is_hash(record["p"])):
            return "a value is not of its type"
        if not is_match(TIME, t) or not isinstance(record.get("at", ""), str):
            return "a time is not in its form"
        datetime.datetime.fromisoformat(t[:17] + t[17:19].replace("60", "59"))
    except (ValueError, RecursionError):
        return "the line is no UTF-8 JSON, or its time is none"
    if "seen" in record and not (isinstance(seen, dict) and all(
            is_match(WRITER, other) and other != w and is_count(seen[other]) for other in seen)):
        return "seen is not other writers' numbers"
    if WHITE_SPACE.search(JSON_STRING.sub("", text)):
        return "there is white space between values"
    if "\x7f" in text or ("\\" in text and any(map(WRONG_ESCAPE.match, ESCAPE.findall(text)))) or not (
            text.isascii() or NEVER_RAW.isdisjoint(map(unicodedata.category, set(text)))):
        return "a string is not in its one form"
    line.w, line.n, line.l, line.k, line.seen = sys.intern(w), n, l, sys.intern(k), seen or {}
    line.p, line.h = bytes.fromhex(record["p"]), digest.digest()
    line.d = record["d"] if k in ("seg.open", "checkpoint.made") else None
    line.blob = record["d"].get("blob") if k in NAME_EVIDENCE else None
    return None


def segment_number(writer, name):
    """The number of the segment that a head or an opening names: by its four digits, or by the file's whole name."""
    match = SEGMENT_NAME.fullmatch(name if "." in name else "%s.%s.ndjson" % (writer, name))
    return int(match.group(2)) if match and match.group(1) == writer else None


def fits(value, form):
    return isinstance(value, dict) and set(value) == set(form) and all(form[key](value[key]) for key in form)


def read_opening(line, segment):
    """((segment number, bytes, n, h) or None, (bytes, sha256)) of a seg.open; ValueError when it is malformed."""
    after, aside = line.d.get("after", ""), line.d.get("aside", "")
    if aside is not None and not fits(aside, {"bytes": is_count, "sha256": is_hash}):
        raise ValueError("the opening's aside is not in its form")
    aside = (aside["bytes"], aside["sha256"]) if aside else (0, None)
    if after is None and line.n == 0:
        return None, aside
    if not fits(after, {"file": lambda name: isinstance(name, str), "bytes": is_count, "n": is_count, "h": is_hash}):
        raise ValueError("the opening's after is not in its form, or null though its number is not 0")
    number = segment_number(segment.writer, after["file"])
    if number is None or number >= segment.number:
        raise ValueError("the opening goes on from what is no earlier segment of this writer")
    if after["n"] + 1 != line.n or bytes.fromhex(after["h"]) != line.p:
        raise ValueError("the opening's after is not the record that its n and p go on from")
    return (number, after["bytes"], after["n"], line.p), aside


def open_regular(folder, name):
    """The file, or None if it is no regular one (no link is followed, nothing can block)."""
    path = os.path.join(folder, name)
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return None
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def read_segment(segment, file):
    """Fill in the segment's lines; no more than one line's bytes are held."""
    for raw in iter(lambda: file.readline(MAX_LINE + 1), b""):
        start, last = segment.size, raw
        segment.size += len(raw)
        while len(raw) > MAX_LINE and last and not last.endswith(b"\n"):
            last = file.readline(MAX_LINE)
            segment.size += len(last)
        line = Line(segment, start, segment.size, last.endswith(b"\n"))
        if segment.size - start > MAX_LINE - (not line.complete):
            line.fault = "the line is longer than a record can be"
        elif line.complete:
            line.fault = read_record(raw, line)
        segment.lines.append(line)
    first = segment.lines[0] if segment.lines else None
    if first and first.w == segment.writer and first.k == "seg.open":
        try:
            segment.opening = read_opening(first, segment)
        except ValueError as error:
            first.fault = str(error)


class SetAside:
    """What stands behind the record that an opening goes on from; its first declared bytes are covered."""

    def __init__(self, opener, pieces):
        self.opener, self.pieces = opener, pieces       # pieces: (segment, first line, first byte), in order
        self.declared, self.sha256 = opener.opening[1]
        self.total = sum(segment.size - byte for segment, _, byte in pieces)

    def lines(self):
        """Each line with whether it is declared."""
        passed = 0
        for segment, first, byte in self.pieces:
            for line in segment.lines[first:]:
                yield line, passed + line.end - byte <= self.declared
            passed += segment.size - byte

    def covers(self, number, end):
        after = self.opener.opening[0]
        if after and after[0] == number:
            return end > after[1]
        return any(segment.number == number for segment, _, _ in self.pieces)

    def hash(self, folder):
        digest = hashlib.sha256()
        for segment, _, byte in self.pieces:
            with open_regular(folder, segment.name) or open(os.devnull, "rb") as file:
                file.seek(byte)
                for start in range(byte, segment.size, 1 << 20):
                    digest.update(file.read(min(1 << 20, segment.size - start)))
        return digest.hexdigest()


class WriterLog:
    """One writer's segments and head: which of the records are live, and what is wrong."""

    def __init__(self, writer, report):
        self.writer, self.report, self.segments, self.head = writer, report, [], None
        self.records, self.superseded, self.strays, self.areas = {}, set(), [], []

    def by_number(self, number):
        return next((index for index, s in enumerate(self.segments) if s.number == number), None)

    def find_after(self, base, after):
        """The line that an opening goes on from (or None), how many lines are before what follows, and its byte."""
        _, end, n, h = after
        matches = [(x.end == end, i, x) for i, x in base.own_records() if (x.n, x.h) == (n, h)]
        if matches:                 # the one at the declared byte, else the last
            _, index, line = max(matches, key=lambda match: match[:2])
            return line, index + 1, line.end
        for index, line in enumerate(base.lines):
            if line.fault and line.end == end:
                return None, index + 1, end
        later = next(((i, x.start) for i, x in base.own_records() if x.n > n), (len(base.lines), base.size))
        return (None,) + later

    def live_chain(self):
        """The live segments, oldest first: found from the newest back, along what each opening goes on from."""
        chain, doubt_from, index = [], 1 << 64, len(self.segments) - 1
        while index >= 0:
            segment = self.segments[index]
            index -= 1
            if not segment.lines:
                continue
            segment.doubt_from = doubt_from
            chain.append(segment)
            if segment.opening is None:
                for position, line in list(segment.own_records())[:1]:
                    doubt_from = min(doubt_from, line.n - max(position, 1))
                continue
            after, first, base = segment.opening[0], segment.lines[0], None
            between = [(s, 0, 0) for s in self.segments[:index + 1] if not after or s.number > after[0]]
            index -= len(between)
            if after and self.by_number(after[0]) is None:
                self.report(MISSING, first, "the opening goes on from a segment that is not there")
            elif after:
                base = self.segments[index]
                line, base.live_count, byte = self.find_after(base, after)
                between.insert(0, (base, base.live_count, byte))
                if line is None and any(x.n == after[2] for _, x in base.own_records()):
                    self.report(INVALID, first, "p is not the hash of the record that the opening goes on from")
                elif line is None:
                    self.report(TRUNCATED, first, "the segment gone on from ends before the record named here")
            self.areas.append(SetAside(segment, between))
        return chain[::-1]

    def check_set_aside(self, folder):
        """Learn what is superseded; returns the complete records behind an after that no aside declares."""
        undeclared = []
        for area in self.areas:
            first = area.opener.lines[0]
            if area.total > area.declared:
                self.report(INVALID, first, "%d bytes stand behind the record gone on from, %d are declared"
                            % (area.total, area.declared))
            elif area.sha256 and area.total == area.declared and area.hash(folder) != area.sha256:
                self.report(INVALID, first, "the bytes set aside are not the declared ones")
            for line, declared in area.lines():
                if line.w and not line.fault and not declared:
                    undeclared.append(line)
                elif line.w == self.writer and not line.fault:
                    self.superseded.add(line.h)
        return undeclared

    def take(self, line):
        known = self.records.setdefault(line.n, line)
        if known.h != line.h and line.h not in self.superseded:
            self.report(FORK, line, "record %d has another content elsewhere" % line.n)

    def check_chain(self, chain):
        last_n, last_h, last_l, skipped = -1, NO_RECORD, -1, 0
        with_lines = [index for index, s in enumerate(chain) if any(x.complete for x in s.lines)]
        for index, segment in enumerate(chain):
            if segment.opening:
                last_n, last_h, skipped = (segment.opening[0] or (0, 0, -1, NO_RECORD))[2:] + (0,)
            elif index in with_lines:
                begins = next((x for _, x in segment.own_records()), None)
                if begins is None or begins.number > 1 or begins.n <= last_n + 1:
                    self.report(INVALID, segment.lines[0], "the segment doesn't begin with a sound seg.open")
            for line in segment.lines[:segment.live_count]:
                if line.fault or line.w not in (None, self.writer):
                    self.report(INVALID, line, line.fault or "the record is another writer's")
                    self.strays += [] if line.fault else [line]
                    skipped += 1
                    continue
                if not line.complete:
                    if index >= max(with_lines, default=0):
                        self.report(TORN, line, "the last line has no newline")
                    continue
                if line.n >= segment.doubt_from:
                    continue
                if line.k == "seg.open" and line.number > 1:
                    self.report(INVALID, line, "a seg.open stands inside a segment")
                self.take(line)
                if line.n <= last_n:
                    self.report(INVALID, line, "record %d is repeated or out of order" % line.n)
                    continue
                if line.l <= last_l:
                    self.report(INVALID, line, "l doesn't grow")
                missing = line.n - last_n - 1
                if missing == 0 and line.p != last_h:
                    self.report(INVALID, line, "p is not the hash of the record before")
                elif missing > skipped:
                    segment.has_gap = True
                    self.report(GAP, line, "%d numbers are missing before record %d" % (missing - skipped, line.n))
                last_n, last_h, last_l, skipped = line.n, line.h, line.l, 0

    def check_places(self):
        for area in self.areas:
            after, (base, _, byte) = area.opener.opening[0], (area.pieces or [(None, 0, 0)])[0]
            if after and base and base.number == after[0] and byte != after[1] and not base.has_gap:
                if self.find_after(base, after)[0]:
                    self.report(INVALID, area.opener.lines[0], "the record gone on from ends at another byte")
        gone_on_from = set()
        for segment in self.segments:
            if segment.opening and segment.opening[0] and segment.lines[0].h not in self.superseded:
                if segment.opening[0][2:] in gone_on_from:
                    self.report(FORK, segment.lines[0], "two segments go on from one record, undeclared")
                gone_on_from.add(segment.opening[0][2:])

    def check_head(self):
        number, end, n, h = self.head
        place, record = self.writer + ".head", self.records.get(n)
        if self.by_number(number) is None and not (record and record.h == h):
            self.report(MISSING, place, "the head names a segment that is not there")
        elif record and record.h == h:
            if record.segment.number != number or (record.end != end and not record.segment.has_gap):
                self.report(INVALID, place, "the head's record stands at another place")
        elif h in self.superseded or (not record and any(area.covers(number, end) for area in self.areas)):
            self.report(FORK, place, "the record that the head acknowledges was set aside")
        elif not record and n > max(self.records, default=-1):
            self.report(TRUNCATED, place, "the log ends before record %d, which the head knows" % n)
        if record and record.h != h:
            self.report(FORK, place, "the head's hash is not that of record %d" % n)

    def check(self, folder):
        chain = self.live_chain()
        undeclared = self.check_set_aside(folder)
        self.check_chain(chain)
        for line in undeclared:
            (self.take if line.w == self.writer else self.strays.append)(line)
        self.check_places()
        if self.head:
            self.check_head()


class Checkpoint:
    """A checkpoint's file: its text and signature, and what it binds: heads, None where it is no checkpoint."""

    def __init__(self, name, text, signature):
        self.name, self.text, self.signature, self.heads = name, text, signature, None
        match = CHECKPOINT.fullmatch(text)
        if not match:
            return
        session, writer, file, count, size, head, previous, previous_signature, seen, time = match.groups()
        others = [line.split(" ")[1:] for line in seen.decode().splitlines()]
        self.writer, self.time = writer.decode(), time.decode()
        writers = [other[0] for other in others]
        try:
            datetime.datetime.strptime(self.time, "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            return
        if name != "%s.%d.txt" % (self.writer, int(count) - 1) or writers != sorted(set(writers) - {self.writer}):
            return
        self.session, self.file, self.size = session.decode("ascii", "replace"), file, int(size)
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
        found = any(self.ssh_keygen("verify", *at, "-I", principal)[0] for principal in principals)
        return None if found else UNKNOWN_SIGNER


class Verification:
    def __init__(self, allowed=None):
        self.problems, self.logs, self.allowed, self.signed = [], {}, allowed, False

    def report(self, kind, place, detail):
        """place is a line, a file's name, or "" for the whole log"""
        name, line, byte = place, 1 if place else 0, 0
        if isinstance(place, Line):
            name, line, byte = place.segment.name, place.number, place.start
        self.problems.append({"file": ascii(name)[1:-1], "line": line, "byte": byte, "kind": kind, "detail": detail})

    def read(self, folder, name, writer, number):
        """Read a segment, or a head where number is None."""
        log = self.logs.setdefault(writer, WriterLog(writer, self.report))
        file = open_regular(folder, name)
        if number is not None:
            log.segments.append(Segment(writer, number, name))
        if file is None:
            self.report(INVALID, name, "this is no regular file")
            return
        with file:
            if number is not None:
                read_segment(log.segments[-1], file)
                return
            match = HEAD_LINE.fullmatch(file.read(1024))
        named = segment_number(writer, match.group(1).decode()) if match else None
        if named is None:
            self.report(INVALID, name, "the head can't be read")
        else:
            log.head = (named, int(match.group(2)), int(match.group(3)), bytes.fromhex(match.group(4).decode()))

    def verify(self, folder):
        for pattern in (HEAD_NAME, SEGMENT_NAME):           # heads first: a writer may be at work
            for match in filter(None, map(pattern.fullmatch, sorted(os.listdir(folder)))):
                number = int(match.group(2)) if pattern is SEGMENT_NAME else None
                self.read(folder, match.group(), match.group(1), number)
        for writer in sorted(self.logs):
            self.logs[writer].check(folder)
        self.check_across_writers()
        session = os.path.dirname(os.path.abspath(folder))
        self.check_evidence(os.path.join(session, "evidence"))
        self.check_checkpoints(os.path.join(session, "checkpoints"))

    def check_checkpoints(self, folder):
        holes = any(problem["kind"] != TORN for problem in self.problems)
        files, covered = {}, {}
        for name in filter(CHECKPOINT_NAME.fullmatch, sorted(os.listdir(folder)) if os.path.isdir(folder) else []):
            files[name] = self.read_checkpoint(folder, name)
        for name, file in files.items():
            if file is None or file.heads is None:
                self.report(INVALID, "checkpoints/" + name, "this is no checkpoint, or stands under another name")
                continue
            refused = "" if file.signature is None else file.check_signature(self.allowed)
            if refused:
                self.report(refused, "checkpoints/" + name, "the signature doesn't count")
            elif refused is None:
                for writer, n, _ in file.heads:
                    covered[writer] = max(n, covered.get(writer, 0))
            self.check_bound(file, holes)
            if file.previous != "0" * 64:
                before = next((x for x in files.values() if x and sha256(x.text) == file.previous), None)
                self.check_named("checkpoints/" + name, before, file.previous, file.previous_signature)
        records = [line for log in self.logs.values() for line in log.records.values()]
        for line in records:
            if line.k == "checkpoint.made":
                name = line.d.get("file") if isinstance(line.d.get("file"), str) else ""
                self.check_named(line, files.get(name), line.d.get("sha256"), line.d.get("signature"))
        self.signed = bool(covered) and all(
            line.k in SAYS_NOTHING or line.n <= covered.get(line.w, -1) for line in records)

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
        if is_bound and (line.segment.name.encode(), line.end) != (file.file, file.size):
            self.report(INVALID, place, "its record stands at another place")

    def sessions(self):
        """The session that each writer's last sound opening names."""
        last = [max((x for x in log.records.values() if x.k == "seg.open"), key=lambda x: x.n, default=None)
                for log in self.logs.values()]
        return {str(line.d.get("session")) for line in last if line}

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
        lines = (line for log in self.logs.values() for line in log.records.values())
        for name in sorted({str(line.blob) for line in lines if line.blob is not None}):
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
        for log in [self.logs[writer] for writer in sorted(self.logs)]:
            for stray in log.strays:
                own = known.get(stray.w, {}).get(stray.n)
                if own and own.h != stray.h and stray.h not in self.logs[stray.w].superseded:
                    self.report(FORK, stray, "its own writer's log has another content for record %d" % stray.n)
            reported = set()
            for line in log.records.values():
                kinds.add(line.k if line.k in ("seg.open", "session.opened") else "")
                for writer in line.seen:
                    n, records = line.seen[writer], known.get(writer, {})
                    if n in records and line.l <= records[n].l:
                        self.report(INVALID, line, "l is not greater than that of a record it had seen")
                    elif n not in records and writer not in reported and n > newest.get(writer, -1):
                        reported.add(writer)
                        self.report(TRUNCATED if records else MISSING, line, "it had seen record %d of writer %s, who "
                                    "has %s" % (n, writer, "fewer" if records else "none"))
        if len(self.sessions()) > 1:
            self.report(INVALID, "", "the writers' openings name more than one session")
        if not kinds:
            self.report(MISSING, "", "there is no record at all")
        elif "" in kinds and "session.opened" not in kinds and all(p["kind"] == TORN for p in self.problems):
            self.report(MISSING, "", "there are records, but none is session.opened")

    def result(self):
        found = {problem["kind"] for problem in self.problems}
        whole = OK if self.signed else UNSIGNED
        return {"verdict": next((verdict for verdict in VERDICTS if verdict in found), whole),
                "records": sum(len(log.records) for log in self.logs.values()),
                "writers": sum(bool(log.records) for log in self.logs.values()), "problems": self.problems}


def main():
    parser = argparse.ArgumentParser(description="Verify the timeline of a quell session.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--allowed-signers", metavar="FILE", help="whose signatures count, as ssh-keygen reads it")
    parser.add_argument("folder", help="the session's folder, or its log folder")
    options = parser.parse_args()
    verification = Verification(options.allowed_signers)
    try:
        open(options.allowed_signers or os.devnull, "rb").close()
        log_folder = os.path.join(options.folder, "log")
        verification.verify(log_folder if os.path.lexists(log_folder) else options.folder)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no path"
        print("verify-timeline: can't read %s: %s" % (ascii(options.folder), reason), file=sys.stderr)
        return 2
    result = verification.result()
    as_text = ["%(file)s line %(line)d byte %(byte)d: %(kind)s: %(detail)s" % problem for problem in result["problems"]]
    print(json.dumps(result) if options.json else "\n".join(as_text + [result["verdict"]]))
    return 0 if result["verdict"] in (OK, UNSIGNED, TORN) else 1


if __name__ == "__main__":
    sys.exit(main())
