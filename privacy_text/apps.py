from django.apps import AppConfig


class PrivacyTextConfig(AppConfig):
    name = "privacy_text"
