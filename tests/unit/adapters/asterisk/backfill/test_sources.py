"""Where rows are read from: what can be opened, what is missing, and what to do about it."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.crm_records import HandClock
from support.recorded import settings
from support.recorded_history import LONG_AGO, history, recalled, rows, table

from adapters.asterisk.backfill.probe import probe_history
from adapters.asterisk.backfill.rows import event_name, extra_of
from gateway.core.errors import ConfigError, FilodirettoError, TransientError
from gateway.core.findings import Finding, Verdict

LINE = (
    '"","+39333","1001","ext","<+39333>","PJSIP/carrier-1","PJSIP/1001-2","Dial","x",'
    '"2026-11-21 22:51:44",,"2026-11-21 22:51:46",2,0,"BUSY","DOCUMENTATION"'
)


async def refused(**changes: str) -> FilodirettoError:
    """Return the error that reading ends with."""
    with pytest.raises(FilodirettoError) as caught:
        await recalled(history(**changes))
    assert caught.value.remedy
    return caught.value


async def test_missing_file_is_a_trouble_that_may_pass(tmp_path: Path) -> None:
    """A share that is not mounted yet; and nothing may create Asterisk's file for it."""
    path = tmp_path / "master.db"
    assert isinstance(await refused(cel=f"sqlite:///{path}"), TransientError)
    assert not path.exists()
    assert isinstance(await refused(cdr=f"csv:{path}"), TransientError)


async def test_missing_table_names_what_to_write(tmp_path: Path) -> None:
    """The database is there, the table has another name."""
    url = table(tmp_path / "m.db", "cdr", rows("asterisk22", "cdr"))
    error = await refused(cel=url)
    assert isinstance(error, ConfigError)
    assert error.where == "pbx.pbx.cel.table"


async def test_table_without_linkedid_cannot_tell_calls(tmp_path: Path) -> None:
    """The sample configuration of the SQLite modules leaves that column out."""
    found = [
        {key: value for key, value in row.items() if key != "linkedid"}
        for row in rows("asterisk22", "cel")
    ]
    error = await refused(cel=table(tmp_path / "m.db", "cel", found))
    assert "linkedid" in error.message


@pytest.mark.parametrize("url", ["oracle://x/y", "not a url", "sqlite://", "csv"])
async def test_address_that_is_none_is_refused(url: str) -> None:
    """What can be written instead is in the remedy."""
    assert isinstance(await refused(cdr=url), ConfigError)


@pytest.mark.parametrize(
    "tail",
    [
        "",
        ',"1795301504.0"',
        ',"note"',
        ',"","1795301504.0",0',
        ',"note","","1795301504.0",0',
    ],
)
async def test_master_csv_without_the_two_options_is_refused(tmp_path: Path, tail: str) -> None:
    """Without them nobody can tell which rows are one call; a userfield is no Uniqueid."""
    path = tmp_path / "Master.csv"
    path.write_text(LINE + tail + "\n", encoding="utf-8")
    error = await refused(cdr=f"csv:{path}")
    assert isinstance(error, ConfigError)
    assert "newcdrcolumns" in error.remedy


@pytest.mark.parametrize("user", ["", ',"user field, quoted"'])
async def test_master_csv_with_them_is_read_up_to_a_line_in_the_making(
    tmp_path: Path, user: str
) -> None:
    """With `loguserfield` there is a column more; the last line may be half written."""
    path = tmp_path / "Master.csv"
    line = LINE + f',"1795301504.0"{user},"","1795301504.0",4\n'
    path.write_text(line + line[:60], encoding="utf-8")
    [found] = await recalled(history(cdr=f"csv:{path}", timezone="UTC"))
    assert found.record.linkedid == "1795301504.0"
    assert found.record.ended_at == datetime(2026, 11, 21, 22, 51, 46, tzinfo=UTC)


async def test_address_may_be_in_a_file(tmp_path: Path) -> None:
    """It holds a password."""
    secret = tmp_path / "url"
    secret.write_text(table(tmp_path / "m.db", "cel", rows("asterisk22", "cel")) + "\n")
    found = await recalled(history(cel={"url_file": secret}))
    assert len(found) > 20
    with pytest.raises(ConfigError):
        await recalled(history(cel={"url_file": tmp_path / "none"}))


