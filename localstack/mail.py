"""Stores the emails of the system: the emulator's SES sends every message to this server, which writes it to a file.

The emulator itself keeps texts only (`GET /_ministack/ses/messages`); the files are complete messages with attachments,
which any email program opens. The server implements the part of SMTP that the emulator uses, on this machine only.
"""

import asyncio
import re
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from localstack.config import HOST

LONGEST_LINE = 1 << 20
KEPT = 1000  # messages
VERBS = frozenset({b"EHLO", b"HELO", b"MAIL", b"RCPT", b"DATA", b"RSET", b"NOOP", b"QUIT"})
_ADDRESS = re.compile(rb"<([^>]*)>")
_UNSAFE = re.compile(r"[^\w.@+-]+")


class Mailbox:
    """Listens on a free port at once, so that the emulator can be configured with it; serves in an event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.create_server((HOST, 0))
        self.address = f"{HOST}:{self._socket.getsockname()[1]}"

    async def serve(self) -> asyncio.Server:
        """Start to accept messages."""
        return await asyncio.start_server(self._converse, sock=self._socket, limit=LONGEST_LINE)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            recipient = "unknown"
            await _say(writer, "220 the local stack takes everything")
            while command := (await reader.readline()).strip():
                verb = command[:4].upper()
                if verb not in VERBS:  # HTTP: a web page may call every port of this machine
                    break
                if verb == b"RCPT" and (found := _ADDRESS.search(command)):
                    recipient = found.group(1).decode(errors="replace")
                if verb == b"DATA":
                    await _say(writer, "354 go on")
                    self._keep(recipient, await _message(reader))
                await _say(writer, "221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    break
        writer.close()

    def _keep(self, recipient: str, message: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S.%f} {_UNSAFE.sub('_', recipient)[:100]}.eml"
        part = self._folder / f".{name}"
        part.write_bytes(message)
        part.rename(self._folder / name)  # a file appears under its name when it is complete
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:  # names begin with the time
            old.unlink(missing_ok=True)


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Return the lines before the one with a single dot; a dot at the start of a line is doubled in SMTP."""
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)
