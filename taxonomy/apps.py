"""The taxonomy app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TaxonomyConfig(AppConfig):
    """The vocabularies: tags, organisations, people, products and the others."""

    name = "taxonomy"
    verbose_name = _("vocabularies")
    default_auto_field = "django.db.models.BigAutoField"
