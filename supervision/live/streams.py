"""How a follower's browser is reached: by its socket, taken over from the server, or by a thread that waits.

A stream lasts as long as a meeting. Where the server names the request's socket (gunicorn does), the socket is taken
from it and written to by the hub: an open stream then costs no thread. Elsewhere the request's thread waits.
"""

import contextlib
import os
import socket
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from threading import Condition
from typing import Any

PRELUDE = b"retry: 2000\n\n"  # milliseconds until a browser that lost the stream asks again
MOST_BEHIND = 256 * 1024  # bytes a connection may lag; a phone out of reach is dropped and comes back by itself
SOCKET_NAMES = ("gunicorn.socket", "werkzeug.socket")
WAITS_S = 30.0  # a waiting thread looks so often whether it is still wanted


class Follower(ABC):
    """Someone who follows a round through an open stream; `seq` is the last event they were told of, -1 for none.

    `environ` holds what is needed to ask again who this is: the cookie and the host, as they came.
    """

    def __init__(self, meeting_id: uuid.UUID, person_id: uuid.UUID, environ: dict[str, Any], seq: int = -1) -> None:
        self.meeting_id, self.person_id, self.environ, self.seq = meeting_id, person_id, environ, seq
        self.told_at = self.checked_at = 0.0
        self.is_gone = False

    @property
    def is_behind(self) -> bool:
        """Whether bytes wait for the connection to take them."""
        return False

    def fileno(self) -> int | None:
        """Return the number of the socket to watch, if there is one."""
        return None

    @abstractmethod
    def send(self, message: bytes) -> bool:
        """Hand a message on without waiting; False when nobody is there any more."""

    def go_on(self) -> bool:
        """Go on after the socket became ready; False when nobody is there any more."""
        return not self.is_gone

    @abstractmethod
    def close(self) -> None:
        """End the stream."""


class SocketFollower(Follower):
    """A follower whose socket the hub writes to; never waits for it."""

    def __init__(
        self,
        taken: socket.socket,
        head: bytes,
        meeting_id: uuid.UUID,
        person_id: uuid.UUID,
        environ: dict[str, Any],
        seq: int = -1,
    ) -> None:
        super().__init__(meeting_id, person_id, environ, seq)
        self._socket = taken
        self._socket.setblocking(False)
        self._waiting = bytearray(head)

    @property
    def is_behind(self) -> bool:
        """Whether bytes wait for the connection to take them."""
        return bool(self._waiting)

    def fileno(self) -> int | None:
        """Return the number of the socket to watch."""
        return self._socket.fileno()

    def send(self, message: bytes) -> bool:
        """Hand a message on without waiting; False when nobody is there any more, or too far behind."""
        self._waiting += message
        return self._flush() and len(self._waiting) <= MOST_BEHIND

    def go_on(self) -> bool:
        """Send what waits, and see whether the other side has closed; what it says is not read by anyone."""
        try:
            if not self._socket.recv(4096):
                return False
        except BlockingIOError:
            pass
        except OSError:
            return False
        return self._flush()

    def _flush(self) -> bool:
        if not self._waiting:
            return True
        try:
            done = self._socket.send(self._waiting)
        except BlockingIOError:
            return True
        except OSError:
            return False
        del self._waiting[:done]
        return True

    def close(self) -> None:
        """End the connection."""
        self.is_gone = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class WaitingFollower(Follower):
    """A follower whose request's thread waits for messages and yields them to the server."""

    def __init__(self, meeting_id: uuid.UUID, person_id: uuid.UUID, environ: dict[str, Any], seq: int = -1) -> None:
        super().__init__(meeting_id, person_id, environ, seq)
        self._messages: list[bytes] = [PRELUDE]
        self._changed = Condition()

    def send(self, message: bytes) -> bool:
        """Hand a message to the waiting thread; False when it has gone."""
        with self._changed:
            self._messages.append(message)
            self._changed.notify()
        return not self.is_gone and sum(map(len, self._messages)) <= MOST_BEHIND

    def close(self) -> None:
        """Let the thread yield what it has and end."""
        with self._changed:
            self.is_gone = True
            self._changed.notify()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the messages as they come."""
        while True:
            with self._changed:
                while not self._messages and not self.is_gone:
                    self._changed.wait(WAITS_S)
                messages, self._messages = self._messages, []
            yield from messages
            if self.is_gone and not self._messages:
                return


def find_socket(environ: dict[str, Any]) -> socket.socket | None:
    """Return the request's own socket where the server names it and nothing encrypts on top of it."""
    found = next((environ[name] for name in SOCKET_NAMES if name in environ), None)
    return found if type(found) is socket.socket and os.name != "nt" else None


def take(held: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Take a connection from the server that holds it: (the connection, the far end of what the server holds now).

    The server's number of the file now leads into a pair of sockets, where its own answer ends harmlessly and which it
    may close as it likes.
    """
    taken = held.dup()
    near, far = socket.socketpair()
    os.dup2(near.fileno(), held.fileno(), inheritable=False)
    near.close()
    return taken, far


def head(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the status line and headers of a stream, which lasts until one side closes the connection."""
    lines = [f"{name}: {value}\r\n" for name, value in headers if name.lower() not in {"content-length", "connection"}]
    return ("HTTP/1.1 200 OK\r\n" + "".join(lines) + "Connection: close\r\n\r\n").encode("latin-1")
