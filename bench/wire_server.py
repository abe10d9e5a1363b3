"""`python -m bench.wire_server`: the answers to the small calls, ready made, on a port that is written to stdout.

It does as little as a server can, so that of a call the client's part is most. It ends when its stdin does.
"""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.wire_messages import small_calls

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
_ANSWERS = {call.request: _HEAD % len(call.answer) + call.answer for call in small_calls()}


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer one request after the other until the client hangs up; one that is not known ends it as well."""
        while length := self._length():
            self.connection.sendall(_ANSWERS[self.rfile.read(length)])

    def _length(self) -> int:
        """The length that the head of the next request tells; 0 at the end."""
        length = 0
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return length


def main() -> None:
    """Serve until stdin ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=_end_with, args=(server,), daemon=True).start()
        print(server.server_address[1], flush=True)
        server.serve_forever()


def _end_with(server: socketserver.BaseServer) -> None:
    os.read(sys.stdin.fileno(), 1)
    server.shutdown()


@contextmanager
def serving() -> Iterator[str]:
    """A server in a process of its own; gives its URL."""
    command = [sys.executable, "-m", "bench.wire_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/Services/ErpConnectorWS.svc"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
