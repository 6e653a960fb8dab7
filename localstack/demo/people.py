"""A user of each role, and an API key for a machine."""

from dataclasses import dataclass
from typing import Any

from localstack.client import Api

DOMAIN = "shopfloor.local"


@dataclass(frozen=True)
class Person:
    """A user of the demo: local part of the email address, name and role."""

    login: str
    name: str
    role: str

    @property
    def email(self) -> str:
        """The email address for the login."""
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
)
KEY = {"name": "Весы упаковки, цех №2", "roles": ["engineer"]}


def make(api: Api, password: str) -> dict[str, Any]:
    """Return the ids of the users by login; create the missing ones with this password."""
    there = {}
    for person in PEOPLE:
        found = api.ask("GET", f"/users?email={person.email}", 200)["data"]
        there[person.login] = found[0] if found else _made(api, person, password)
    if all(key["name"] != KEY["name"] for key in api.every("/v1/api-keys?limit=100", "data")):
        api.ask("POST", "/v1/api-keys", 201, KEY)
    return there


def _made(api: Api, person: Person, password: str) -> Any:
    body = {"email": person.email, "name": person.name, "roles": [person.role], "password": password}
    return api.ask("POST", "/users", 201, body)["data"]
