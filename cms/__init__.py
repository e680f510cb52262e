"""Wiring: settings, addresses, the Celery application, the admin site."""

from cms.celery import app as celery_app

__all__ = ["celery_app"]
