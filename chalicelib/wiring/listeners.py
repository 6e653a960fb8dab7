"""The listeners of each event."""

from collections.abc import Callable
from typing import Any

from chalicelib.defects import follow_up
from chalicelib.orders import deletion as user_deletion
from chalicelib.products import service as products
from chalicelib.reports import email as report_email
from chalicelib.reports.batch_report import email as batch_report_email
from chalicelib.users import links
from chalicelib.webhooks import notices

Listener = Callable[[dict[str, Any]], Any]

LISTENERS: dict[str, list[Listener]] = {
    "batch.deleted": [lambda data: products.purge(data["batch_id"])],
    "webhook.disabled": [notices.disabled],
    "batch.report_mail_requested": [batch_report_email.send],
    "report.mail_requested": [report_email.send],
    "user.invited": [lambda data: links.send(data, links.INVITATION)],
    "user.password_forgotten": [lambda data: links.send(data, links.RESET)],
    "user.deleted": [lambda data: user_deletion.follow_deletion(data["id"])],
    "defect.deleted": [follow_up.purge],
    "defect.attachment_removed": [follow_up.remove_file],
    "site.updated": [follow_up.follow_customer],
}
"""Event -> the functions that are called with its data. A listener may be called twice for one event."""
