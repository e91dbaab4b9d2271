"""Builds the Odoo 14 that the tests run, once, into a cache outside the repository.

What lies in the cache: `root-N`, a Debian bullseye with Odoo 14 and OCA's `crm.phonecall`, and
`cluster-N`, a PostgreSQL data directory whose database `template_odoo` has the modules installed.
A changed recipe gets a new N, so that an old cache is never mistaken for a new one.
"""

import contextlib
import glob
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from support.crm_build import (
    CrmUnavailableError,
    building,
    cache_folder,
    free_port,
    say,
    stopped_afterwards,
    wait_for_port,
)

LAB = "odoo"
CACHE = cache_folder("odoo14")
RECIPE = "1"
TEMPLATE_DB = "template_odoo"
ADMIN = ("admin", "admin")
SALES = ("filodiretto@example.test", "parola-segreta")
WHEELS = ("odoo14-addon-crm-phonecall==14.0.1.1.0", "odoo14-addon-base-phone==14.0.1.0.1")
MODULES = "crm,phone_validation,crm_phonecall,base_phone"
SALES_GROUPS = (
    "base.group_user",
    "sales_team.group_sale_salesman_all_leads",
    "base.group_partner_manager",
)


def root_folder() -> Path:
    """Return the Debian with Odoo in it."""
    return CACHE / f"root-{RECIPE}"


def cluster_folder() -> Path:
    """Return the PostgreSQL data directory with the prepared database."""
    return CACHE / f"cluster-{RECIPE}"


def postgres_program(name: str) -> str:
    """Return the path of a PostgreSQL program; Debian keeps the server's off the PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))  # noqa: PTH207
    path = found[-1] if found else shutil.which(name)
    if path is None:
        raise CrmUnavailableError(f"the program {name} is missing (apt-get install postgresql)")
    return path


def prepare() -> None:
    """Build what the cache lacks; a few milliseconds when it is complete.

    Raises CrmUnavailableError with what to install.
    """
    with building(CACHE):
        postgres_program("postgres")
        if not root_folder().exists():
            _unpack()
        if not cluster_folder().exists():
            _make_template()


def _unpack() -> None:
    began = time.monotonic()
    say(LAB, "unpacking Odoo 14 (200 MB to download, 1.4 GB on disk, one to four minutes)")
    partial = CACHE / "root.partial"
    for attempt in (1, 2, 3):
        shutil.rmtree(partial, ignore_errors=True)
        done = subprocess.run(
            [
                "unshare",  # what it mounts is gone with it, also when it is killed
                "--mount",
                "mmdebstrap",
                "--quiet",
                "--variant=apt",
                '--aptopt=Acquire::Check-Valid-Until "false"',
                # the security archive of a release in its last years lists files it has dropped
                '--setup-hook=sed -i /security/d "$1/etc/apt/sources.list"',
                "--include=odoo-14,python3-phonenumbers,ca-certificates",
                "bullseye",
                str(partial),
            ],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode == 0:
            break
        say(LAB, f"attempt {attempt} failed: {done.stderr.strip()[-300:]}")
    else:
        raise CrmUnavailableError("Odoo 14 could not be unpacked; see the lines above")
    _add_addons(partial / "opt" / "oca")
    partial.rename(root_folder())
    say(LAB, f"unpacked in {time.monotonic() - began:.0f} s")


def _add_addons(target: Path) -> None:
    download = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*download, "-d", folder, *WHEELS], check=True)
        for wheel in sorted(Path(folder).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)


def _make_template() -> None:
    began = time.monotonic()
    say(LAB, "installing Odoo's modules into a template database (about 40 s)")
    with tempfile.TemporaryDirectory(prefix="filodiretto-odoo-") as scratch:
        Path(scratch).chmod(0o755)
        data = Path(scratch) / "cluster"
        init = [postgres_program("initdb"), "-A", "trust", "-U", "odoo", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*_as_postgres(), *init, "--locale=C.UTF-8", "-D", str(_owned(data))],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with running_cluster(data) as port, instance_files(port, TEMPLATE_DB) as config:
            psql(port, "postgres", f"CREATE DATABASE {TEMPLATE_DB} TEMPLATE template0")
            flags = ["-i", MODULES, "--without-demo=all", "--stop-after-init", "--no-http"]
            subprocess.run(odoo_command(config, *flags), check=True)
            with running_odoo(config) as url:
                _add_sales_user(url)
        shutil.copytree(data, CACHE / "cluster.partial", copy_function=shutil.copy2)
    (CACHE / "cluster.partial").rename(cluster_folder())
    say(LAB, f"template ready in {time.monotonic() - began:.0f} s")


def _owned(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    shutil.chown(folder, "postgres", "postgres")
    return folder


def _as_postgres() -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=KILL"]


@contextlib.contextmanager
def running_cluster(data: Path) -> Iterator[int]:
    """Run PostgreSQL on `data` and give its port; safe writes are off, these are tests."""
    port = free_port()
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": 60,
        "logging_collector": "off",
        "log_min_messages": "fatal",
    }
    flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    server = subprocess.Popen(
        [*_as_postgres(), postgres_program("postgres"), "-D", str(data), *flags],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, server)
        yield port
    finally:
        server.send_signal(2)  # SIGINT: fast shutdown
        server.wait(timeout=60)


def psql(port: int, database: str, statement: str) -> None:
    """Run one statement outside a transaction, as CREATE DATABASE needs it."""
    deadline = time.monotonic() + 20
    url = f"postgresql://odoo@127.0.0.1:{port}/{database}"
    while True:
        done = subprocess.run(
            [postgres_program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", url, "-c", statement],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return
        if "starting up" not in done.stderr or time.monotonic() > deadline:
            raise CrmUnavailableError(f"PostgreSQL refused: {done.stderr.strip()}")
        time.sleep(0.05)


@contextlib.contextmanager
def instance_files(postgres_port: int, database: str, **overrides: str) -> Iterator[Path]:
    """Write a configuration inside the Debian and give its path there, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="odoo-", dir=root_folder() / "tmp"))
    shutil.chown(folder, _uid("odoo"), _uid("odoo"))
    settings = {
        "db_host": "127.0.0.1",
        "db_port": str(postgres_port),
        "db_user": "odoo",
        "db_name": database,
        "dbfilter": f"^{database}$",
        "list_db": "False",
        "data_dir": f"/{folder.relative_to(root_folder())}",
        "addons_path": "/usr/lib/python3/dist-packages/odoo/addons,/opt/oca/odoo/addons",
        "http_interface": "127.0.0.1",
        "http_port": str(free_port()),
        "workers": "0",
        "max_cron_threads": "0",
        "log_level": "error",
        **overrides,
    }
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    (folder / "odoo.conf").write_text(f"[options]\n{lines}", encoding="utf-8")
    try:
        yield folder / "odoo.conf"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _uid(name: str) -> int:
    for line in (root_folder() / "etc" / "passwd").read_text(encoding="utf-8").splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return int(fields[2])
    raise CrmUnavailableError(f"the user {name} is missing inside the Debian")


