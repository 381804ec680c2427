"""User, Customer, Membership and Channel; registration, login and the customer of a request."""
