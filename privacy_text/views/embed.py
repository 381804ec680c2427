"""The passage for other sites: public, without cookies, for every origin, asked again by its ETag."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods

from privacy_text import embedding

KEPT_FOR = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
FOR_EVERY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@require_http_methods(["GET", "HEAD", "OPTIONS"])
@login_not_required
def embed(request: HttpRequest, public_id: uuid.UUID, form: str) -> HttpResponse:
    """Answer with the last complete passage, 304 where the reader has it, or 404 in words for whoever looks at the code."""
    if request.method == "OPTIONS":
        return with_headers(
            HttpResponse(headers={"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "If-None-Match"})
        )
    try:
        found = embedding.embedded(public_id=public_id, form=form, language=request.GET.get("language", ""))
    except (embedding.NothingToEmbed, KeyError) as missing:
        questions = getattr(missing, "questions", ())
        lines = ["No complete text under this address.", *(f"Open: {question}" for question in questions)]
        answer = HttpResponse("\n".join(lines) + "\n", status=404, content_type="text/plain; charset=utf-8")
        answer.headers["Cache-Control"] = "public, max-age=60"
        return with_headers(answer)
    unchanged = get_conditional_response(request, etag=found.etag)
    page = unchanged if isinstance(unchanged, HttpResponse) else HttpResponse(found.content, content_type=found.content_type)
    page.headers["ETag"], page.headers["Cache-Control"] = found.etag, KEPT_FOR
    return with_headers(page)


def with_headers(answer: HttpResponse) -> HttpResponse:
    for name, value in FOR_EVERY_ORIGIN.items():
        answer.headers[name] = value
    return answer
