"""The application: `uvicorn bench.peer.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from uuid import UUID

from fastapi import BackgroundTasks, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse

from bench.peer import batches, exports, models, schemas
from bench.peer.database import Session, engine


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables that are missing; close the pool at the end."""
    async with engine.begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(title="Production control", lifespan=lifespan)


@app.exception_handler(RequestValidationError)
async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    """422 in the shape of the contract."""
    errors = [{"loc": list(one["loc"]), "msg": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": "Ошибка валидации запроса", "errors": errors}, 422)


@app.get("/api/healthcheck/service")
async def healthcheck() -> dict[str, str]:
    """Whether the service answers."""
    return {"status": "ok"}


@app.post("/api/work_centers", status_code=201, response_model=schemas.WorkCenter)
async def create_work_center(session: Session, body: schemas.WorkCenterCreate) -> models.WorkCenter:
    """Create a work centre."""
    center = models.WorkCenter(**body.model_dump())
    session.add(center)
    await batches.commit(session)
    return center


@app.get("/api/work_centers/{work_center_id}", response_model=schemas.WorkCenter)
async def get_work_center(session: Session, work_center_id: UUID) -> models.WorkCenter:
    """One work centre."""
    center = await session.get(models.WorkCenter, work_center_id)
    if center is None:
        raise HTTPException(404, "Рабочий центр не найден")
    return center


@app.post("/api/batches", status_code=201, response_model=schemas.Batch)
async def create_batch(session: Session, body: schemas.BatchCreate) -> models.Batch:
    """Create a batch."""
    return await batches.create(session, body)


@app.get("/api/batches", response_model=schemas.BatchPage)
async def list_batches(session: Session, query: Annotated[schemas.BatchQuery, Query()]) -> dict[str, object]:
    """A page of batches."""
    items, total = await batches.page(session, query)
    return {"items": items, "total": total, "limit": query.limit, "offset": query.offset}


@app.get("/api/batches/{batch_id}", response_model=schemas.Batch)
async def get_batch(session: Session, batch_id: UUID) -> models.Batch:
    """One batch with its products."""
    return await batches.get(session, batch_id)


@app.post("/api/batches/{batch_id}/products", response_model=schemas.Batch)
async def add_product(session: Session, batch_id: UUID, body: schemas.ProductAdd) -> models.Batch:
    """Add a product to a batch."""
    return await batches.add_product(session, batch_id, body.unique_code)


@app.patch("/api/batches/{batch_id}/aggregate", status_code=202, response_model=schemas.Batch)
async def aggregate_batch(session: Session, batch_id: UUID, body: schemas.Aggregation) -> models.Batch:
    """Aggregate the products of a batch."""
    return await batches.aggregate(session, batch_id, body.aggregated_at)


@app.post("/api/batches/export", status_code=202)
async def export_batches(
    session: Session, background: BackgroundTasks, format: Literal["xlsx", "csv"], filters: schemas.BatchFilters
) -> schemas.Accepted:
    """Start an export."""
    task = models.BackgroundTask()
    session.add(task)
    await session.commit()
    background.add_task(exports.run, task.uuid, format, filters)
    return schemas.Accepted(task_id=task.uuid, status=task.status, message="Export task started")


@app.get("/api/background_tasks/{task_id}")
async def get_task(session: Session, task_id: UUID) -> schemas.TaskState:
    """How far an export is."""
    task = await session.get(models.BackgroundTask, task_id)
    if task is None:
        raise HTTPException(404, "Задача не найдена")
    return schemas.TaskState(task_id=task.uuid, status=task.status, result=task.result)


@app.get("/api/reports/{file_id}")
async def download(file_id: UUID) -> FileResponse:
    """The file of an export."""
    path = exports.file_of(file_id)
    if path is None:
        raise HTTPException(404, "Файл не найден")
    return FileResponse(path, filename=f"Партии{path.suffix}")
