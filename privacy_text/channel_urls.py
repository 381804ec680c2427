"""Addresses of a company's channels and their texts."""

from django.urls import path

from privacy_text.views import channels, keeping, staff_channels, texts

OPT_IN, PASSAGE = {"kind": "opt_in"}, {"kind": "passage"}
urlpatterns = [
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.new, name="channel_new"),
    path("channels/<int:number>/", channels.channel, name="channel"),
    path("channels/<int:number>/settings/", channels.settings, name="channel_settings"),
    path("channels/<int:number>/activate/", channels.activate, name="channel_activate"),
    path("channels/<int:number>/deactivate/", channels.deactivate, name="channel_deactivate"),
    path("channels/<int:number>/remove/", channels.remove, name="channel_remove"),
    path("channels/<int:number>/taken-out/", channels.taken_out, name="channel_taken_out"),
    path("channels/<int:number>/opt-in/texts/", texts.text, OPT_IN, name="channel_opt_in"),
    path("channels/<int:number>/opt-in/texts/template/", texts.use_template, OPT_IN, name="channel_opt_in_template"),
    path("channels/<int:number>/opt-in/texts/preview/", texts.preview, OPT_IN, name="channel_opt_in_preview"),
    path("channels/<int:number>/opt-in/texts/draft/", texts.draft, OPT_IN, name="channel_opt_in_draft"),
    path("channels/<int:number>/opt-in/texts/text.<slug:form>", texts.file, OPT_IN, name="channel_opt_in_file"),
    path("channels/<int:number>/opt-in/update/", keeping.update, OPT_IN, name="channel_opt_in_update"),
    path("channels/<int:number>/privacy-text/", texts.text, PASSAGE, name="channel_passage"),
    path("channels/<int:number>/privacy-text/template/", texts.use_template, PASSAGE, name="channel_passage_template"),
    path("channels/<int:number>/privacy-text/preview/", texts.preview, PASSAGE, name="channel_passage_preview"),
    path("channels/<int:number>/privacy-text/draft/", texts.draft, PASSAGE, name="channel_passage_draft"),
    path("channels/<int:number>/privacy-text/passage.<slug:form>", texts.file, PASSAGE, name="channel_passage_file"),
    path("channels/<int:number>/privacy-text/update/", keeping.update, PASSAGE, name="channel_passage_update"),
    path("channels/<int:number>/privacy-text/place/", keeping.place, name="channel_passage_place"),
    path("channels/<int:number>/privacy-text/check/", keeping.check, name="channel_passage_check"),
    path("channels/<int:number>/history/", keeping.history, name="channel_history"),
    path("channels/<int:number>/history/<int:pk>/", keeping.state, name="channel_state"),
    path("channels/<int:number>/history/<int:pk>/restore/", keeping.restore, name="channel_restore"),
    path("manage/channels/", staff_channels.channels, name="manage_channels"),
]
