"""Pages about messages: subscriptions of visitors, and the ledger of deliveries for staff."""
