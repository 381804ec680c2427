"""Addresses of the desk's pages about subscriptions."""

from django.urls import path

from subscriptions import views

urlpatterns = [
    path("account/subscriptions/", views.of_account, name="account_subscriptions"),
    path("desk/subscriptions/", views.look_up, name="desk_subscriptions"),
    path("desk/subscriptions/<int:number>/cancel/", views.cancel, name="desk_subscription_cancel"),
]
