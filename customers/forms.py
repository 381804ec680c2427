from allauth.account.forms import SignupForm


class RegistrationForm(SignupForm):
    """A person and a company in one form."""
