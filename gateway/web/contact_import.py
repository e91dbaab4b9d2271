"""A file of contacts over REST: put on disk as it comes, then imported or previewed."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.store.import_tally import ImportReport, Note
from gateway.store.importing import Wishes, import_file
from gateway.store.kept_away import away
from gateway.web.answers import answer
from gateway.web.directory_access import WRITE
from gateway.web.italian_import import OF_ROWS
from gateway.web.keys import SERVICES
from gateway.web.problems import INVALID, TOO_LARGE, WRONG_MEDIA_TYPE, Problem
from gateway.web.routes import API, Repeat, Route, Tag, Upload
from gateway.web.shapes.contacts import ImportAnswer, ImportQuery
from gateway.web.uploads import uploaded
from gateway.web.validation import query_of
from gateway.web.wording import ITALIAN_TAG, language_of

TYPES: Final = ("text/csv", "text/vcard", "text/x-vcard", "text/directory")
LIMIT: Final = 4 * 1024**3


async def import_contacts(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/contacts/import`: what was done, row by row where something is odd."""
    services, query = request.app[SERVICES], query_of(request, ImportQuery)
    async with uploaded(request) as path:
        try:
            wishes = Wishes(
                preview=query.preview, away=await away(services.db, services.people.sealer)
            )
            report = await import_file(services.db, path, plan=services.plan, wishes=wishes)
        except UsageError as error:
            raise Problem(INVALID, f"{error.message} {error.remedy}") from error
    if not query.preview:
        services.contacts_changed()
    return answer(report_json(report, _words_of(request)))


def _words_of(request: web.Request) -> Mapping[str, str]:
    """Return what is said of rows in the language of whoever asks; it stands in English."""
    return OF_ROWS if language_of(request) == ITALIAN_TAG else {}


def report_json(report: ImportReport, words: Mapping[str, str]) -> dict[str, object]:
    """Return the public JSON object of a report, its notes in other `words` where there are any."""
    return {
        "preview": report.preview,
        "rows": report.rows,
        "imported": report.imported,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "warnings": report.warned,
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "seconds": round(report.seconds, 2),
        "refusals": [_note_json(note, words) for note in report.refusals],
        "oddities": [_note_json(note, words) for note in report.warnings],
        "differences": [
            {
                "id": one.contact_id,
                "name": one.name,
                "new": one.new,
                "values": [list(value) for value in one.values],
            }
            for one in report.differences
        ],
    }


def _note_json(note: Note, words: Mapping[str, str]) -> dict[str, object]:
    reason, remedy = (words.get(text, text) for text in (note.reason, note.remedy))
    return {"line": note.line, "reason": reason, "remedy": remedy}


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/contacts/import",
        access=WRITE,
        handler=import_contacts,
        tag=Tag.DIRECTORY,
        summary="Import contacts from CSV or vCard",
        detail="The file goes in as the body. With `preview=true` nothing is written and the "
        "answer says what would change. Rows that are refused are named with line, reason and "
        "remedy; the others are imported. The same file again changes nothing.",
        query=ImportQuery,
        upload=Upload(types=TYPES, limit=LIMIT, description="A CSV file or vCards, any encoding."),
        answers={200: ImportAnswer},
        problems=(INVALID, WRONG_MEDIA_TYPE, TOO_LARGE),
        repeat=Repeat.IGNORE,
    ),
)
