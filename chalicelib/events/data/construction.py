"""The data of events of sites and defects."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class SiteData(EventData):
    """`site.deleted`"""

    site_id: UUID
    code: str


class SiteChanged(SiteData):
    """`site.created`, `site.updated`: the site after the change, and the names of the changed fields."""

    status: str
    customer_id: UUID | None
    changed: list[str]


class DefectData(EventData):
    """`defect.deleted`, and the fields that all events of a defect have."""

    defect_id: UUID
    defect_number: int
    site_id: UUID


class DefectCreated(DefectData):
    """`defect.created`"""

    title: str
    severity: str
    reporter_id: UUID
    due_date: str | None


class DefectUpdated(DefectData):
    """`defect.updated`: the names of the changed fields."""

    changed: list[str]
    changed_by: UUID


class DefectAssigned(DefectData):
    """`defect.assigned`"""

    assignee_id: UUID
    assigned_by: UUID
    due_date: str | None


class DefectStatusChanged(DefectData):
    """`defect.status_changed`"""

    old_status: str
    new_status: str
    changed_by: UUID
    comment: str | None


class DefectOverdue(DefectData):
    """`defect.overdue`: its due date has passed; once for each due date."""

    due_date: str
    status: str
    assignee_id: UUID | None


class DefectCommented(DefectData):
    """`defect.commented`: the comment with that number."""

    comment_number: int
    author_id: UUID
    text: str


class DefectAttachment(DefectData):
    """`defect.attachment_added`, `defect.attachment_removed`"""

    attachment_id: UUID
    file_name: str
