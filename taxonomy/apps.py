"""The taxonomy app."""

from django.apps import AppConfig


class TaxonomyConfig(AppConfig):
    """The vocabularies: tags, organisations, people, products and the others."""

    name = "taxonomy"
    default_auto_field = "django.db.models.BigAutoField"
