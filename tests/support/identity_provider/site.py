"""A small site around django-oauth-toolkit: a real OpenID provider, on loopback, for the tests.

Run by `support.identity_provider` with that package's own interpreter; it knows nothing of ours.
Arguments: folder, port.
"""

import os
import sys
from pathlib import Path

import django
from django.conf import settings

FOLDER, PORT = Path(sys.argv[1]), sys.argv[2]
KEY = (FOLDER / "oidc.pem").read_text("ascii")

settings.configure(
    DEBUG=False,
    SECRET_KEY="only for this test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "provider.db")}
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ]
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": KEY,
        "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{PORT}/o",
        "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "who", "profile": "name", "email": "mail"},
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http"],
    },
)
django.setup()

from django.contrib.auth import authenticate, login
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    """Tells name, login and groups, as a company's provider does."""

    oidc_claim_scope = None

    def get_additional_claims(self, request):
        """Return what the ID token says beside `sub`."""
        user = request.user
        return {
            "name": user.get_full_name(),
            "preferred_username": user.username,
            "email": user.email,
            "email_verified": True,
            "groups": [group.name for group in user.groups.all()],
        }


def sign_in(request: HttpRequest) -> HttpResponse:
    """Take name and password from the form, go on to where the person came from."""
    user = authenticate(
        username=request.POST.get("username"), password=request.POST.get("password")
    )
    if user is None:
        return HttpResponse("no", status=403)
    login(request, user)
    return HttpResponseRedirect(request.GET["next"])


urlpatterns = [
    path("login", sign_in),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


def fill(redirect_uri: str) -> None:
    """Create the people and the one client."""
    for username, name, group in (
        ("anna", "Anna Rossi", "centralino"),
        ("luca", "Luca Bianchi", "responsabili"),
        ("ugo", "Ugo Neri", ""),
    ):
        first, last = name.split()
        user = User.objects.create_user(
            username, f"{username}@example.com", "segreta", first_name=first, last_name=last
        )
        if group:
            user.groups.add(Group.objects.get_or_create(name=group)[0])
    Application.objects.create(
        name="Filodiretto",
        client_id="filodiretto",
        client_secret="a secret of the client",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=redirect_uri,
        algorithm="RS256",
        skip_authorization=True,
    )


def serve() -> None:
    """Make the database and serve until the process is ended."""
    os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
    call_command("migrate", verbosity=0)
    fill(sys.argv[3])
    from wsgiref.simple_server import make_server

    from django.core.wsgi import get_wsgi_application

    make_server("127.0.0.1", int(PORT), get_wsgi_application()).serve_forever()


if __name__ == "__main__":
    sys.modules["site_of_the_test"] = sys.modules["__main__"]
    serve()
