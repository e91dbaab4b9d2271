"""Lets a lab's telephone system keep its history: CDR and CEL rows, by Asterisk's own modules."""

from dataclasses import dataclass
from pathlib import Path

from support.asterisk_lab.configuration import append

# What config/asterisk recommends: with these applications CEL tells a call in full.
CEL_CONF = """
[general]
enable = yes
apps = dial,queue,voicemail,background,waitexten,read,park
events = ALL
"""
CDR_CONF = "[general]\nenable = yes\nunanswered = yes\n"
CEL_COLUMNS = {
    "eventtype": "${eventtype}",
    "eventtime": "${eventtime}",
    "cid_name": "${CALLERID(name)}",
    "cid_num": "${CALLERID(num)}",
    "exten": "${CHANNEL(exten)}",
    "context": "${CHANNEL(context)}",
    "channame": "${CHANNEL(channame)}",
    "appname": "${CHANNEL(appname)}",
    "appdata": "${CHANNEL(appdata)}",
    "uniqueid": "${CHANNEL(uniqueid)}",
    "linkedid": "${CHANNEL(linkedid)}",
    "peer": "${BRIDGEPEER}",
    "userdeftype": "${userdeftype}",
    "extra": "${eventextra}",
}
CDR_COLUMNS = {
    "calldate": "start",
    **{
        name: name
        for name in (
            "answer", "end", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp",
            "lastdata", "duration", "billsec", "disposition", "uniqueid", "linkedid", "sequence",
        )
    },
}  # fmt: skip
POSTGRES_TABLES = """
CREATE TABLE cel (id serial PRIMARY KEY, eventtype varchar(30), eventtime timestamp,
 userdeftype varchar(255), cid_name varchar(80), cid_num varchar(80), cid_ani varchar(80),
 cid_rdnis varchar(80), cid_dnid varchar(80), exten varchar(80), context varchar(80),
 channame varchar(80), appname varchar(80), appdata varchar(512), amaflags int,
 accountcode varchar(20), peeraccount varchar(20), uniqueid varchar(150), linkedid varchar(150),
 userfield varchar(255), peer varchar(80), extra text);
CREATE TABLE cdr (calldate timestamp, "end" timestamp, answer timestamp, clid varchar(80),
 src varchar(80), dst varchar(80), dcontext varchar(80), channel varchar(80),
 dstchannel varchar(80), lastapp varchar(80), lastdata varchar(512), duration int, billsec int,
 disposition varchar(45), amaflags int, accountcode varchar(20), peeraccount varchar(20),
 uniqueid varchar(150), linkedid varchar(150), sequence int, userfield varchar(255));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A PostgreSQL server on loopback whose database holds POSTGRES_TABLES."""

    port: int
    database: str


def keep_history(home: Path, modules_dir: Path, *, postgres: Postgres | None) -> None:
    """Add the modules that write rows to an Asterisk configured in `home`, not started yet.

    With SQLite both tables are in log/master.db; log/cdr-csv/Master.csv is always kept.
    """
    conf = home / "etc"
    (conf / "cel.conf").write_text(CEL_CONF, encoding="utf-8")
    (conf / "cdr.conf").write_text(
        CDR_CONF + "[csv]\nloguniqueid = yes\nnewcdrcolumns = yes\n", encoding="utf-8"
    )
    (home / "log/cdr-csv").mkdir(exist_ok=True)
    modules = ["cdr_csv.so"]
    if postgres is None:
        if (modules_dir / "res_cdrel_custom.so").exists():  # newer versions share this part
            modules.append("res_cdrel_custom.so")
        modules += ["cel_sqlite3_custom.so", "cdr_sqlite3_custom.so"]
        for kind, columns in (("cel", CEL_COLUMNS), ("cdr", _cdr_values())):
            (conf / f"{kind}_sqlite3_custom.conf").write_text(
                f"[master]\ntable = {kind}\nbusy_timeout = 5000\n"
                f"columns = {', '.join(columns)}\n"
                f"values = {','.join(repr(value) for value in columns.values())}\n",
                encoding="utf-8",
            )
    else:
        modules += ["cel_pgsql.so", "cdr_pgsql.so"]
        for kind in ("cel", "cdr"):
            (conf / f"{kind}_pgsql.conf").write_text(
                f"[global]\nhostname = 127.0.0.1\nport = {postgres.port}\n"
                f"dbname = {postgres.database}\nuser = postgres\npassword = none\n"
                f"table = {kind}\n",
                encoding="utf-8",
            )
    append(home, "modules.conf", "".join(f"load = {name}\n" for name in modules))


def _cdr_values() -> dict[str, str]:
    return {column: f"${{CDR({name})}}" for column, name in CDR_COLUMNS.items()}
