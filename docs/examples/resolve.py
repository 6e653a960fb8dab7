"""The long task kind `resolve <host>`."""

import socket

from chalicelib.long_tasks.kinds import task_kind
from chalicelib.long_tasks.model import Failure


@task_kind("resolve <host>")
def resolve(host: str) -> str:
    """Return the addresses of a host name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Failure("Имя узла не найдено") from error
    return " ".join(sorted({str(entry[4][0]) for entry in found}))
