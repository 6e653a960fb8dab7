"""A small app with an endpoint of each kind, for the tests of the edge."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator, model_validator

from chalicelib.core.answers import json_bytes
from chalicelib.core.application import App
from chalicelib.core.errors import Conflict, NotFound, RateLimited
from chalicelib.core.http import (
    LONG_TASKS,
    PRODUCTION,
    REPORTS,
    USERS,
    Actor,
    Endpoint,
    Raw,
    Redirect,
    Request,
    Routes,
)

REGISTRY: list[Endpoint] = []
CALLS: list[Any] = []
production = Routes(PRODUCTION, REGISTRY)
reports = Routes(REPORTS, REGISTRY)
users = Routes(USERS, REGISTRY)
long_tasks = Routes(LONG_TASKS, REGISTRY)


class Shift(StrEnum):
    day = "day"
    night = "night"


class Thing(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    number: Annotated[int, Field(gt=0, strict=True)]
    shift: Shift = Shift.day
    price: Annotated[Decimal | None, Field(max_digits=6, decimal_places=2)] = None
    tags: Annotated[list[str], Field(max_length=3)] = []
    start: datetime | None = None
    end: datetime | None = None
    anything: Any = None

    @field_validator("name")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("не может быть пустым")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "Thing":
        if self.start and self.end and self.end <= self.start:
            raise ValueError("end должен быть позже start")
        return self


class Change(BaseModel):
    name: str | None = None


class Query(BaseModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 25
    tag: list[str] = []
    is_closed: bool | None = None


class Shown(BaseModel):
    uuid: UUID
    created_at: datetime
    name: str
    by: int


@production.post("/api/things", status=201)
def create(actor: Actor, body: Thing) -> Shown:
    """Создать вещь."""
    CALLS.append(body)
    if body.name == "taken":
        raise Conflict("Уже есть")
    if body.name == "broken":
        raise RuntimeError("secret detail")
    return Shown(uuid=UUID(int=len(CALLS)), created_at=datetime(2025, 1, 15, 10, 30, tzinfo=UTC), name=body.name, by=1)


@production.get("/api/things")
def list_all(query: Query) -> dict[str, Any]:
    return query.model_dump()


@production.get("/api/things/{thing_id}")
def get_one(actor: Actor, thing_id: UUID) -> dict[str, Any]:
    if thing_id.int == 0:
        raise NotFound("Вещь не найдена")
    return {"id": thing_id, "actor": actor.uuid, "roles": actor.roles}


@production.patch("/api/things/{thing_id}")
def change(thing_id: UUID, body: Change) -> Change:
    return body


@production.delete("/api/things/{thing_id}", status=204)
def remove(thing_id: UUID) -> None:
    CALLS.append(thing_id)


@production.post("/api/things/{thing_id}/close")
def close(thing_id: UUID) -> dict[str, Any]:
    CALLS.append(thing_id)
    return {"closed": True}


@production.get("/api/open", public=True)
def open_to_all(actor: Actor) -> dict[str, Any]:
    return {"user": actor.user_id}


@reports.post("/api/v1/reports/", status=202)
def make_report(body: Thing) -> Raw:
    CALLS.append(body)
    made = json_bytes({"n": len(CALLS), "name": body.name, "anything": body.anything})
    return Raw(made, "application/json", 202, {"Location": "/x\r\nEvil: 1"})


@reports.get("/api/v1/reports/{report_id}")
def get_report(report_id: int) -> dict[str, int]:
    return {"id": report_id}


@reports.get("/api/v1/reports/{report_id}/download")
def download(report_id: int) -> Redirect:
    return Redirect("https://bucket.example/отчет.pdf?X-Sig=a%2Fb")


@reports.get("/api/v1/reports/{report_id}/file")
def file(report_id: int) -> Raw:
    return Raw(b"%PDF-\xff", "application/pdf", headers={"Content-Disposition": "inline"})


@reports.post("/api/v1/reports/upload", raw=True)
def upload(request: Request) -> dict[str, Any]:
    return {"size": len(request.body()), "type": request.header("Content-Type")}


@users.get("/users/{user_id}")
def get_user(user_id: UUID) -> dict[str, Any]:
    raise RateLimited(headers={"Retry-After": "7"})


@users.post("/users")
def create_user(body: Thing) -> dict[str, Any]:
    return {"success": True}


@long_tasks.post("/task/{userId}")
def create_task(userId: int) -> dict[str, Any]:  # noqa: N803
    return {"user": userId}


@long_tasks.get("/task/{id}")
def get_task(id: int) -> dict[str, Any]:
    return {"task": id}


APP = App("sample")
for routes in (production, reports, users, long_tasks):
    APP.register(routes)
