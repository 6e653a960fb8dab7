"""URLs and addresses that the service may call on behalf of users (protection against SSRF).

A user who may save a URL must not reach machines that only the service can reach: the instance's metadata, a
database in the same network, this process. So a URL is checked twice: when it is saved (`check`), and when it is called
(`allowed_addresses`), with the address that is connected to, because a name may have another address by then.

Rules of all stages: http or https, no user or password, a host of unambiguous form. Refused in all stages are the
addresses and names at which clouds serve metadata, and with them credentials: link-local ones and a few others, also
embedded in an IPv6 address. Rules of all stages but `local`: https only, because the body would be readable on its way;
no name that is private by its form; only addresses of the public internet. For IPv6 these are 2000::/3, which excludes
loopback, link-local, unique local, multicast, IPv4-mapped and -compatible addresses and both prefixes of NAT64; ranges
inside of it that embed an IPv4 address (6to4, Teredo) are listed.
"""

import ipaddress
import re
import socket
import threading
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import quote, urlsplit

from chalicelib.core.settings import settings
from chalicelib.core.texts import text

MAX_URL_LENGTH = 2000
LOOKUP_SECONDS = 2.0  # for resolving a name when its URL is saved
PORTS = {"http": 80, "https": 443}
PRIVATE_NAMES = (".localhost", ".local", ".localdomain", ".internal", ".home.arpa")

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\]|\s")
_DEVIATIONS = re.compile("[ßẞς\u200c\u200d]")
_LETTERS_SINCE_2008 = frozenset("ßς")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Where clouds serve the metadata of their machines: link-local, and what AWS, Google, Azure, Alibaba, Oracle use too.
METADATA = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fe80::/10",
            "fd00:ec2::/32", "fd20:ce::/32", "fd00:c1::/32",
        ),
    )
)  # fmt: skip
METADATA_NAMES = (
    "metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal",
)  # fmt: skip
# Compatible, mapped, translated, and both prefixes of NAT64: the last 32 bits are an IPv4 address.
EMBEDDING = tuple(
    map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"))
)
# What the registries of IANA do not call globally reachable, and an address at which a cloud serves its metadata.
CLOSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
OPEN_V6 = ipaddress.IPv6Network("2000::/3")
# IETF protocols with Teredo, documentation, 6to4, 6bone, documentation again
CLOSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")))


class Refused(ValueError):
    """The URL or address is not allowed; the text says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(text(reason))


@dataclass(frozen=True)
class Target:
    """The parts of a URL."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """Host and port, as in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def name(self) -> str:
        """The host without a dot at its end."""
        return self.host.rstrip(".")

    @property
    def is_literal(self) -> bool:
        """Whether the host is an address, not a name."""
        return ":" in self.name or self.name.replace(".", "").isdigit()


def parse(url: str) -> Target:
    """Return the parts of a URL; raise Refused when its form is not allowed. No name is resolved."""
    if len(url) > MAX_URL_LENGTH or _UNPRINTABLE.search(url):
        raise Refused(
            text("ожидается URL до {limit} символов без пробелов и управляющих символов", limit=MAX_URL_LENGTH)
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("ожидается корректный URL") from None
    if parts.scheme not in PORTS:
        raise Refused("ожидается URL с https://")
    if "@" in parts.netloc:
        raise Refused("имя пользователя и пароль в URL не допускаются")
    if port == 0:
        raise Refused("недопустимый порт")
    path = quote(parts.path or "/", safe="%/:=&~+!$,;'@()*") + (f"?{_query(parts.query)}" if parts.query else "")
    target = Target(parts.scheme, _host(parts.hostname or ""), port or PORTS[parts.scheme], path)
    if target.name in METADATA_NAMES or (target.is_literal and is_metadata(target.name)):
        raise Refused("по адресам link-local и метаданных облака сервис не обращается")
    if settings().stage != "local":
        _check_public(target)
    return target


def check(url: str) -> None:
    """Raise Refused for a URL that must not be saved. A name that does not exist is allowed: it may exist later."""
    target = parse(url)
    if settings().stage != "local":
        with suppress(OSError):
            allowed_addresses(target, LOOKUP_SECONDS)


def allowed_addresses(target: Target, seconds: float) -> list[str]:
    """Return the addresses of a target that may be connected to, best first; Refused when there are none.

    Raises TimeoutError when the lookup takes too long, socket.gaierror when there is no such name.
    """
    found = _resolve(target.host, target.port, seconds)
    local = settings().stage == "local"
    allowed = [address for address in found if (not is_metadata(address) if local else is_public(address))]
    if not allowed:
        raise Refused("адрес узла не относится к публичной сети")
    return allowed


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in CLOSED_V4)
    return ip in OPEN_V6 and not any(ip in network for network in CLOSED_V6)


def is_metadata(address: str) -> bool:
    """Return whether clouds serve metadata at an address, or at an IPv4 address embedded in it."""
    ip = ipaddress.ip_address(address)
    found: list[Any] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        found += [ip.sixtofour, *(ip.teredo or ())]
        if any(ip in network for network in EMBEDDING):
            found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return any(one in network for one in found if one for network in METADATA if network.version == one.version)


def _query(query: str) -> str:
    return quote(query, safe="%/:=&?~+!$,;'@()*[]")


def _host(sent: str) -> str:
    """Return a host in its unambiguous form: ASCII, and an IPv4 address as four decimal numbers.

    `2130706433`, `0x7f.1` and `0177.0.0.1` are 127.0.0.1 to some libraries and a name to others.
    """
    if ":" in sent:
        try:
            return str(ipaddress.IPv6Address("" if "%" in sent else sent))
        except ValueError:
            raise Refused("недопустимый адрес IPv6") from None
    host = _ascii(sent)
    if not _NAME.fullmatch(host):
        raise Refused("недопустимое имя узла")
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise Refused("адрес IPv4 записывается четырьмя десятичными числами") from None
    return host


def _ascii(sent: str) -> str:
    """Return a host name in ASCII, by IDNA 2008 as browsers do; empty when it is none.

    The library knows IDNA 2003, for which `faß.de` was `fass.de`, another host. The two differ in the two letters
    and the two joiners of `_DEVIATIONS`; joiners are refused.
    """
    labels = []
    for label in sent.split("."):
        try:
            if found := _DEVIATIONS.findall(label):
                if not {*found} <= _LETTERS_SINCE_2008:
                    return ""
                lower = unicodedata.normalize("NFC", "".join(char if char in found else char.lower() for char in label))
                labels.append(f"xn--{lower.encode('punycode').decode()}")
            else:
                labels.append(label.encode("idna").decode().lower())
        except UnicodeError:
            return ""
    return ".".join(labels)


def _check_public(target: Target) -> None:
    if target.scheme != "https":
        raise Refused("ожидается URL с https://")
    if target.is_literal and not is_public(target.name):
        raise Refused("адрес узла не относится к публичной сети")
    if not target.is_literal and ("." not in target.name or f".{target.name}".endswith(PRIVATE_NAMES)):
        raise Refused("имя узла не относится к публичной сети")


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Resolve a host in a thread, because the resolver of the system has no deadline."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(socket.gaierror("not a name"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, seconds))
    except Empty:
        raise TimeoutError("the name was not found in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
