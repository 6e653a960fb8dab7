"""Pages for browsers and their files, from the package. Names are relative to the page.

So a page works behind a stage prefix and under any domain. Files are stored compressed (`name.gz`, and `name.br` where
it is much smaller); a new version of a file has a new name.
"""

from collections.abc import Mapping
from pathlib import Path

from chalicelib.core.accept import accepts_encoding
from chalicelib.core.answers import Raw
from chalicelib.core.errors import NotFound
from chalicelib.core.request import Request
from chalicelib.core.settings import Settings

HTML = "text/html; charset=utf-8"
FOREVER = "public, max-age=31536000, immutable"
TYPES: Mapping[str, str] = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
}


def page(request: Request, html: str, headers: Mapping[str, str]) -> Raw:
    """Return an HTML page. A path with a slash at its end is redirected, since the names of files are relative to the
    path.
    """
    if request.path.endswith("/"):
        return Raw("", HTML, 308, {"Location": f"../{request.path.split('/')[-2]}"})
    return Raw(html, HTML, headers=headers)


def stored_file(request: Request, folder: Path, name: str, cache: str = FOREVER) -> Raw:
    """Return a file in an encoding that the client accepts; NotFound for an unknown name."""
    kind = TYPES.get(Path(name).suffix)
    present = {path.name: path for path in folder.glob("*")} if kind else {}
    accepted = request.header("accept-encoding")
    headers = {"Cache-Control": cache}
    if f"{name}.br" in present and accepts_encoding(accepted, "br"):
        return Raw(present[f"{name}.br"].read_bytes(), str(kind), headers={**headers, "Content-Encoding": "br"})
    if f"{name}.gz" in present:  # the edge unpacks it for a client that does not accept gzip
        return Raw(present[f"{name}.gz"].read_bytes(), str(kind), headers={**headers, "Content-Encoding": "gzip"})
    if name not in present:
        raise NotFound
    return Raw(present[name].read_bytes(), str(kind), headers=headers)


def file_origin(stage: Settings) -> str:
    """Return the origin of presigned addresses of the files bucket, as botocore makes them with the settings in
    core/aws.py.

    It is made here because botocore's client costs more than the rest of the answer.
    """
    if stage.aws_endpoint_url:
        return stage.aws_endpoint_url.rstrip("/")
    region = "" if stage.aws_region == "us-east-1" else f".{stage.aws_region}"
    suffix = "amazonaws.com.cn" if stage.aws_region.startswith("cn-") else "amazonaws.com"
    return f"https://{stage.files_bucket}.s3{region}.{suffix}"
