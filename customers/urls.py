"""Addresses of a company's own pages, below each language."""

from django.urls import path

from customers.views import account, company, invitation, people, tokens

urlpatterns = [
    path("account/", account.account, name="account"),
    path("account/profile/", account.profile, name="account_profile"),
    path("account/security/", account.security, name="account_security"),
    path("account/switch/", account.switch, name="account_switch"),
    path("account/company/", company.company, name="account_company"),
    path("account/people/", people.people, name="account_people"),
    path("account/people/invite/", people.invite_person, name="account_people_invite"),
    path("account/people/<int:number>/", people.person, name="account_person"),
    path("account/people/<int:number>/remove/", people.remove, name="account_person_remove"),
    path("account/people/invitations/<int:number>/resend/", people.resend, name="account_invitation_resend"),
    path("account/people/invitations/<int:number>/withdraw/", people.withdraw, name="account_invitation_withdraw"),
    path("account/tokens/", tokens.tokens, name="account_tokens"),
    path("account/tokens/new/", tokens.new_token, name="account_token_new"),
    path("account/tokens/<int:number>/revoke/", tokens.revoke, name="account_token_revoke"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
]
