"""Where the service may connect to: the form of URLs, the addresses behind names, and names that change their mind."""

import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from chalicelib.core import addresses, outgoing
from chalicelib.core.addresses import Refused, allowed_addresses, check, is_public, parse
from chalicelib.core.settings import settings
from tests.stages import deploy_to_prod

PUBLIC = "93.184.215.14"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage other than local."""
    deploy_to_prod(monkeypatch)
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What names mean, one answer after the other; the last one stays."""
    known: dict[str, list[list[str]]] = {}

    def lookup(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        try:
            socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
            found = [host]
        except OSError:
            if host not in known:
                raise socket.gaierror("unknown") from None
            found = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", lookup)
    return known


REFUSED_EVERYWHERE = {
    "another scheme": "ftp://example.com/",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "no scheme": "example.com/hook",
    "no host": "https:///hook",
    "user": "https://user@example.com/",
    "user that looks like a host": "https://example.com@127.0.0.1/",
    "user and password": "https://example.com:443@127.0.0.1/",
    "decimal": "https://2130706433/",
    "hexadecimal": "https://0x7f000001/",
    "hexadecimal part": "https://0x7f.0.0.1/",
    "octal": "https://0177.0.0.1/",
    "short": "https://127.1/",
    "too many parts": "https://1.2.3.4.5/",
    "part too large": "https://1.2.3.256/",
    "zone of an interface": "https://[fe80::1%25eth0]/",
    "brackets around a name": "https://[example.com]/",
    "percent in the host": "https://%31%32%37.0.0.1/",
    "backslash": "https://example.com\\@127.0.0.1/",
    "blank": "https://example.com /",
    "line break": "https://example.com/\r\nHost: internal",
    "tabulator in the scheme": "ht\ttps://example.com/",
    "port that is no number": "https://example.com:80:80/",
    "port 0": "https://example.com:0/",
    "port too large": "https://example.com:65536/",
    "empty label": "https://example..com/",
    "too long": "https://example.com/" + "a" * 2000,
    "empty": "",
}


METADATA = {
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fe80::1",
    "febf::1", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "::ffff:169.254.169.254",
    "::169.254.169.254", "::ffff:0:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1",
    "2001:0:a9fe:a9fe::1", "::ffff:100.100.100.200",
}  # fmt: skip
"""Link-local addresses and those of the metadata of clouds."""


def hosts(addresses: set[str]) -> list[str]:
    return sorted(f"[{address}]" if ":" in address else address for address in addresses)


@pytest.mark.parametrize(
    "host",
    [
        *hosts(METADATA), "169.254.169.254.", "１６９.254.169.254", "metadata.google.internal",
        "Metadata.Google.Internal.", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_metadata_and_link_local_addresses_are_refused_on_every_stage(scheme: str, host: str) -> None:
    assert settings().stage == "local"
    with pytest.raises(Refused):
        parse(f"{scheme}://{host}/latest/meta-data/")


@pytest.mark.parametrize("address", [*sorted(METADATA), "fe80::1%eth0"])
def test_a_name_that_means_such_an_address_is_not_dialled_on_any_stage(address: str, names: dict[str, Any]) -> None:
    names["innocent.example.com"] = [[address]]
    url = "http://innocent.example.com/"
    for call in (
        lambda: outgoing.request("GET", url, {}, b"", 2),
        lambda: outgoing.download(url, {}, 2, most=9, into=bytes),
    ):
        with pytest.raises(outgoing.Failed) as failure:
            call()
        assert failure.value.kind == "refused"
    names["innocent.example.com"] = [[address, "127.0.0.1"]]
    assert allowed_addresses(parse("http://innocent.example.com/"), 1) == ["127.0.0.1"]


@pytest.mark.parametrize("url", REFUSED_EVERYWHERE.values(), ids=REFUSED_EVERYWHERE)
def test_a_url_of_the_wrong_form_is_refused_on_every_stage(url: str) -> None:
    with pytest.raises(Refused):
        parse(url)


REFUSED_WHEN_DEPLOYED = {
    "not encrypted": "http://example.com/",
    "localhost": "https://localhost/",
    "localhost with a dot": "https://localhost./",
    "below localhost": "https://app.localhost/",
    "no dot": "https://database/",
    "local network by name": "https://printer.local/",
    "loopback": "https://127.0.0.1/",
    "all of loopback": "https://127.255.255.254/",
    "full-width digits": "https://１２７.０.０.１/",
    "ideographic dots": "https://127。0。0。1/",
    "unspecified": "https://0.0.0.0/",
    "private 10": "https://10.1.2.3/",
    "private 172": "https://172.31.255.255/",
    "private 192": "https://192.168.1.1/",
    "carrier": "https://100.64.0.1/",
    "benchmarks": "https://198.18.0.1/",
    "documentation": "https://203.0.113.9/",
    "multicast": "https://224.0.0.1/",
    "reserved": "https://240.0.0.1/",
    "broadcast": "https://255.255.255.255/",
    "IPv6 loopback": "https://[::1]/",
    "IPv6 unspecified": "https://[::]/",
    "IPv4-mapped": "https://[::ffff:127.0.0.1]/",
    "IPv4-mapped in hexadecimal": "https://[::ffff:7f00:1]/",
    "IPv4-mapped, public": "https://[::ffff:93.184.215.14]/",
    "IPv4-compatible": "https://[::127.0.0.1]/",
    "NAT64": "https://[64:ff9b::7f00:1]/",
    "NAT64 of the local network": "https://[64:ff9b:1::7f00:1]/",
    "6to4": "https://[2002:7f00:1::]/",
    "Teredo": "https://[2001:0:7f00:1::]/",
    "unique local": "https://[fd12:3456::254]/",
    "site-local": "https://[fec0::1]/",
    "IPv6 multicast": "https://[ff02::1]/",
    "IPv6 documentation": "https://[2001:db8::1]/",
    "discard": "https://[100::1]/",
}


@pytest.mark.parametrize("url", REFUSED_WHEN_DEPLOYED.values(), ids=REFUSED_WHEN_DEPLOYED)
def test_a_url_that_is_not_public_is_refused_when_deployed(url: str, deployed: None) -> None:
    with pytest.raises(Refused):
        check(url)


@pytest.mark.parametrize("url", REFUSED_WHEN_DEPLOYED.values(), ids=REFUSED_WHEN_DEPLOYED)
def test_the_local_stage_takes_it(url: str) -> None:
    check(url)


@pytest.mark.parametrize(
    ("url", "netloc", "port", "path"),
    [
        ("https://example.com", "example.com", 443, "/"),
        ("https://Example.COM:8443/hook?a=b&c=%20#part", "example.com:8443", 8443, "/hook?a=b&c=%20"),
        ("https://пример.рф/крюк", "xn--e1afmkfd.xn--p1ai", 443, "/%D0%BA%D1%80%D1%8E%D0%BA"),
        ("https://faß.de", "xn--fa-hia.de", 443, "/"),
        ("https://ΒΌΛΟς.com/", "xn--nxasmm1c.com", 443, "/"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://93.184.215.14/", PUBLIC, 443, "/"),
        ("https://[2606:2800:21f:cb07::1]:444/", "[2606:2800:21f:cb07::1]:444", 444, "/"),
    ],
)
def test_a_public_url_is_taken_apart(deployed: None, url: str, netloc: str, port: int, path: str) -> None:
    target = parse(url)
    assert (target.netloc, target.port, target.path) == (netloc, port, path)


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "2606:2800:21f:cb07::1", "2a00:1450:4001:80b::200e"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_a_name_of_a_private_address_is_refused_when_it_is_saved(deployed: None, names: dict[str, Any]) -> None:
    names["intern.example.com"] = [["10.0.0.7", "fd00::7"]]
    with pytest.raises(Refused):
        check("https://intern.example.com/")
    names["good.example.com"] = [[PUBLIC]]
    check("https://good.example.com/")
    check("https://not-yet-there.example.com/")


def test_of_the_addresses_of_a_name_only_public_ones_are_dialled(deployed: None, names: dict[str, Any]) -> None:
    names["mixed.example.com"] = [["127.0.0.1", PUBLIC, "::1"]]
    assert allowed_addresses(parse("https://mixed.example.com/"), 1) == [PUBLIC]


def test_a_name_that_changes_its_mind_is_refused_when_it_is_called(deployed: None, names: dict[str, Any]) -> None:
    names["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    check("https://rebind.example.com/hook")
    with pytest.raises(outgoing.Failed) as failure:
        outgoing.request("POST", "https://rebind.example.com/hook", {}, b"{}", 2)
    assert failure.value.kind == "refused"


def test_what_is_dialled_is_the_address_that_was_checked(
    deployed: None, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names["rebind.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    dialled: list[Any] = []

    def connect(self: Any, address: Any) -> None:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing._TcpSocket, "connect", connect)
    with pytest.raises(outgoing.Failed):
        outgoing.request("POST", "https://rebind.example.com/hook", {}, b"{}", 2)
    assert dialled == [(PUBLIC, 443)]


def test_a_lookup_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch, over: Event) -> None:
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: [] if over.wait(20) else [])
    with pytest.raises(TimeoutError):
        allowed_addresses(parse("https://slow.example.com/"), 0.05)


@pytest.fixture
def over() -> Iterator[Event]:
    """Set when the test is over."""
    ended = Event()
    yield ended
    ended.set()