def odoo_command(config: Path, *flags: str) -> list[str]:
    """Return the command that runs Odoo inside its Debian, with a /proc that dies with it."""
    root = root_folder()
    inside = f"/{config.relative_to(root)}"
    start = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
    unprivileged = ["setpriv", "--reuid=odoo", "--regid=odoo", "--init-groups", "--pdeathsig=KILL"]
    odoo = ["env", "HOME=/var/lib/odoo", "odoo", "-c", inside, *flags]
    return ["unshare", "--mount", "sh", "-c", start, str(root), *unprivileged, *odoo]


@contextlib.contextmanager
def running_odoo(config: Path) -> Iterator[str]:
    """Serve Odoo and give its address once it answers."""
    port = int(dict(_options(config))["http_port"])
    server = subprocess.Popen(odoo_command(config))
    with stopped_afterwards(server):
        wait_for_port(port, server)
        yield f"http://127.0.0.1:{port}"


def _options(config: Path) -> Iterator[tuple[str, str]]:
    for line in config.read_text(encoding="utf-8").splitlines()[1:]:
        key, _, value = line.partition(" = ")
        yield key, value


def rpc(url: str, service: str, method: str, arguments: Sequence[object]) -> Any:  # noqa: ANN401
    """Call Odoo's JSON-RPC as the tests' own witness, apart from the connector under test."""
    call: Mapping[str, object] = {
        "jsonrpc": "2.0",
        "method": "call",
        "params": {"service": service, "method": method, "args": list(arguments)},
    }
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/jsonrpc", json.dumps(call).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
        body = json.load(answer)
    if "error" in body:
        raise AssertionError(body["error"]["data"]["debug"])
    return body["result"]


def _add_sales_user(url: str) -> None:
    uid = rpc(url, "common", "authenticate", [TEMPLATE_DB, *ADMIN, {}])

    def ask(model: str, method: str, *arguments: object) -> Any:  # noqa: ANN401
        return rpc(
            url,
            "object",
            "execute_kw",
            [TEMPLATE_DB, uid, ADMIN[1], model, method, list(arguments), {}],
        )

    groups = [ask("ir.model.data", "xmlid_to_res_id", name) for name in SALES_GROUPS]
    ask(
        "res.users",
        "create",
        {
            "name": "Filodiretto",
            "login": SALES[0],
            "password": SALES[1],
            # a time zone of its own: `load` reads dates in the user's zone unless told otherwise
            "tz": "Europe/Rome",
            "groups_id": [[6, 0, groups]],
        },
    )
