"""`/user`, `/task`, `/tasks`."""

from chalicelib.core.http import LONG_TASKS, Actor, Routes
from chalicelib.long_tasks import service
from chalicelib.long_tasks.schemas import LongTask, LongTaskCreate, LongTaskCreated, LongTaskQuery, Person, PersonCreate

api = Routes(LONG_TASKS)


@api.post("/user")
def create_person(actor: Actor, body: PersonCreate) -> Person:
    """Создание пользователя по имени.

    Пользователь для долгих задач, без адреса и пароля; войти он не может. Виден и в `GET /users`.
    """
    return service.create_user(actor, body=body)


@api.get("/user/{id}")
def get_person(actor: Actor, id: int) -> Person:
    """Пользователь по номеру.

    Имя пользователя; неизвестный номер дает 404.
    """
    return service.get_user(actor, number=id)


@api.post("/task/{id}", resource_path="/user/{id}")
def create_long_task(actor: Actor, id: int, body: LongTaskCreate) -> LongTaskCreated:
    """Создание долгой задачи.

    В пути номер пользователя, чья это задача; ее собственный номер в тексте ответа. Задача ждет, не занимая
    процессор, и заканчивается результатом.
    """
    return service.create(actor, user_id=id, body=body)


@api.get("/task/{id}")
def get_long_task(actor: Actor, id: int) -> LongTask:
    """Долгая задача по номеру.

    В пути номер задачи. Спрашивайте, пока `status` не станет `done` или `failed`.
    """
    return service.get(actor, number=id)


@api.get("/tasks/{user_id}")
def list_long_tasks(actor: Actor, user_id: int, query: LongTaskQuery) -> list[LongTask]:
    """Долгие задачи пользователя.

    Массив от старых задач к новым; без `limit` все, сколько помещается в ответ, дальше ведет заголовок `Link`.
    """
    return service.list_of_user(actor, user_id=user_id, query=query)
