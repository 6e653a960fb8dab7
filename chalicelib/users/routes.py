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
    """Регистрация."""
    return UserData(data=accounts.register(body=body))


@api.post("/v1/users/login", public=True, replays=False, precheck=accounts.admit)
def login(body: Credentials) -> SignedInData:
    """Вход: токен на 24 часа."""
    return SignedInData(data=accounts.login(body=body))


@api.get("/v1/users/profile")
def get_profile(actor: Actor) -> UserData:
    """Свой профиль."""
    return UserData(data=service.show(actor, user_id=actor.uuid))


@api.put("/v1/users/profile")
def update_profile(actor: Actor, body: ProfileUpdate) -> UserData:
    """Изменение своего имени и email."""
    return UserData(data=service.update(actor, user_id=actor.uuid, body=body))


@api.put("/v1/users/password")
def change_password(actor: Actor, body: PasswordChange) -> SignedInData:
    """Смена своего пароля: прежние токены больше не действуют, в ответе новый."""
    return SignedInData(data=accounts.change_password(actor, body=body))


@api.post("/v1/users/password/forgot", status=202, public=True, replays=False, precheck=links.admit)
def forgot_password(body: ForgottenPassword) -> MessageData:
    """Забытый пароль: письмо с кодом, который действует час."""
    return MessageData(data=links.forgot(body=body))


@api.post("/v1/users/password/reset", public=True, replays=False, precheck=links.admit, refuses=[BadResetToken])
def use_link(body: PasswordReset) -> SignedInData:
    """Новый пароль по коду из письма: подтверждает адрес, прежние токены больше не действуют, в ответе новый."""
    return SignedInData(data=accounts.use_link(body=body))


@api.get("/users")
def list_users(actor: Actor, query: UserQuery) -> UserPage:
    """Список пользователей."""
    return service.list_page(actor, query=query)


@api.post("/users", status=201)
def create_user(actor: Actor, body: UserCreate) -> UserData:
    """Создание пользователя."""
    return UserData(data=service.add(actor, body=body))


@api.get("/users/{user_id}")
def get_user(actor: Actor, user_id: UUID) -> UserData:
    """Получение пользователя по ID."""
    return UserData(data=service.show(actor, user_id=user_id))


@api.put("/users/{user_id}")
def update_user(actor: Actor, user_id: UUID, body: UserUpdate) -> UserData:
    """Изменение пользователя."""
    return UserData(data=service.update(actor, user_id=user_id, body=body))


@api.put("/users/{user_id}/password")
def reset_password(actor: Actor, user_id: UUID, body: NewPassword) -> UserData:
    """Новый пароль пользователя, заданный администратором."""
    return UserData(data=accounts.reset_password(actor, user_id=user_id, body=body))


@api.post("/users/{user_id}/invitation", status=202)
def invite(actor: Actor, user_id: UUID) -> UserData:
    """Приглашение: письмо с кодом, которым пользователь задает пароль; код действует сутки."""
    return UserData(data=links.invite(actor, user_id=user_id))
