"""`/users` and `/v1/users`; deleting a user, and a user with orders, are in orders."""

from uuid import UUID

from chalicelib.core.http import USERS, Actor, Routes
from chalicelib.users import accounts, links, service
from chalicelib.users.model import BadResetToken, RegistrationClosed
from chalicelib.users.schemas import (
    Credentials,
    ForgottenPassword,
    MessageData,
    NewPassword,
    PasswordChange,
    PasswordReset,
    ProfileUpdate,
    Registration,
    SignedInData,
    UserCreate,
    UserData,
    UserPage,
    UserQuery,
    UserUpdate,
)

api = Routes(USERS, dependency="users")


@api.post(
    "/v1/users/register", status=201, public=True, precheck=accounts.admit_registration, refuses=[RegistrationClosed]
)
def register(body: Registration) -> UserData:
    """Регистрация.

    Заводит себе учетную запись с ролью user. Вне локального стека обычно закрыта (403): пользователей создает
    администратор. Больше десяти регистраций и входов в минуту с одного адреса дают 429.
    """
    return UserData(data=accounts.register(body=body))


@api.post("/v1/users/login", public=True, replays=False, precheck=accounts.admit)
def login(body: Credentials) -> SignedInData:
    """Вход.

    Дает токен на 24 часа для заголовка `Authorization: Bearer <токен>`. Неверный адрес и неверный пароль дают
    одинаковый ответ 401; после пятой ошибки подряд вход замедляется (429). Программам удобнее ключ API.
    """
    return SignedInData(data=accounts.login(body=body))


@api.get("/v1/users/profile")
def get_profile(actor: Actor) -> UserData:
    """Свой профиль.

    Кто вы для сервиса: номер, имя, роли.
    """
    return UserData(data=service.show(actor, user_id=actor.uuid))


@api.put("/v1/users/profile")
def update_profile(actor: Actor, body: ProfileUpdate) -> UserData:
    """Изменение своего профиля.

    Имя и адрес; занятый адрес дает 409, новый считается неподтвержденным. У ключа API профиля нет (409).
    """
    return UserData(data=service.update(actor, user_id=actor.uuid, body=body))


@api.put("/v1/users/password")
def change_password(actor: Actor, body: PasswordChange) -> SignedInData:
    """Смена пароля.

    Все прежние токены перестают действовать, новый в ответе. Неверный прежний пароль дает 401.
    """
    return SignedInData(data=accounts.change_password(actor, body=body))


@api.post("/v1/users/password/forgot", status=202, public=True, replays=False, precheck=links.admit)
def forgot_password(body: ForgottenPassword) -> MessageData:
    """Забытый пароль.

    Отправляет письмо с кодом, который действует час и один раз. Ответ одинаков, известен адрес или нет; не больше
    трех писем в час на адрес.
    """
    return MessageData(data=links.forgot(body=body))


@api.post("/v1/users/password/reset", public=True, replays=False, precheck=links.admit, refuses=[BadResetToken])
def use_link(body: PasswordReset) -> SignedInData:
    """Пароль по коду из письма.

    Код из приглашения или письма о забытом пароле. Подтверждает адрес, прежние токены перестают действовать, новый
    в ответе. Негодный код дает 400.
    """
    return SignedInData(data=accounts.use_link(body=body))


@api.get("/users")
def list_users(actor: Actor, query: UserQuery) -> UserPage:
    """Список пользователей.

    Страница пользователей и учетных записей ключей API, сначала новые.
    """
    return service.list_page(actor, query=query)


@api.post("/users", status=201)
def create_user(actor: Actor, body: UserCreate) -> UserData:
    """Создание пользователя.

    Без пароля пользователь получает приглашение письмом, если сервис может отправлять письма. Роли, кроме user,
    дает только администратор (403); занятый адрес дает 409.
    """
    return UserData(data=service.add(actor, body=body))


@api.get("/users/{user_id}")
def get_user(actor: Actor, user_id: UUID) -> UserData:
    """Пользователь по UUID.

    Номер, имя, адрес и роли; чужая учетная запись без права ее видеть дает 404.
    """
    return UserData(data=service.show(actor, user_id=user_id))


@api.put("/users/{user_id}")
def update_user(actor: Actor, user_id: UUID, body: UserUpdate) -> UserData:
    """Изменение пользователя.

    Администратор меняет любого, остальные только себя и без ролей. Прежние токены перестают действовать, если ролей
    стало больше.
    """
    return UserData(data=service.update(actor, user_id=user_id, body=body))


@api.put("/users/{user_id}/password")
def reset_password(actor: Actor, user_id: UUID, body: NewPassword) -> UserData:
    """Новый пароль пользователя.

    Задает администратор, когда пользователь не может войти; все токены пользователя перестают действовать.
    """
    return UserData(data=accounts.reset_password(actor, user_id=user_id, body=body))


@api.post("/users/{user_id}/invitation", status=202)
def invite(actor: Actor, user_id: UUID) -> UserData:
    """Приглашение пользователя.

    Отправляет письмо с кодом, которым пользователь за 24 часа задает пароль. Подтвердившему адрес приглашение не
    нужно (409).
    """
    return UserData(data=links.invite(actor, user_id=user_id))
