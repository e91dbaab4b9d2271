"""Builds the BottleCRM that the tests run, once, into a cache outside the repository.

What lies in the cache: `root-N`, an unpacked Debian with Python and BottleCRM in it, and
`crm-N.dump`, its prepared database with one organisation, one account and that account's token.
A changed recipe gets a new N, so that an old cache is never mistaken for a new one.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from support.crm_build import (
    CrmUnavailableError,
    building,
    cache_folder,
    free_port,
    say,
    stopped_afterwards,
    wait_for_port,
)
from support.postgres import Cluster, running_cluster

LAB = "bottle"
CACHE = cache_folder("bottlecrm")
RECIPE = "1"
PACKAGE = "django-crm==1.35.0"
SUITE = "forky"
DEBS = (
    "base-files,python3,python3-minimal,ca-certificates,media-types,tzdata,libstdc++6,libexpat1,"
    "libffi8,libpango-1.0-0,libpangoft2-1.0-0,libharfbuzz-subset0,libcairo2"
)
TOKEN = "bcrm_pat_" + "filodiretto" * 4
ROLE = "bottle"
DUMP_DATABASE = "template_bottle"
# It lets nobody look for more than 120 people a minute; our tests press 500 calls into it at once.
SERVER = """
from gunicorn.app.wsgiapp import run
import os, sys
os.chdir(sys.argv[1])
open("patient.py", "w").write(
    "from crm.wsgi import application\\n"
    "from common.views.duplicate_views import DuplicateCheckThrottle\\n"
    "DuplicateCheckThrottle.rate = '60000/minute'\\n"
)
sys.path.insert(0, sys.argv[1])
sys.argv = ["gunicorn", "patient", "--bind", sys.argv[2], "--threads", "4", "--log-level", "error",
            "--worker-tmp-dir", sys.argv[1], "--no-control-socket"]
run()
"""
MIGRATE = """
import os, sys
os.chdir(sys.argv[1])
from django.core.management import execute_from_command_line
execute_from_command_line(["django", "migrate", "--verbosity", "0"])
"""
SEED = """
import os, sys
os.chdir(sys.argv[1])
import django
django.setup()
from django.db import connection
from common.models import Org, PersonalAccessToken, Profile, User
org = Org.objects.create(name="Filodiretto", default_country="IT", timezone="Europe/Rome")
with connection.cursor() as cursor:
    cursor.execute("SELECT set_config('app.current_org', %s, false)", [str(org.id)])
user = User.objects.create_user(email="filodiretto@example.test", password="parola-segreta")
profile = Profile.objects.create(
    user=user, org=org, role="ADMIN", is_organization_admin=True, is_active=True
)
PersonalAccessToken.objects.create(
    org=org, profile=profile, name="filodiretto", token_prefix=sys.argv[2][:13],
    token_hash=PersonalAccessToken.hash_token(sys.argv[2]), scopes=[], created_by=user,
)
"""


def root_folder() -> Path:
    """Return the Debian with BottleCRM in it."""
    return CACHE / f"root-{RECIPE}"


def dump_file() -> Path:
    """Return the prepared database."""
    return CACHE / f"crm-{RECIPE}.dump"


def prepare() -> None:
    """Build what the cache lacks; a few milliseconds when it is complete.

    Raises CrmUnavailableError with what to install, or what went wrong.
    """
    with building(CACHE):
        if not root_folder().exists():
            _unpack()
        if not dump_file().exists():
            _make_dump()


def _unpack() -> None:
    began = time.monotonic()
    say(LAB, f"unpacking {PACKAGE} (180 MB to download, 0.4 GB on disk, about a minute)")
    partial = CACHE / "root.partial"
    shutil.rmtree(partial, ignore_errors=True)
    check_valid = '--aptopt=Acquire::Check-Valid-Until "false"'
    _run(
        [
            *("mmdebstrap", "--quiet", check_valid, "--variant=extract"),
            *(f"--include={DEBS}", SUITE, str(partial)),
        ]
    )
    for folder in ("opt", "wheels", "work"):
        (partial / folder).mkdir(exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps"]
    _run([*pip, "-d", str(partial / "wheels"), "pip"])
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(name).exists():  # as this machine reaches its package index
            target = partial / name.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(name, target)
    install(partial, "/opt/bottle", PACKAGE)
    partial.rename(root_folder())
    say(LAB, f"unpacked in {time.monotonic() - began:.0f} s")


def install(root: Path, target: str, *packages: str) -> None:
    """Install packages with the Debian's own Python into a folder inside it."""
    [wheel] = (root / "wheels").glob("pip-*.whl")
    pip = [f"/wheels/{wheel.name}/pip", "install", "-q", "--no-cache-dir", "--no-compile"]
    options = ["--disable-pip-version-check", "--root-user-action=ignore", "--only-binary=:all:"]
    _run(
        [
            *("chroot", str(root), "/usr/bin/python3", *pip, *options),
            *("--target", target, *packages),
        ],
        env={key: value for key, value in os.environ.items() if key != "PIP_FIND_LINKS"},
    )


