"""Addresses of subscriptions to updates, and of the ledger of deliveries."""

from django.urls import path

from notifications.views import public, staff

urlpatterns = [
    path("updates/subscribe/", public.subscribe, name="updates_subscribe"),
    path("subprocessors/subscribe/", public.subscribe, name="subprocessors_subscribe"),
    path("updates/subscribe/sent/", public.asked, name="updates_asked"),
    path("updates/subscriptions/confirm/<str:token>/", public.confirm, name="updates_confirm"),
    path("updates/subscriptions/<str:token>/", public.subscription, name="updates_subscription"),
    path("updates/subscriptions/<str:token>/end/", public.unsubscribe, name="updates_unsubscribe"),
    path("manage/deliveries/", staff.deliveries, name="manage_deliveries"),
    path("manage/deliveries/deliveries.csv", staff.deliveries_csv, name="manage_deliveries_csv"),
    path("manage/deliveries/<uuid:number>/again/", staff.send_again, name="manage_delivery_again"),
]
