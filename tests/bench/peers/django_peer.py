"""The query page for Django and gunicorn: the same two statements, the same bytes.
page.html and sql.py are made by the benchmark."""
import base64
import datetime
import hashlib
import hmac
import secrets
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse, HttpResponseForbidden
from django.template import loader
from django.urls import path

import sql

settings.configure(
    DEBUG=False, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=secrets.token_hex(32),
    USE_TZ=False,
    DATABASES={"default": {
        "ENGINE": "django.db.backends.mysql", "NAME": sql.SCHEMA, "USER": "root",
        "CONN_MAX_AGE": None, "OPTIONS": {"unix_socket": sql.SOCKET, "charset": "utf8mb4"}}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [str(Path(__file__).parent)], "OPTIONS": {"loaders": [
                    ("django.template.loaders.cached.Loader",
                     ["django.template.loaders.filesystem.Loader"])]}}])


IDLE = datetime.timedelta(minutes=30)


def page(request):
    try:
        secret = base64.urlsafe_b64decode(request.COOKIES.get("__Host-ecert", "").split(".")[0] + "=")
    except ValueError:
        return HttpResponseForbidden()
    with connection.cursor() as cursor:
        cursor.execute(sql.SESSION, [hashlib.sha256(secret).digest()])
        session = cursor.fetchone()
        now = datetime.datetime.utcnow()
        if session is None or session[4] <= now or session[3] <= now - IDLE:
            return HttpResponseForbidden()
        cursor.execute(sql.LIST, [session[1], 2**63 - 1, 21])
        rows = cursor.fetchall()[:20]
    mask = secrets.token_bytes(32)
    mac = hmac.digest(secret, b"csrf", "sha256")
    token = mask + bytes(a ^ b for a, b in zip(mask, mac))
    body = loader.get_template("page.html").render({
        "session": session, "rows": rows, "next": f"after={rows[-1][0]}",
        "csrf": base64.urlsafe_b64encode(token).rstrip(b"=").decode()})
    response = HttpResponse(body)
    for name, value in sql.HEADERS:
        response[name] = value
    return response


urlpatterns = [path("certificates/", page)]
application = get_wsgi_application()