def _make_dump() -> None:
    began = time.monotonic()
    say(LAB, "making its database (about two minutes)")
    with running_cluster() as cluster, work_folder() as work:
        new_database(cluster, DUMP_DATABASE)
        _run(command(MIGRATE, work), env=environment(cluster, DUMP_DATABASE))
        _run(command(SEED, work, TOKEN), env=environment(cluster, DUMP_DATABASE))
        partial = dump_file().with_suffix(".partial")
        dump = [str(cluster.programs / "pg_dump"), "-Fc", "-f", str(partial)]
        _run([*dump, cluster.url(DUMP_DATABASE)])
        partial.rename(dump_file())
    say(LAB, f"database ready in {time.monotonic() - began:.0f} s")


def new_database(cluster: Cluster, name: str) -> None:
    """Make an empty database; its owner is no superuser, so that row security holds."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        cluster.sql(f"ALTER SYSTEM SET {setting} = off")
    cluster.sql("SELECT pg_reload_conf()")
    if ROLE not in cluster.sql("SELECT rolname FROM pg_roles").split():
        cluster.sql(f"CREATE ROLE {ROLE} LOGIN")
    cluster.sql(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0")


def restore(cluster: Cluster, name: str) -> None:
    """Make a database with the prepared content."""
    new_database(cluster, name)
    _run([str(cluster.programs / "pg_restore"), "-d", cluster.url(name), str(dump_file())])


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Give a folder inside the Debian for what BottleCRM writes beside its database."""
    folder = Path(tempfile.mkdtemp(prefix="bottle-", dir=root_folder() / "work"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(cluster: Cluster, database: str) -> dict[str, str]:
    """Return what BottleCRM reads: its database, and that nothing runs beside it."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": "/opt/bottle",
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DBNAME": database,
        "DBUSER": ROLE,
        "DBHOST": "127.0.0.1",
        "DBPORT": str(cluster.port),
        "CELERY_TASK_ALWAYS_EAGER": "True",
        "CELERY_BROKER_URL": "memory://",
        "CELERY_RESULT_BACKEND": "cache+memory://",
    }


def command(program: str, work: Path, *arguments: str) -> list[str]:
    """Return the command that runs a program inside the Debian and dies with its parent."""
    root = root_folder()
    mount = 'mount -t proc proc "$0/proc" && mount -o bind /dev "$0/dev" && exec "$@"'
    inside = f"/{work.relative_to(root)}"
    python = ["chroot", str(root), "/usr/bin/python3", "-c", program, inside, *arguments]
    start = ["unshare", "--mount", "sh", "-c", mount, str(root)]
    return [*start, "setpriv", "--pdeathsig=KILL", *python]


@contextlib.contextmanager
def running_bottle(cluster: Cluster, database: str) -> Iterator[str]:
    """Serve BottleCRM and give its address once it answers."""
    port = free_port()
    with work_folder() as work:
        server = subprocess.Popen(
            command(SERVER, work, f"127.0.0.1:{port}"), env=environment(cluster, database)
        )
        with stopped_afterwards(server):
            wait_for_port(port, server)
            yield f"http://127.0.0.1:{port}"


def _run(arguments: list[str], env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(arguments, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CrmUnavailableError(f"{arguments[0]} failed ({done.returncode}):\n{tail}")
