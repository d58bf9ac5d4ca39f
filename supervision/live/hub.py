"""One thread per process that tells every follower of a round what has changed.

It waits for signals (store/signals.py), reads the new events of the rounds that changed, makes one message for each and
hands the same bytes to all its followers. It asks anew whether a follower still may follow when something about that
person changes, and every few minutes. Between two changes it holds no database connection but the line it listens on.
"""

import contextlib
import logging
import selectors
import socket
import time
import uuid
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import Engine

from supervision.live.streams import Follower
from supervision.store import signals

if TYPE_CHECKING:
    from psycopg import Connection

log = logging.getLogger(__name__)

BEAT_S = 15.0  # a comment after so much silence, so that no proxy takes the stream for dead
CHECK_EVERY_S = 300.0  # whether someone still may follow is asked at least so often; it also keeps their session alive
CHECKS_AT_ONCE = 20  # between two looks at the signals, so that a change never waits long
RETRY_S = 1.0
REST_S = 0.02  # between two readings of the database: under load one reading is for all rounds that changed meanwhile
MOST_PER_PERSON = 6  # open screens of one person; the next one asks every few seconds instead


@dataclass(frozen=True, slots=True)
class Standing:
    """A round as it goes out: the log's last number, whether it has ended, the message."""

    seq: int
    is_over: bool
    message: bytes


Load = Callable[[Iterable[uuid.UUID]], Mapping[uuid.UUID, Standing]]
"""Reads rounds in a database session of its own, which it ends."""
Check = Callable[[Follower], bool]
"""Asks whether someone still may follow, in a database session of its own."""


