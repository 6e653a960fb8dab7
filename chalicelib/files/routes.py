"""`/api/reports/{file_id}`: the download of a file."""

from uuid import UUID

from chalicelib.core.errors import Gone
from chalicelib.core.http import PRODUCTION, Actor, Redirect, Routes
from chalicelib.files import service

api = Routes(PRODUCTION)


@api.get("/api/reports/{file_id}", status=302, refuses=[Gone])
def download_file(actor: Actor, file_id: UUID) -> Redirect:
    """Скачивание файла.

    Файл экспорта, отчета по партии или строк с ошибками: переход на временную ссылку. Чужой файл дает 404,
    просроченный 410.
    """
    return Redirect(service.link(actor, file_id=file_id))
