"""Who may read the directory and who may change it."""

from typing import Final

from gateway.web.access import CONTACTS_READ, Access

READ: Final = Access(scope=CONTACTS_READ)
WRITE: Final = Access(scope="contacts:write")
