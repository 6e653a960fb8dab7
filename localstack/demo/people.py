"""A user of each role, and an API key."""

from dataclasses import dataclass
from typing import Any

from localstack.client import Api

DOMAIN = "shopfloor.local"


@dataclass(frozen=True)
class Person:
    """A user of the demo; `login` is the local part of the email."""

    login: str
    name: str
    role: str

    @property
    def email(self) -> str:
        """The email to log in with."""
        return f"{self.login}@{DOMAIN}"


PEOPLE = (
    Person("chief", "Королёв Андрей", "admin"),
    Person("manager", "Смирнова Ольга", "manager"),
    Person("inspector", "Волкова Ирина", "engineer"),
    Person("engineer", "Орлов Дмитрий", "engineer"),
    Person("mechanic", "Каримов Руслан", "engineer"),
    Person("executive", "Белова Мария", "executive"),
    Person("customer", "ООО «Северный дом»", "customer"),
    Person("user", "ИП Громов", "user"),
    Person("trainee", "Стажёр", "user"),  # without orders
)
KEY = {"name": "Весы упаковки, цех №2", "roles": ["engineer"]}


def make(api: Api, password: str) -> dict[str, Any]:
    """Create the missing users with that password; return all users of the demo by login."""
    users = {}
    for person in PEOPLE:
        found = api.ask("GET", f"/users?email={person.email}", 200)["data"]
        users[person.login] = found[0] if found else _create(api, person, password)
    if all(key["name"] != KEY["name"] for key in api.every("/v1/api-keys?limit=100", "data")):
        api.ask("POST", "/v1/api-keys", 201, KEY)
    return users


def _create(api: Api, person: Person, password: str) -> Any:
    body = {"email": person.email, "name": person.name, "roles": [person.role], "password": password}
    return api.ask("POST", "/users", 201, body)["data"]
