"""The Celery application. Its settings and the beat schedule are in `cms.settings.base`."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.development")

TRANSPORT_ALIASES["filesystem"] = "cms.embedded:Transport"

app = Celery("evergreen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
