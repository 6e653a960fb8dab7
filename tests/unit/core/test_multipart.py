"""Forms: files are the bytes that were sent, and malformed forms are refused."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import AppError
from chalicelib.core.multipart import Form, boundary, read_form
from chalicelib.core.request import Request
from tests.http_events import event

LIMIT = 1_000


def form_of(body: bytes, content_type: str = "multipart/form-data; boundary=b") -> Form:
    sent = event("POST", "/x", body, {"Content-Type": content_type})
    return read_form(Request.from_event(sent, SimpleNamespace()), LIMIT)


def part(content: bytes, about: str) -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + about.encode() + b"\r\n\r\n" + content + b"\r\n"


@given(content=st.binary(max_size=300) | st.lists(st.sampled_from([b"\r\n", b"--b", b"--", b"b", b"\r"])).map(b"".join))
def test_file_has_the_bytes_that_were_sent(content: bytes) -> None:
    if b"\r\n--b" in b"\r\n" + content:
        return  # no client chooses this boundary
    parts = part(content, 'name="file"; filename="Партии 1.csv"') + part(b"true", 'name="dry_run"')
    form = form_of(parts + b"--b--\r\n")
    assert (form.files["file"].name, form.files["file"].content) == ("Партии 1.csv", content)
    assert form.fields == {"dry_run": "true"}


@pytest.mark.parametrize(
    ("content_type", "found"),
    [
        ("multipart/form-data; boundary=abc", "abc"),
        ('multipart/form-data; charset=utf-8; boundary="a b;c"', "a b;c"),
        ("multipart/form-data; BOUNDARY=abc", "abc"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
        ("multipart/form-data; boundary=я", None),
        (f"multipart/form-data; boundary={'a' * 201}", None),
    ],
)
def test_boundary_comes_from_the_content_type(content_type: str, found: str | None) -> None:
    assert boundary(content_type) == found


FILE = 'name="file"; filename="a"'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (part(b"x" * LIMIT, FILE) + b"--b--\r\n", None),
        (part(b"x" * (LIMIT + 1), FILE) + b"--b--\r\n", 413),
        (part(b"x", FILE), 400),
        (part(b"x", FILE) * 2 + b"--b--\r\n", 400),
        (b"".join(part(b"x", f'name="f{number}"') for number in range(60)) + b"--b--\r\n", 400),
        (part(b"\xff", 'name="a"') + b"--b--\r\n", 400),
        (part(b"\0", 'name="a"') + b"--b--\r\n", 400),
        (part(b"x" * 20_000, 'name="a"') + b"--b--\r\n", 400),
        (b"--b\r\n\r\nx\r\n--b--\r\n", 400),
        (b"", 400),
    ],
)
def test_malformed_forms_are_refused(body: bytes, status: int | None) -> None:
    if status is None:
        assert form_of(body).files["file"].content == b"x" * LIMIT
        return
    with pytest.raises(AppError) as refused:
        form_of(body)
    assert refused.value.status == status


MAIL_NAME, EXTENDED = "=?utf-8?B?0J/QsNGA0YLQuNC4LmNzdg==?=", "utf-8''%D0%9F%D0%B0%D1%80%D1%82%D0%B8%D0%B8.csv"


@pytest.mark.parametrize(
    "about",
    [
        f'name=file; filename="{MAIL_NAME}"; filename*={EXTENDED}',
        f'name="file"; filename*={EXTENDED}',
        f'name="file"; FILENAME*="{EXTENDED.upper()}"'.replace(".CSV", ".csv"),
        f'name="file"; filename="{MAIL_NAME}"',
        f'name="file"; filename="a.csv"; filename*={EXTENDED}',
    ],
)
def test_file_names_of_other_programs_are_read(about: str) -> None:
    form = form_of(part(b"a,b", about) + b"--b--\r\n")
    assert (form.files["file"].name, form.files["file"].content) == ("Партии.csv", b"a,b")


@pytest.mark.parametrize("name", ["filename*=utf-8''%FF", 'filename="=?utf-8?B?/w==?="', 'filename="=?utf-8?B?a?="'])
def test_unreadable_file_name_is_400(name: str) -> None:
    with pytest.raises(AppError) as refused:
        form_of(part(b"a,b", f'name="file"; {name}') + b"--b--\r\n")
    assert refused.value.status == 400


@pytest.mark.parametrize("content", ["да".encode("cp1251"), "да".encode()[:-1], b"\xffyes", "да".encode("cp866")])
def test_refusal_of_a_field_in_another_encoding_names_it(content: bytes) -> None:
    with pytest.raises(AppError) as refused:
        form_of(part(content, 'name="dry_run"') + b"--b--\r\n")
    assert (refused.value.status, refused.value.message) == (400, "Поле формы «dry_run» не в кодировке UTF-8")


def test_another_content_type_is_415() -> None:
    with pytest.raises(AppError) as refused:
        form_of(b"a=1", "application/x-www-form-urlencoded")
    assert refused.value.status == 415
