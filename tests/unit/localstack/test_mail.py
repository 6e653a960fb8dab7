"""The mailbox of the local stack, spoken to by Python's own SMTP client, as the emulator does."""

import asyncio
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from localstack import mail
from localstack.mail import Mailbox


def send(address: str, *messages: EmailMessage) -> None:
    """One conversation."""
    host, _, port = address.partition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as client:
        for message in messages:
            client.sendmail(message["From"], message["To"], message.as_string())


def take(folder: Path, *messages: EmailMessage) -> list[Path]:
    """The files that a mailbox makes of messages."""

    async def converse() -> None:
        mailbox = Mailbox(folder)
        async with await mailbox.serve():
            await asyncio.to_thread(send, mailbox.address, *messages)

    asyncio.run(converse())
    return sorted(folder.glob("*.eml"))


def message(to: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "shopfloor@example.com", to, "Отчет о партии 1001"
    made.set_content(text, cte="quoted-printable")
    return made


def test_a_message_becomes_a_file_with_its_attachment(tmp_path: Path) -> None:
    sent = message("user@example.com", "Готов.")
    sent.add_attachment(bytes(range(256)) * 5000, maintype="application", subtype="pdf", filename="Отчет.pdf")
    (file,) = take(tmp_path / "mail", sent)
    assert file.name.endswith(" user@example.com.eml")
    kept = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(kept, EmailMessage)
    assert kept["Subject"] == "Отчет о партии 1001"
    (attached,) = kept.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Отчет.pdf", bytes(range(256)) * 5000)


def test_lines_that_begin_with_a_dot_stay_as_they_are(tmp_path: Path) -> None:
    (file,) = take(tmp_path, message("a@b.example", ".\n..two\nend\n"))
    kept = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(kept, EmailMessage)
    assert kept.get_content().splitlines() == [".", "..two", "end"]


def test_several_messages_of_one_conversation(tmp_path: Path) -> None:
    assert len(take(tmp_path, message("a@b.example", "1"), message("c@d.example", "2"))) == 2


def test_an_address_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    (file,) = take(folder, message("../../etc/x@b.example", "1"))
    assert file.parent == folder


def test_what_a_web_page_sends_is_no_mail(tmp_path: Path) -> None:
    """A page may send HTTP to any port, with the commands of a message in its body."""
    commands = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: evil\r\n.\r\nQUIT\r\n"
    sent = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(commands)}\r\n\r\n{commands}"

    async def converse() -> None:
        mailbox = Mailbox(tmp_path)
        async with await mailbox.serve():
            host, _, port = mailbox.address.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(sent.encode())
            await reader.read()  # until the mailbox hangs up
            writer.close()

    asyncio.run(asyncio.wait_for(converse(), 10))
    assert list(tmp_path.iterdir()) == []


def test_the_latest_messages_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "KEPT", 3)
    files = take(tmp_path, *(message(f"a{number}@b.example", "1") for number in range(5)))
    assert [file.name.split(" ")[1] for file in files] == [f"a{number}@b.example.eml" for number in (2, 3, 4)]
