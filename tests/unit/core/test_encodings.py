"""Detection of encodings: no text is read as other letters."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.core.encodings import CP1251, UTF8, UTF16, UTF16_BE, UTF16_LE, UnknownEncoding, decode_utf8, encoding_of

TEXT = "номер;имя;бригада\r\n1;Болт М8 «Ёж» № 5;Бригада А\r\n2;Гайка ГОСТ 5915-70;Бригада Б\r\n"
OTHERS = ["cp866", "koi8-r", "koi8-u", "mac_cyrillic", "iso8859-5"]
WORDS = st.lists(
    st.sampled_from(
        [
            "Болт",
            "Гайка",
            "Шайба",
            "ГОСТ",
            "Бригада",
            "Цех",
            "Смена",
            "Узел",
            "сборки",
            "партия",
            "изделие",
            "№1",
            "ОТК",
            "ёмкость",
            "Щётка",
        ]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


def reason(data: bytes) -> str:
    """Return the reason of a refusal."""
    with pytest.raises(UnknownEncoding) as refused:
        encoding_of(data)
    return str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", UTF8), ("utf-8-sig", UTF8), ("utf-16", UTF16), ("utf-16-le", UTF16_LE), ("utf-16-be", UTF16_BE),
        ("cp1251", CP1251),
    ],
)  # fmt: skip
def test_encodings_of_spreadsheets_are_detected(encoding: str, found: str) -> None:
    assert encoding_of(TEXT.encode(encoding)) == found
    assert TEXT.encode(encoding).decode(found) == TEXT


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_utf8_with_a_bad_byte_is_refused_with_its_line(bom: bytes) -> None:
    lines = TEXT.encode().split(b"\r\n")
    for place in range(3):
        damaged = [*lines]
        damaged[place] = damaged[place][:2] + b"\x98" + damaged[place][2:]
        assert f"не в кодировке UTF-8: недопустимый байт в строке {place + 1}" in reason(bom + b"\r\n".join(damaged))


def test_bom_decides_where_most_of_the_text_is_not_utf8() -> None:
    assert "UTF-8" in reason(b"\xef\xbb\xbf" + TEXT.encode("cp1251"))


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")])
def test_file_cut_inside_an_email_is_refused(encoding: str, name: str) -> None:
    whole = "a\r\nБолт".encode(encoding)
    assert f"оборван посреди буквы: {name}, строка 2" in reason(whole[:-1])


@pytest.mark.parametrize("encoding", OTHERS)
def test_other_encodings_of_russian_are_refused(encoding: str) -> None:
    assert "UTF-8" in reason(TEXT.replace("«", "").replace("»", "").replace("№", "N").encode(encoding))


@settings(max_examples=300)
@given(text=WORDS)
def test_russian_text_never_becomes_other_letters(text: str) -> None:
    for encoding in OTHERS:
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        try:
            found = encoding_of(data)
        except UnknownEncoding:
            continue
        if found == UTF8:
            continue  # a short word in cp866 may be valid UTF-8
        assert data.decode(found) == text, encoding  # some bytes are the same in two encodings


@given(text=WORDS)
def test_windows_1251_is_read_unchanged_or_refused(text: str) -> None:
    data = text.encode("cp1251")
    try:
        found = encoding_of(data)
    except UnknownEncoding:
        assert len(set(text.split())) < 7  # no set of seven of these words is refused
        return
    assert data.decode(found) == text


@given(first=WORDS, second=WORDS)
@example("Болт Болт", "№1 №1")
def test_mixture_of_encodings_is_refused(first: str, second: str) -> None:
    if first.isascii() or len([char for char in second if not char.isascii()]) < 2:
        return
    data = first.encode("cp1251") + b"\n" + second.encode()
    with pytest.raises(UnknownEncoding):
        encoding_of(data * 3)


@pytest.mark.parametrize(
    "data",
    [
        b"\x98\xff",
        "Müller, Süd".encode("cp1252"),
        "Śruba żółta".encode("cp1250"),
        "日本語テスト".encode("shift_jis"),
        "中文测试".encode("gbk"),
        bytes(range(256)),
    ],
)
def test_unknown_encoding_is_refused(data: bytes) -> None:
    assert reason(data).endswith("сохраните его в кодировке UTF-8")


def test_decode_utf8_names_the_first_invalid_line() -> None:
    assert decode_utf8("\ufeffБолт".encode()) == "Болт"
    with pytest.raises(UnknownEncoding, match="в строке 2"):
        decode_utf8(b"a\nb\xff\nc")