async def test_table_in_use_is_read_and_never_locked(tmp_path: Path) -> None:
    """Asterisk goes on writing while we read."""
    path = tmp_path / "m.db"
    url = table(path, "cel", rows("asterisk22", "cel"))
    pages = history(cel=url).since(LONG_AGO)
    async for _page in pages:
        with sqlite3.connect(path, timeout=0) as writer:
            writer.execute("DELETE FROM cel WHERE uniqueid = 'none'")
        writer.close()


async def test_numbers_for_events_are_understood(tmp_path: Path) -> None:
    """A table may hold eventtype as an integer."""
    numbers = {"CHAN_START": "1", "HANGUP": "3", "ANSWER": "4", "BRIDGE_ENTER": "10"}
    assert [event_name(int(one)) for one in numbers.values()] == list(numbers)
    assert [event_name(one) for one in numbers.values()] == list(numbers)
    assert event_name(99) == ""
    found = [{**row, "eventtype": numbers.get(row["eventtype"], row["eventtype"])}
             for row in rows("asterisk22", "cel")]  # fmt: skip
    url = table(tmp_path / "m.db", "cel", found)
    same = table(tmp_path / "n.db", "cel", rows("asterisk22", "cel"))
    assert await recalled(history(cel=url)) == await recalled(history(cel=same))


@pytest.mark.parametrize("text", ["", None, "{", "[1]", '"x"'])
def test_extra_that_is_no_object_says_nothing(text: object) -> None:
    """A column may be cut by its length."""
    assert extra_of(text) == {}


async def findings(at: datetime, **changes: str) -> Sequence[Finding]:
    """Return what `check` says of a history at a moment."""
    tables = {key: {"url": url} for key, url in changes.items() if key in {"cel", "cdr"}}
    told = settings(trunks=("carrier",), timezone=changes.get("timezone", "UTC"), **tables)
    return await probe_history(told, HandClock(at))


RECORDED = datetime(2026, 11, 21, 22, 54, tzinfo=UTC)


async def test_check_tells_the_newest_row_and_no_trouble(tmp_path: Path) -> None:
    """One line for each table."""
    cel = table(tmp_path / "m.db", "cel", rows("asterisk22", "cel"))
    cdr = table(tmp_path / "n.db", "cdr", rows("asterisk22", "cdr"))
    found = await findings(RECORDED, cel=cel, cdr=cdr)
    assert [one.verdict for one in found] == [Verdict.OK, Verdict.OK]
    assert "newest row" in found[0].cause


@pytest.mark.parametrize(
    ("at", "zone", "word"),
    [
        (RECORDED + timedelta(days=30), "UTC", "any more"),
        (RECORDED - timedelta(days=1), "UTC", "future"),
        (RECORDED, "Europe/Rome", "off Europe/Rome"),
    ],
)
async def test_check_warns_of_times_that_cannot_be(
    tmp_path: Path, at: datetime, zone: str, word: str
) -> None:
    """Nobody writes any more, a clock is wrong, the zone is another one."""
    url = table(tmp_path / "n.db", "cdr", rows("asterisk22", "cdr"))
    found = await findings(at, cdr=url, timezone=zone)
    assert any(word in one.cause and one.remedy for one in found if one.verdict is Verdict.WARNING)


async def test_check_warns_of_events_that_cel_does_not_log(tmp_path: Path) -> None:
    """cel.conf decides what can be told; an empty table tells nothing at all."""
    few = [row for row in rows("asterisk22", "cel") if not row["eventtype"].startswith("APP")]
    found = await findings(RECORDED, cel=table(tmp_path / "m.db", "cel", few))
    assert any("applications" in one.cause for one in found)
    none = [row for row in few if not row["eventtype"].startswith("BRIDGE")]
    found = await findings(RECORDED, cel=table(tmp_path / "n.db", "cel", none))
    assert any("bridges" in one.cause for one in found)
    with sqlite3.connect(tmp_path / "n.db") as conn:
        conn.execute("DELETE FROM cel")
    conn.close()
    [empty] = await findings(RECORDED, cel=f"sqlite:///{tmp_path / 'n.db'}")
    assert "no rows" in empty.cause


async def test_check_fails_for_what_cannot_be_read(tmp_path: Path) -> None:
    """With the cause and what to do, and no traceback."""
    [found] = await findings(RECORDED, cel=f"sqlite:///{tmp_path / 'none.db'}")
    assert found.verdict is Verdict.FAILED
    assert found.remedy