class Hub:
    """The followers of this process and the thread that serves them; the thread starts with the first of them."""

    def __init__(self, engine: Engine, load: Load, check: Check, most: int) -> None:
        self._engine, self._load, self._check, self._most = engine, load, check, most
        self._lock = Lock()
        self._people: dict[uuid.UUID, int] = defaultdict(int)
        self._count = 0
        self._thread: Thread | None = None
        self._posts: deque[Follower | signals.Signal] = deque()
        self._rounds: dict[uuid.UUID, set[Follower]] = defaultdict(set)
        self._changed: set[uuid.UUID] = set()
        self._to_check: OrderedDict[Follower, None] = OrderedDict()
        self._line: Connection[tuple[str, ...]] | None = None
        self._line_at = 0.0
        self._looked_at = 0.0
        self._rested_at = 0.0

    @property
    def count(self) -> int:
        """How many follow through this process."""
        return self._count

    def reserve(self, person_id: uuid.UUID, most: int | None = None) -> bool:
        """Take a place for one more follower, up to the process's (or this) limit and 6 for each person."""
        with self._lock:
            limit = self._most if most is None else min(most, self._most)
            if self._count >= limit or self._people[person_id] >= MOST_PER_PERSON:
                return False
            self._count += 1
            self._people[person_id] += 1
            return True

    def release(self, person_id: uuid.UUID) -> None:
        """Give a place back."""
        with self._lock:
            self._count -= 1
            self._people[person_id] -= 1
            if not self._people[person_id]:
                del self._people[person_id]

    def adopt(self, follower: Follower) -> None:
        """Serve a follower from now on, beginning with the round as it stands; its place is reserved already."""
        self._start()
        self._post(follower)

    def hear(self, signal: signals.Signal) -> None:
        """Take a signal in; from any thread."""
        if self._thread is not None:
            self._post(signal)

    def _post(self, what: Follower | signals.Signal) -> None:
        self._posts.append(what)
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes the thread too
            self._waker.send(b"\0")

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            self._woken, self._waker = socket.socketpair()
            self._woken.setblocking(False)
            self._waker.setblocking(False)
            self._selector = selectors.DefaultSelector()
            self._selector.register(self._woken, selectors.EVENT_READ)
            if self._engine.dialect.name != "postgresql":
                signals.listen(self._engine, self.hear)
            self._thread = Thread(target=self._run, name="live-hub", daemon=True)
            self._thread.start()

    # the thread

    def _run(self) -> None:
        while True:
            try:
                self._turn()
            except Exception:
                log.exception("the hub of the live streams failed; it goes on")
                time.sleep(RETRY_S)

    def _turn(self) -> None:
        self._listen()
        waits_s = 0.0 if self._to_check or self._posts else self._rest_s() if self._changed else 1.0
        for key, _mask in self._selector.select(waits_s):
            if key.fileobj is self._woken:
                self._woken.recv(65536)
            elif isinstance(key.data, Follower):
                self._ready(key.data)
            else:
                self._hear_line()
        self._take_posts()
        self._publish()
        self._check_some()
        self._look_after()

    def _listen(self) -> None:
        """Open the line to the other processes; after it was cut, nothing that was missed stays missed."""
        if self._line is not None or self._engine.dialect.name != "postgresql":
            return
        if time.monotonic() - self._line_at < RETRY_S:
            return
        self._line_at = time.monotonic()
        try:
            self._line = signals.open_line(self._engine)
        except psycopg.Error as error:
            log.warning("live streams: no line to the database yet (%s)", type(error).__name__)
            return
        self._selector.register(self._line.fileno(), selectors.EVENT_READ, self._line)
        self._changed |= self._rounds.keys()
        self._to_check.update(dict.fromkeys(self._everyone()))

    def _hear_line(self) -> None:
        line = self._line
        if line is None:
            return
        number = line.fileno()
        try:
            self._posts.extend(signals.heard(line))
        except psycopg.Error as error:
            log.warning("live streams: the line to the database was cut (%s)", type(error).__name__)
            self._selector.unregister(number)
            line.close()
            self._line = None

    def _everyone(self) -> list[Follower]:
        return [one for followers in self._rounds.values() for one in followers]

    def _take_posts(self) -> None:
        while self._posts:
            post = self._posts.popleft()
            if isinstance(post, Follower):
                self._welcome(post)
                continue
            topic, key = post
            if topic == signals.ROUND and key in self._rounds:
                self._changed.add(key)
            elif topic == signals.CONTROL:
                for one in list(self._rounds.get(key, ())):
                    self._send(one, b"event: control\ndata: {}\n\n")
            elif topic == signals.EVERYONE:
                self._to_check.update(dict.fromkeys(self._everyone()))
            elif topic == signals.PERSON:
                for one in self._everyone():
                    if one.person_id == key:
                        self._to_check[one] = None
                        self._to_check.move_to_end(one, last=False)

    def _welcome(self, follower: Follower) -> None:
        follower.told_at = time.monotonic()
        follower.checked_at = time.monotonic()
        self._rounds[follower.meeting_id].add(follower)
        number = follower.fileno()
        if number is not None:
            self._selector.register(number, selectors.EVENT_READ, follower)
        self._changed.add(follower.meeting_id)

    def _rest_s(self) -> float:
        return max(0.0, self._rested_at - time.monotonic())

    def _publish(self) -> None:
        if not self._changed or self._rest_s():
            return
        wanted = [key for key in self._changed if key in self._rounds]
        if wanted:
            for key, standing in self._load(wanted).items():
                self._tell(key, standing)
            self._rested_at = time.monotonic() + REST_S
        self._changed.clear()

    def _tell(self, meeting_id: uuid.UUID, standing: Standing) -> None:
        whole = b"id: %d\ndata: %b\n\n" % (standing.seq, standing.message)
        for one in list(self._rounds.get(meeting_id, ())):
            if one.seq < standing.seq:
                one.seq = standing.seq
                self._send(one, whole)
            if standing.is_over:
                self._let_go(one, b"event: ended\ndata: {}\n\n")

    def _send(self, one: Follower, message: bytes) -> None:
        one.told_at = time.monotonic()
        if not one.send(message):
            self._drop(one)
        elif (number := one.fileno()) is not None and one.is_behind:
            self._selector.modify(number, selectors.EVENT_READ | selectors.EVENT_WRITE, one)

    def _ready(self, one: Follower) -> None:
        """Go on with a slow connection, or see that it was closed."""
        number = one.fileno()
        if not one.go_on():
            self._drop(one)
        elif number is not None and not one.is_behind:
            self._selector.modify(number, selectors.EVENT_READ, one)

    def _check_some(self) -> None:
        for _ in range(min(CHECKS_AT_ONCE, len(self._to_check))):
            one, _none = self._to_check.popitem(last=False)
            if one not in self._rounds.get(one.meeting_id, ()):
                continue
            one.checked_at = time.monotonic()
            try:
                may_still = self._check(one)
            except Exception:
                self._to_check[one] = None
                raise
            if not may_still:
                self._let_go(one, b"event: gone\ndata: {}\n\n")

    def _let_go(self, one: Follower, last_word: bytes) -> None:
        one.send(last_word)
        self._drop(one)

    def _drop(self, one: Follower) -> None:
        followers = self._rounds.get(one.meeting_id)
        if followers is None or one not in followers:
            return
        followers.discard(one)
        if not followers:
            del self._rounds[one.meeting_id]
        number = one.fileno()
        if number is not None:
            self._selector.unregister(number)
        one.close()
        self.release(one.person_id)

    def _look_after(self) -> None:
        """Once a second: a beat for those who heard nothing for 15 s, a look at those not asked for 5 minutes."""
        now = time.monotonic()
        if now - self._looked_at < 1.0:
            return
        self._looked_at = now
        for one in self._everyone():
            if one.is_gone:
                self._drop(one)
            elif now - one.told_at >= BEAT_S:
                self._send(one, b":\n\n")
            if now - one.checked_at >= CHECK_EVERY_S:
                one.checked_at = now
                self._to_check[one] = None
