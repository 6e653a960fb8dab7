"""`/user`, `/task`, `/tasks`."""

from chalicelib.core.http import LONG_TASKS, Actor, Routes
from chalicelib.long_tasks import service
from chalicelib.long_tasks.schemas import Created, TaskCreate, TaskQuery, TaskView, UserCreate, UserView

api = Routes(__name__, LONG_TASKS)


@api.post("/user")
def create_person(actor: Actor, body: UserCreate) -> UserView:
    """Создание пользователя."""
    return service.create_user(actor, body=body)


@api.get("/user/{id}")
def get_person(actor: Actor, id: int) -> UserView:
    """Получение пользователя по номеру."""
    return service.get_user(actor, number=id)


@api.post("/task/{id}")
def create_long_task(actor: Actor, id: int, body: TaskCreate) -> Created:
    """Создание задачи пользователя с этим номером."""
    return service.create(actor, user_id=id, body=body)


@api.get("/task/{id}")
def get_long_task(actor: Actor, id: int) -> TaskView:
    """Получение задачи с этим номером."""
    return service.get(actor, number=id)


@api.get("/tasks/{user_id}")
def list_long_tasks(actor: Actor, user_id: int, query: TaskQuery) -> list[TaskView]:
    """Все задачи пользователя, от старых к новым."""
    return service.list_of_user(actor, user_id=user_id, query=query)
